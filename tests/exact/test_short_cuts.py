"""Two short cuts to a tilted law, reweighted draws and added scores, and what each costs."""

import math

import pytest
from affine_flow import by_ode, by_sde
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.exact.tilted import added_scores_ode_std, added_scores_std, kept_share
from diffusionbook.paths.gaussian import Cosine, Linear
from diffusionbook.prediction import Prediction
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.affine import push_forward
from diffusionbook.samplers.ancestral import DDIM
from exact import f64


@pytest.mark.equation("eq-kept-share")
@pytest.mark.parametrize(("std", "b"), [(1.0, 1.5), (0.5, -2.0), (2.0, 0.3)])
def test_what_reweighting_keeps_by_quadrature(std: float, b: float) -> None:
    def moment(k: int) -> float:
        def integrand(z: float) -> float:
            return math.exp(k * b * std * z - z**2 / 2) / math.sqrt(2 * math.pi)

        return quad(integrand, -20, 20, epsabs=1e-14, epsrel=1e-13, limit=400)[0]

    assert kept_share(std, b) == pytest.approx(moment(1) ** 2 / moment(2), rel=1e-10)


@pytest.mark.equation("eq-kept-share")
def test_what_reweighting_keeps_of_draws() -> None:
    """Five standard errors of the ratio, from 50 batches of 20,000."""
    w = (0.8 * randn((50, 20_000), seeded(3))).exp()
    shares = w.mean(1) ** 2 / w.square().mean(1)
    error = float(shares.std() / math.sqrt(50))
    assert abs(float(shares.mean()) - kept_share(0.5, 1.6)) < 5 * error < 0.01


@pytest.mark.equation("eq-kept-share")
@given(st.floats(0.01, 10.0), st.floats(-5.0, 5.0), st.integers(1, 9))
def test_k_steps_keep_more_than_one_jump(std: float, b: float, k: int) -> None:
    assert kept_share(std, b / k) ** (k * k) == pytest.approx(kept_share(std, b), abs=1e-12)
    assert kept_share(std, 0.0) == 1.0
    assert kept_share(1e200, 1e200) == 0.0


class Added:
    """A denoiser whose score is k times another's."""

    def __init__(self, model, k: int) -> None:
        self.model, self.k, self.path = model, k, model.path

    def __call__(self, x_t, t, y=None) -> Prediction:
        plain = self.model(x_t, t, y)
        return Prediction(self.k * plain.eps, "eps", x_t, t, self.path)


def added(path, std: float, k: int) -> Added:
    return Added(AnalyticDenoiser(GaussianMixture.normal(f64([0.0]), std**2), path), k)


counts = pytest.mark.parametrize(("std", "k"), [(1.0, 2), (0.7, 2), (1.3, 3), (0.8, 1)])


@pytest.mark.equation("eq-added-scores")
@pytest.mark.parametrize("path", [Linear(), Cosine()], ids=str)
@counts
def test_the_variance_of_added_scores_by_the_reverse_sde(
    path, std, k, without_shape_checks
) -> None:
    found = by_sde(added(path, std, k))
    assert found.cov.item() == pytest.approx(added_scores_std(std, k) ** 2, abs=1e-5)


@pytest.mark.equation("eq-added-scores")
def test_ancestral_sampling_with_added_scores_arrives_there(without_shape_checks) -> None:
    """First order in the step; what is left without it is of second order, and small."""
    off, path = [], Cosine()
    for n in (50, 100):
        grid = grids.uniform_log_snr(n, path)
        law = push_forward(DDIM(1.0), added(path, 1.0, 2), grid, f64([0.0]), 1.0)
        off.append(float(law.cov) - added_scores_std(1.0, 2) ** 2)
    assert off[0] / off[1] == pytest.approx(2, abs=0.3)
    assert abs(2 * off[1] - off[0]) < 0.02


@pytest.mark.equation("eq-added-scores")
@pytest.mark.parametrize("path", [Linear(), Cosine()], ids=str)
@counts
def test_the_spread_of_added_scores_by_the_ode(path, std, k, without_shape_checks) -> None:
    """From noise of std sigma, at the level T where the sampler starts."""
    level = 3.0
    found = by_ode(added(path, std, k), start=math.log(level))
    expected = added_scores_ode_std(std, k, level)
    assert math.sqrt(found.cov.item()) == pytest.approx(expected, rel=1e-5)


@pytest.mark.equation("eq-added-scores")
def test_from_pure_noise_the_ode_collapses_to_a_point() -> None:
    assert added_scores_ode_std(0.7, 2) == added_scores_ode_std(0.7, 9) == 0.0
    assert added_scores_ode_std(0.7, 1) == 0.7
    for k in (2, 3):
        near, far = (added_scores_ode_std(0.7, k, level) for level in (1e4, 1e5))
        assert near / far == pytest.approx(10 ** (k - 1), rel=1e-6)


@pytest.mark.equation("eq-added-scores")
@given(st.floats(0.1, 5.0), st.integers(1, 50))
def test_added_scores_are_too_narrow_and_one_alone_is_right(std: float, k: int) -> None:
    assert added_scores_std(std, 1) == added_scores_ode_std(std, 1) == std
    assert (added_scores_std(std, k) < std / math.sqrt(k)) == (k > 1)
    assert added_scores_std(std, k) ** 2 == pytest.approx(std**2 / (2 * k - 1), rel=1e-12)


def test_what_cannot_be_meant_is_refused(without_shape_checks) -> None:
    with pytest.raises(ValueError, match="k must be at least 1; it is 0"):
        added_scores_std(1.0, 0)
    with pytest.raises(ValueError, match="k must be a whole number; it is 1.5"):
        added_scores_ode_std(1.0, 1.5)
    with pytest.raises(ValueError, match="level must be positive, or infinite .*; it is nan"):
        added_scores_ode_std(1.0, 2, math.nan)
