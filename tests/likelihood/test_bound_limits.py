"""How tight the bound is as steps are added: closed forms for one-dimensional Gaussian data.

The exact denoiser's errors are quadratic in the data's and the noise's standard normal draws, so
averaging the four sign combinations of +-1 gives their expectation exactly: no Monte Carlo.
"""

import math

import pytest
import torch

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.likelihood.bound import elbo, gaussian_gap, posterior_variances
from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import VP, Cosine
from exact import f64, slopes

DDPM = torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64)
GAMMA = 0.5772156649015329  # Euler's constant
VARIANCES = ["beta", "posterior"]
pytestmark = pytest.mark.usefixtures("without_shape_checks")


@pytest.fixture
def gap(monkeypatch):
    """Function (betas or chain, variance, mean, std) → expected log p(x0) minus expected bound."""
    noise = f64([[1.0], [-1.0], [1.0], [-1.0]])
    monkeypatch.setattr("diffusionbook.likelihood.bound.randn_like", lambda x, generator: noise)

    def gap(chain: Chain, variance: str, mean: float, std: float) -> float:
        data = GaussianMixture.normal(f64([mean]), std**2)
        x0 = mean + std * f64([[1.0], [1.0], [-1.0], [-1.0]])
        bound = elbo(AnalyticDenoiser(data, chain), x0, variance=variance, generator=None)
        return -0.5 * math.log(2 * math.pi * math.e * std**2) - float(bound.total.mean())

    return gap


def end_divergence(chain: Chain, mean: float, std: float) -> float:
    """KL(p(x_T) || N(0, 1)): the part of the gap that more steps do not touch."""
    alpha, sigma = float(chain.alpha(1)), float(chain.sigma(1))
    variance = (alpha * std) ** 2 + sigma**2
    return (variance + (alpha * mean) ** 2 - 1 - math.log(variance)) / 2


@pytest.mark.equation("eq-elbo")
@pytest.mark.parametrize("variance", VARIANCES)
@pytest.mark.parametrize(("mean", "std"), [(0.0, 1.0), (0.7, 0.5), (-2.0, 3.0)])
def test_the_bound_never_exceeds_the_log_likelihood(gap, variance, mean, std) -> None:
    for steps in (1, 2, 5, 40):
        chain = Chain.from_path(VP(), steps)
        assert gap(chain, variance, mean, std) > -1e-10


@pytest.mark.equation("eq-elbo")
@pytest.mark.equation("eq-step-kl")
def test_for_unit_gaussian_data_variance_beta_is_exact(gap) -> None:
    """x_k is N(0, 1) at every k, so the reverse step is N(sqrt(1 - beta) x_k, beta): no gap."""
    for chain in (Chain.from_betas(DDPM[::10]), Chain.from_path(VP(), 30)):
        assert abs(gap(chain, "beta", 0.0, 1.0)) < 1e-9


@pytest.mark.equation("eq-elbo")
@pytest.mark.equation("eq-step-kl")
def test_for_unit_gaussian_data_the_posterior_variance_costs_a_closed_form(gap) -> None:
    """With r_k = sigma_{k-1}^2 / sigma_k^2 step k costs (1 / r - 1 + log r) / 2, not 0."""
    for betas in (DDPM[::10], torch.full((30,), 0.2)):
        chain = Chain.from_betas(betas)
        noise = 1 - (1 - betas.double()).cumprod(0)
        r = noise[:-1] / noise[1:]
        expected = float((1 / r - 1 + r.log()).sum()) / 2
        assert gap(chain, "posterior", 0.0, 1.0) == pytest.approx(expected, abs=1e-9)


@pytest.mark.equation("eq-gap-limit")
@pytest.mark.equation("eq-posterior-variance")
def test_that_cost_tends_to_half_of_eulers_constant() -> None:
    """Early on sigma_k^2 is k beta, so r = 1 - 1 / k, and sum 1 / j - log(1 + 1 / j) = gamma."""
    constant, linear = [], []
    for steps in (1000, 10_000, 100_000):
        k = torch.arange(1, steps + 1, dtype=torch.float64)
        for costs, rate in ((constant, torch.full_like(k, 5.0)), (linear, 0.1 + 19.9 * k / steps)):
            chain = Chain.from_betas(rate / steps)
            r = posterior_variances(chain)[1:] / chain.betas[1:]
            costs.append(float((1 / r - 1 + r.log()).sum()) / 2)
    for costs in (constant, linear):
        distances = [abs(cost - GAMMA / 2) for cost in costs]
        assert distances[0] > 4 * distances[1] > 16 * distances[2]
    assert constant[-1] == pytest.approx(GAMMA / 2, abs=5e-4)
    assert linear[-1] == pytest.approx(GAMMA / 2, abs=5e-3)


