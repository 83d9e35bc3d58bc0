"""Every term of the evidence lower bound against torch.distributions."""

import math

import pytest
import torch
from models import TRIO
from torch.distributions import Normal, kl_divergence

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.likelihood.bound import elbo, posterior_variances, step_kl
from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import VP, Linear
from diffusionbook.randomness import randn, seeded
from exact import f64

BETAS = torch.linspace(1e-3, 0.1, 60, dtype=torch.float64)
CHAIN = Chain.from_betas(BETAS)
ALPHA_BAR = torch.cat([torch.ones(1).double(), (1 - BETAS).cumprod(0)])  # k = 0 … T
X0, GUESS, X_K = (randn((4, 2), seeded(seed)) for seed in range(3))


def posterior(k: int, x_k: torch.Tensor, x0: torch.Tensor) -> Normal:
    """q(x_{k-1} | x_k, x0): the product of the step's and the marginal's Gaussian in x_{k-1}."""
    beta, before = BETAS[k - 1], ALPHA_BAR[k - 1]
    precision = (1 - beta) / beta + 1 / (1 - before)
    mean = ((1 - beta).sqrt() / beta * x_k + before.sqrt() / (1 - before) * x0) / precision
    return Normal(mean, precision.rsqrt())


@pytest.mark.equation("eq-posterior-variance")
def test_posterior_variances() -> None:
    variances = posterior_variances(CHAIN)
    assert variances.shape == (60,)
    assert float(variances[0]) == 0
    for k in (2, 3, 30, 60):
        expected = posterior(k, X_K, X0).variance
        assert (variances[k - 1] - expected).abs().max() < 1e-12


@pytest.mark.equation("eq-step-kl")
@pytest.mark.parametrize("variance", ["beta", "posterior"])
@pytest.mark.parametrize("k", [2, 3, 30, 60])
def test_step_kl_is_the_divergence_of_the_two_gaussians(k: int, variance: str) -> None:
    q = posterior(k, X_K, X0)
    p = posterior(k, X_K, GUESS)  # the model's mean: the posterior's, with its guess for x0
    if variance == "beta":
        p = Normal(p.mean, BETAS[k - 1].sqrt())
    expected = kl_divergence(q, p).sum(1)
    kl = step_kl(CHAIN, k, X0, GUESS, variance)
    assert kl.shape == (4,) and kl.dtype == torch.float64
    assert (kl - expected).abs().max() < 1e-10 * expected.max()


def test_step_kl_adds_up_over_the_dimensions_of_an_image() -> None:
    shape = (4, 1, 2, 1)
    for variance in ("beta", "posterior"):
        image = step_kl(CHAIN, 5, X0.reshape(shape), GUESS.reshape(shape), variance)
        assert (image - step_kl(CHAIN, 5, X0, GUESS, variance)).abs().max() < 1e-12


class Recorder(AnalyticDenoiser):
    """The exact model, remembering what it was asked and what it answered."""

    def __init__(self, chain) -> None:
        super().__init__(TRIO, chain)
        self.asked = {}

    def __call__(self, x_t, t, y=None):
        prediction = super().__call__(x_t, t, y)
        self.asked[round(float(t) * self.path.steps)] = x_t, prediction.x0
        return prediction


