"""The posterior variance's price depends on the times; the model's own law does not mind it."""

import math

import pytest
import torch

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.likelihood.bound import gaussian_gap, posterior_variances
from diffusionbook.likelihood.gaussian_chain import (
    chain_at,
    own_divergence,
    own_variance,
    posterior_ratios,
)
from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import VE, VP, Cosine
from diffusionbook.samplers import grids
from diffusionbook.samplers.affine import push_forward
from diffusionbook.samplers.ancestral import Ancestral
from exact import f64, slopes

GAMMA = 0.5772156649015329  # Euler's constant
STD = 0.5
pytestmark = pytest.mark.usefixtures("without_shape_checks")
TIMES = {
    "equal t": lambda n: torch.arange(n + 1).double() / n,
    "equal root of t": lambda n: (torch.arange(n + 1).double() / n) ** 2,
    "equal log-SNR": lambda n: grids.uniform_log_snr(n, VP(), 1.0, 1e-3).flip(0),
}


def chain(times: str, steps: int) -> Chain:
    return chain_at(VP(), TIMES[times](steps))


def gap(times: str, steps: int) -> float:
    return gaussian_gap(chain(times, steps), STD, "posterior")


@pytest.mark.parametrize("path", [VP(), Cosine()], ids=str)
def test_at_equal_times_it_is_the_chain_read_off_the_path(path) -> None:
    ours, known = chain_at(path, TIMES["equal t"](50)), Chain.from_path(path, 50)
    assert torch.equal(ours.log_alpha_bar.exp() == 0, known.log_alpha_bar.exp() == 0)
    assert (ours.log_alpha_bar.exp() - known.log_alpha_bar.exp()).abs().max() < 1e-14


@pytest.mark.parametrize("times", [[0.0], [0.1, 0.5], [0.0, 0.5, 0.5], [[0.0, 1.0]]])
def test_times_that_are_none_are_refused(times) -> None:
    with pytest.raises(ValueError, match="times must increase strictly from 0"):
        chain_at(VP(), times)


def test_a_path_that_does_not_preserve_variance_is_refused() -> None:
    with pytest.raises(ValueError, match="must keep"):
        chain_at(VE(), [0.0, 0.5, 1.0])


@pytest.mark.equation("eq-gap-ratio")
@pytest.mark.parametrize("times", TIMES)
@pytest.mark.parametrize("std", [0.1, 0.5, 1.0, 4.0])
def test_the_ratio_is_that_of_bayes_rule(times: str, std: float) -> None:
    """The exact variance from q(x_k | x_{k-1}) q(x_{k-1}): two precisions in x_{k-1} add."""
    path = chain(times, 300)
    before = path.log_alpha_bar[:-1].exp() * std**2 - torch.expm1(path.log_alpha_bar[:-1])
    exact = 1 / ((1 - path.betas) / path.betas + 1 / before)
    ratios = exact[1:] / posterior_variances(path)[1:]
    torch.testing.assert_close(posterior_ratios(path, std), ratios, rtol=1e-9, atol=0)


@pytest.mark.equation("eq-gap-limit")
@pytest.mark.equation("eq-gap-limit-cosine")
@pytest.mark.parametrize("path", [VP(), Cosine(), VP(0.1, 0.1), VP(5.0, 8.0)], ids=str)
def test_each_ratio_has_a_bound_that_does_not_depend_on_the_number_of_steps(path) -> None:
    """What lets the limit go under the sum: at most max(1, std^2) (k^2 / (k - 1)^2 - 1) above 1."""
    for steps in (2, 3, 10, 1000, 20_000):
        k = torch.arange(2, steps + 1, dtype=torch.float64)
        bound = (k / (k - 1)) ** 2 - 1
        equal = chain_at(path, torch.arange(steps + 1).double() / steps)
        for std in (0.1, 0.5, 1.0, 4.0):
            excess = posterior_ratios(equal, std) - 1
            assert bool((excess <= max(1.0, std**2) * bound * (1 + 1e-9)).all())


@pytest.mark.equation("eq-gap")
@pytest.mark.equation("eq-gap-limit")
@pytest.mark.equation("eq-gap-limit-cosine")
@pytest.mark.parametrize(
    ("times", "limit"),
    [("equal t", GAMMA / 2), ("equal root of t", GAMMA + math.pi**2 / 12)],
)
def test_steps_down_to_no_noise_keep_a_gap_that_depends_on_the_times(times, limit) -> None:
    """One path, two limits: SNR goes like 1 / k in the one case and like 1 / k^2 in the other."""
    distances = [abs(gap(times, steps) - limit) for steps in (1000, 10_000, 100_000)]
    assert distances[0] > 4 * distances[1] > 16 * distances[2]
    assert distances[-1] < 5e-3


@pytest.mark.equation("eq-gap-ratio")
def test_equal_steps_of_log_snr_close_the_gap_like_one_over_steps() -> None:
    counts = [1000, 10_000, 100_000]
    gaps = [gap("equal log-SNR", steps) for steps in counts]
    assert slopes(counts, gaps) == pytest.approx([1, 1], abs=0.02)
    for steps in counts:
        ratios = posterior_ratios(chain("equal log-SNR", steps), STD)
        assert float(ratios.max()) - 1 < 20 / steps  # 1 + O(1 / T) in every step, the second too
    assert float(posterior_ratios(chain("equal t", 100_000), STD)[0]) == pytest.approx(2, abs=0.01)


@pytest.mark.equation("eq-own-law")
@pytest.mark.parametrize("variance", ["beta", "posterior"])
@pytest.mark.parametrize("times", TIMES)
def test_the_own_law_is_that_of_the_sampler(variance: str, times: str) -> None:
    """The sampler adds no noise in its last step, the model beta_1."""
    path = chain(times, 40)
    model = AnalyticDenoiser(GaussianMixture.normal(f64([0.0]), STD**2), path)
    law = push_forward(Ancestral(variance), model, grids.all_steps(path), f64([0.0]), 1.0)
    own = float(law.cov) + float(path.betas[0])
    assert abs(float(law.mean)) < 1e-10
    assert own_variance(path, STD, variance) == pytest.approx(own, abs=1e-10)


@pytest.mark.equation("eq-own-law")
def test_the_model_tends_to_the_data_where_its_bound_does_not() -> None:
    """Equal steps of t, posterior variance: the gap stays, the divergence falls like 1 / T^2.

    Up to logarithms: step k leaves out beta / k of variance, and the divergence is quadratic in
    that. So the slope is a little below 2.
    """
    counts = [1000, 10_000]
    own = [own_divergence(chain("equal t", steps), STD, "posterior") for steps in counts]
    assert slopes(counts, own)[0] == pytest.approx(2, abs=0.1)
    assert own[0] < 1e-3 * gap("equal t", counts[0])
    for times in TIMES:
        for variance in ("beta", "posterior"):
            path = chain(times, 200)
            divergence = own_divergence(path, STD, variance)
            assert 0 < divergence < gaussian_gap(path, STD, variance)


def test_impossible_data_and_unknown_variances_are_refused() -> None:
    for std in (0.0, -1.0):
        with pytest.raises(ValueError, match=f"std must be positive; it is {std}"):
            own_variance(chain("equal t", 5), std, "beta")
    with pytest.raises(ValueError, match="variance must be 'beta' or 'posterior'; it is 'none'"):
        own_divergence(chain("equal t", 5), STD, "none")
