"""Tilted laws: formulas against quadrature, reweighted draws and integrated samplers."""

import math

import pytest
import torch
from affine_flow import by_ode, by_sde
from hypothesis import given
from hypothesis import strategies as st
from models import each_path
from scipy.integrate import quad

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.exact.tilted import (
    added_scores_ode_std,
    added_scores_std,
    exact_reward,
    kept_share,
    tilt,
    tilt_quadratic,
)
from diffusionbook.paths.gaussian import Cosine, Linear
from diffusionbook.prediction import Prediction
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.affine import push_forward
from diffusionbook.samplers.ancestral import DDIM
from exact import density, f64, gradient, plane

HUMPS = GaussianMixture(f64([0.3, 0.7]), f64([[-1.5], [1.0]]), f64([0.25, 0.5]))
PLANE = GaussianMixture(
    f64([1.0, 2.0, 0.5]),
    f64([[-1.0, 0.5], [1.0, 1.0], [0.0, -1.0]]),
    f64([[[0.5, 0.2], [0.2, 0.3]], [[0.2, 0.0], [0.0, 0.6]], [[0.4, -0.3], [-0.3, 0.5]]]),
    torch.tensor([0, 1, 1]),
)
SLOPE, CENTRE, WIDTH = 0.9, 0.4, 0.6


# a sum over equal steps is exact to rounding for smooth functions that die out before the ends
LINE = torch.linspace(-14, 14, 4001, dtype=torch.float64)


def integral(values: torch.Tensor) -> float:
    return float(values.sum() * (LINE[1] - LINE[0]))


def by_hand(law: GaussianMixture, x: torch.Tensor) -> torch.Tensor:
    return density(law.weights, law.means, law.covs).log_prob(x[:, None]).exp()


def linear(x: torch.Tensor) -> torch.Tensor:
    return SLOPE * x


def quadratic(x: torch.Tensor) -> torch.Tensor:
    return -((x - CENTRE) ** 2) / (2 * WIDTH**2)


TILTS = [
    (linear, lambda law: tilt(law, f64([SLOPE]))),
    (quadratic, lambda law: tilt_quadratic(law, f64([CENTRE]), WIDTH)),
]
tilts = pytest.mark.parametrize(("reward", "tilted"), TILTS, ids=["linear", "quadratic"])


@pytest.mark.equation("eq-tilted-law")
@pytest.mark.equation("eq-tilted-mixture")
@tilts
def test_a_tilted_mixture_is_the_prior_times_the_rewards_exponential(reward, tilted) -> None:
    """Density for density, normalised by quadrature; the moments follow from it."""
    expected = by_hand(HUMPS, LINE) * reward(LINE).exp()
    expected = expected / integral(expected)
    found = by_hand(tilted(HUMPS), LINE)
    assert (found - expected).abs().max() < 1e-10
    near = (LINE.abs() < 2.5).nonzero().flatten()
    assert (found[near] / expected[near] - 1).abs().max() < 1e-10


@pytest.mark.equation("eq-tilted-mixture")
def test_a_tilt_in_the_plane_by_a_sum_over_a_grid() -> None:
    """Components that are not round, at means and shapes where an index out of place would show."""
    b = f64([0.7, -1.1])
    points, cell = plane(10.0, 801)
    mass = density(PLANE.weights, PLANE.means, PLANE.covs).log_prob(points) + points @ b
    mass = mass.exp() * cell
    found, share = tilt(PLANE, b), mass / mass.sum()
    mean = share @ points
    cov = (points - mean).mT @ (share[:, None] * (points - mean))
    assert (found.mean() - mean).abs().max() < 1e-10
    assert (found.cov() - cov).abs().max() < 1e-10
    assert (found.covs - PLANE.covs).abs().max() == 0
    assert found.labels.tolist() == [0, 1, 1]


@pytest.mark.equation("eq-tilted-mixture")
def test_tilts_add_up_and_can_be_taken_back() -> None:
    b, c = f64([0.7, -1.1]), f64([-0.2, 3.0])
    for found, expected in (
        (tilt(tilt(PLANE, b), c), tilt(PLANE, b + c)),
        (tilt(tilt(PLANE, b), -b), PLANE),
        (tilt(PLANE, 0 * b), PLANE),
    ):
        assert (found.weights - expected.weights).abs().max() < 1e-12
        assert (found.means - expected.means).abs().max() < 1e-12


@pytest.mark.equation("eq-tilted-mixture")
def test_a_long_tilt_leaves_the_component_that_it_points_to() -> None:
    far = tilt(HUMPS, f64([2000.0]))
    assert far.weights.tolist() == [1.0]
    assert far.means.tolist() == [[1.0 + 2000 * 0.5]]
    assert far.covs.tolist() == [[[0.5]]]