@pytest.mark.equation("eq-elbo")
@pytest.mark.equation("eq-step-kl")
@pytest.mark.parametrize("variance", ["beta", "posterior"])
def test_terms_of_the_bound(variance: str) -> None:
    model = Recorder(CHAIN)
    bound = elbo(model, X0, variance=variance, generator=seeded(0))
    assert sorted(model.asked) == list(range(1, 61))
    assert bound.steps.shape == (59, 4)
    for k, (x_k, guess) in model.asked.items():
        noise = (x_k - ALPHA_BAR[k].sqrt() * X0) / (1 - ALPHA_BAR[k]).sqrt()
        assert noise.abs().max() < 5  # x_k is x0 noised to level k
        if k == 1:
            expected = Normal(guess, BETAS[0].sqrt()).log_prob(X0).sum(1)
            assert (bound.reconstruction - expected).abs().max() < 1e-9
            continue
        q, p = posterior(k, x_k, X0), posterior(k, x_k, guess)
        if variance == "beta":
            p = Normal(p.mean, BETAS[k - 1].sqrt())
        expected = kl_divergence(q, p).sum(1)
        assert (bound.steps[k - 2] - expected).abs().max() < 1e-9
    end = Normal(ALPHA_BAR[60].sqrt() * X0, (1 - ALPHA_BAR[60]).sqrt())
    prior = kl_divergence(end, Normal(f64(0.0), f64(1.0))).sum(1)
    assert (bound.prior - prior).abs().max() < 1e-10
    total = bound.reconstruction - bound.steps.sum(0) - bound.prior
    assert torch.equal(bound.total, total)


@pytest.mark.equation("eq-elbo")
@pytest.mark.parametrize("variance", ["beta", "posterior"])
def test_the_bound_is_below_the_log_likelihood(variance: str, without_shape_checks) -> None:
    n = 4000
    x0 = TRIO.sample(n, seeded(3))
    chain = Chain.from_path(VP(), 60)
    bound = elbo(AnalyticDenoiser(TRIO, chain), x0, variance=variance, generator=seeded(4))
    gap = TRIO.log_prob(x0) - bound.total
    error = 5 * float(gap.std()) / math.sqrt(n)
    assert float(gap.mean()) > error  # below, beyond the doubt of the draws
    assert float(gap.mean()) < 5  # and no empty statement


def test_the_noise_is_drawn_anew_for_every_step(without_shape_checks) -> None:
    model = Recorder(CHAIN)
    one = elbo(model, X0, variance="beta", generator=seeded(0))
    noises = [
        (x_k - ALPHA_BAR[k].sqrt() * X0) / (1 - ALPHA_BAR[k]).sqrt()
        for k, (x_k, _) in model.asked.items()
    ]
    assert len({round(float(z[0, 0]), 9) for z in noises}) == 60
    z = torch.stack(noises).flatten()
    assert abs(z.mean()) < 5 / math.sqrt(len(z))
    assert abs(z.square().mean() - 1) < 5 * math.sqrt(2 / len(z))
    assert torch.equal(one.total, elbo(model, X0, variance="beta", generator=seeded(0)).total)
    assert not torch.equal(one.total, elbo(model, X0, variance="beta", generator=seeded(1)).total)


def test_a_chain_of_one_step_has_no_middle_terms() -> None:
    chain = Chain.from_betas(f64([0.5]))
    bound = elbo(AnalyticDenoiser(TRIO, chain), X0, variance="posterior", generator=seeded(0))
    assert bound.steps.shape == (0, 4)
    assert torch.equal(bound.total, bound.reconstruction - bound.prior)


@pytest.mark.parametrize("k", [1, 61])
def test_steps_outside_the_chain_are_refused(k: int) -> None:
    with pytest.raises(ValueError, match=f"k must lie in 2 … 60; it is {k}"):
        step_kl(CHAIN, k, X0, GUESS, "beta")


def test_an_unknown_variance_is_refused(without_shape_checks) -> None:
    message = "variance must be 'beta' or 'posterior'; it is 'learned'"
    with pytest.raises(ValueError, match=message):
        step_kl(CHAIN, 2, X0, GUESS, "learned")
    with pytest.raises(ValueError, match=message):
        elbo(AnalyticDenoiser(TRIO, CHAIN), X0, variance="learned", generator=None)


def test_a_continuous_path_is_refused() -> None:
    model = AnalyticDenoiser(TRIO, Linear())
    with pytest.raises(ValueError, match=r"must live on a Chain; its path is Linear\(\)"):
        elbo(model, X0, variance="beta", generator=None)