@pytest.mark.equation("eq-gap-limit-cosine")
@pytest.mark.parametrize("std", [0.5, 1.0])
def test_on_the_cosine_path_the_limit_is_another(std) -> None:
    """There sigma_k^2 grows like k^2, so r = (1 - 1 / k)^2: the sum is gamma + pi^2 / 12."""
    limit = GAMMA + math.pi**2 / 12
    distances = [
        abs(gaussian_gap(Chain.from_path(Cosine(), steps), std, "posterior") - limit)
        for steps in (1000, 10_000, 100_000)
    ]
    assert distances[0] > 4 * distances[1] > 16 * distances[2]
    assert distances[-1] < 5e-4


@pytest.mark.equation("eq-elbo")
@pytest.mark.parametrize(("std", "cost"), [(0.5, 0.456), (1.0, 0.465)])
def test_what_the_posterior_variance_costs_at_a_thousand_steps(std, cost) -> None:
    """For DDPM's own betas it is not near gamma / 2 yet, and depends a little on the data."""
    chain = Chain.from_betas(DDPM)
    extra = gaussian_gap(chain, std, "posterior") - end_divergence(chain, 0.0, std)
    assert extra == pytest.approx(cost, abs=5e-4)
    assert extra == pytest.approx(by_hand(DDPM, std), abs=1e-9)


def by_hand(betas: torch.Tensor, std: float) -> float:
    """The same gap written with the variance of x_{k-1} given x_k, exact and the model's.

    KL(N(m, v) || N(m, w)) = (v / w - 1 - log(v / w)) / 2, added up over the steps.
    """
    alpha_bar = torch.cat([torch.ones(1).double(), (1 - betas).cumprod(0)])
    marginal = alpha_bar * std**2 + 1 - alpha_bar
    true = betas * marginal[:-1] / marginal[1:]  # of x_{k-1} given x_k, by conditioning
    model = betas * (1 - alpha_bar[:-1]) / (1 - alpha_bar[1:])
    model[0] = betas[0]
    ratio = true / model
    return float((ratio - 1 - ratio.log()).sum()) / 2


@pytest.mark.equation("eq-elbo")
def test_with_variance_beta_the_gap_falls_as_one_over_steps(gap) -> None:
    gaps, counts, mean, std = [], [100, 200], 0.7, 0.5
    for steps in counts:
        chain = Chain.from_path(VP(), steps)
        gaps.append(gap(chain, "beta", mean, std) - end_divergence(chain, mean, std))
    assert min(gaps) > 0
    assert slopes(counts, gaps) == pytest.approx([1], abs=0.05)


@pytest.mark.equation("eq-gap")
@pytest.mark.parametrize("std", [0.5, 2.0, 10.0])
def test_the_rate_holds_at_every_count(std) -> None:
    gaps, counts = [], [200, 400, 800, 1600, 12_800]
    for steps in counts:
        chain = Chain.from_path(VP(), steps)
        gaps.append(gaussian_gap(chain, std, "beta") - end_divergence(chain, 0.0, std))
    assert min(gaps) > 0
    assert slopes(counts, gaps) == pytest.approx([1] * 4, abs=0.05)


@pytest.mark.equation("eq-gap")
@pytest.mark.parametrize("variance", VARIANCES)
@pytest.mark.parametrize("std", [0.5, 1.0, 3.0])
def test_the_gap_as_a_sum_of_divergences_is_that_of_the_bound(gap, variance, std) -> None:
    for chain in (Chain.from_betas(DDPM[::25]), Chain.from_path(VP(0.1, 4.0), 7)):
        expected = gap(chain, variance, 0.0, std)
        assert gaussian_gap(chain, std, variance) == pytest.approx(expected, abs=1e-9)


def test_the_gap_of_impossible_data_is_refused() -> None:
    chain = Chain.from_betas(DDPM)
    for std in (0.0, -1.0):
        with pytest.raises(ValueError, match=f"std must be positive; it is {std}"):
            gaussian_gap(chain, std, "beta")
    with pytest.raises(ValueError, match="variance must be 'beta' or 'posterior'; it is 'none'"):
        gaussian_gap(chain, 1.0, "none")