@pytest.mark.equation("eq-tilted-law")
def test_a_flat_quadratic_tilt_changes_nothing_and_a_sharp_one_pins() -> None:
    flat = tilt_quadratic(PLANE, f64([3.0, 0.0]), 1e8)
    assert (flat.means - PLANE.means).abs().max() < 1e-12
    pinned = tilt_quadratic(PLANE, f64([0.3, 0.2]), 1e-4)
    assert (pinned.mean() - f64([0.3, 0.2])).abs().max() < 1e-6


@pytest.mark.equation("eq-exact-reward")
@each_path
@tilts
def test_what_a_noisy_point_promises_is_the_mean_of_the_rewards_exponential(
    path, reward, tilted
) -> None:
    """log E[e^r | x_t] by quadrature over x0, with the constant log E[e^r] put back."""
    alpha, sigma = float(path.alpha(0.6)), float(path.sigma(0.6))
    x_t, prior = f64([[-1.3], [0.2], [2.0]]), by_hand(HUMPS, LINE)
    expected = []
    for x in x_t[:, 0]:
        given = prior * (-((x - alpha * LINE) ** 2) / (2 * sigma**2)).exp()
        expected.append(math.log(integral(given * reward(LINE).exp()) / integral(given)))
    constant = math.log(integral(prior * reward(LINE).exp()))
    found = exact_reward(HUMPS, tilted(HUMPS), x_t, alpha, sigma) + constant
    assert found.tolist() == pytest.approx(expected, abs=1e-10)


@pytest.mark.equation("eq-exact-reward")
@each_path
@tilts
def test_its_gradient_leads_from_the_priors_score_to_the_tilted_laws(path, reward, tilted) -> None:
    x_t, t = randn((6, 1), seeded(0)), 0.4
    law = tilted(HUMPS)

    def promised(x):
        return exact_reward(HUMPS, law, x, path.alpha(t), path.sigma(t))

    plain = AnalyticDenoiser(HUMPS, path)(x_t, t).score
    steered = AnalyticDenoiser(law, path)(x_t, t).score
    assert (plain + gradient(promised, x_t) - steered).abs().max() < 1e-10


@pytest.mark.equation("eq-exact-reward")
def test_the_plug_in_is_a_lower_bound_that_is_exact_for_one_gaussian_and_a_line() -> None:
    """log E[e^{b x0} | x_t] - b x0_hat is b'V b / 2 for one Gaussian: the gradients agree."""
    law, b, path, t = GaussianMixture.normal(f64([0.3]), 0.49), f64([1.7]), Cosine(), 0.5
    x_t = randn((5, 1), seeded(1))
    alpha, sigma = float(path.alpha(t)), float(path.sigma(t))
    log_mass = 1.7 * 0.3 + 1.7**2 * 0.49 / 2
    plug_in = AnalyticDenoiser(law, path)(x_t, t).x0 @ b
    gap = exact_reward(law, tilt(law, b), x_t, alpha, sigma) + log_mass - plug_in
    v_t = 0.49 * sigma**2 / (alpha**2 * 0.49 + sigma**2)
    assert (gap - 1.7**2 * v_t / 2).abs().max() < 1e-10


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
    for b in (f64([1.0, 2.0]), f64(1.0), f64([[1.0]])):
        with pytest.raises(ValueError, match=r"direction must have shape \(1,\); it has"):
            tilt(HUMPS, b)
    with pytest.raises(ValueError, match="direction must be finite; it holds nan"):
        tilt(HUMPS, f64([math.nan]))
    with pytest.raises(ValueError, match="direction must keep .* finite; its length is 1e\\+308"):
        tilt(HUMPS, f64([1e308]))
    with pytest.raises(ValueError, match=r"centre must have shape \(2,\); it has \(1,\)"):
        tilt_quadratic(PLANE, f64([0.0]), 1.0)
    with pytest.raises(ValueError, match="std must be positive; it is 0.0"):
        tilt_quadratic(PLANE, f64([0.0, 0.0]), 0.0)
    with pytest.raises(ValueError, match="tilted must have the prior's dimension 1; it has 2"):
        exact_reward(HUMPS, PLANE, f64([[0.0]]), 1.0, 0.5)
    with pytest.raises(ValueError, match="k must be at least 1; it is 0"):
        added_scores_std(1.0, 0)
    with pytest.raises(ValueError, match="k must be a whole number; it is 1.5"):
        added_scores_ode_std(1.0, 1.5)
    with pytest.raises(ValueError, match="level must be positive, or infinite .*; it is nan"):
        added_scores_ode_std(1.0, 2, math.nan)
