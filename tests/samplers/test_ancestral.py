"""DDPM's reverse step with either variance, pushed forward exactly on Gaussian data."""

import math

import pytest
import torch

from diffusionbook.data.toy import trio_mixture
from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import VP, Cosine
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.affine import push_forward
from diffusionbook.samplers.ancestral import DDIM, Ancestral
from diffusionbook.samplers.loop import sample
from exact import affine_step, f64

MEAN, STD, STEPS = 0.7, 0.5, 12
CHAIN = Chain.from_betas(torch.linspace(0.02, 0.6, STEPS, dtype=torch.float64))
ALPHA_BAR = (1 - torch.linspace(0.02, 0.6, STEPS, dtype=torch.float64)).cumprod(0).tolist()


def gaussian(path, mean: float = MEAN, std: float = STD) -> AnalyticDenoiser:
    return AnalyticDenoiser(GaussianMixture.normal(f64([mean]), std**2), path)


def by_hand(variance: str) -> tuple[float, float]:
    """Mean and variance at the end, from the sums of the paper: no alpha, sigma or eps."""
    mean, var = 0.0, 1.0
    for k in range(STEPS, 0, -1):
        bar, before = ALPHA_BAR[k - 1], ALPHA_BAR[k - 2] if k > 1 else 1.0
        beta = 1 - bar / before
        # E[x0 | x_k] = p + q x_k for x0 ~ N(MEAN, STD^2)
        q = math.sqrt(bar) * STD**2 / (bar * STD**2 + 1 - bar)
        p = MEAN - q * math.sqrt(bar) * MEAN
        of_x0 = math.sqrt(before) * beta / (1 - bar)
        of_xk = math.sqrt(1 - beta) * (1 - before) / (1 - bar)
        noise = beta if variance == "beta" else (1 - before) / (1 - bar) * beta
        mean = of_x0 * (p + q * mean) + of_xk * mean
        var = (of_x0 * q + of_xk) ** 2 * var + (noise if k > 1 else 0.0)
    return mean, var


@pytest.mark.equation("eq-posterior")
@pytest.mark.parametrize("variance", ["beta", "posterior"])
def test_mean_and_variance_are_those_of_the_sums_by_hand(variance) -> None:
    end = push_forward(
        Ancestral(variance), gaussian(CHAIN), grids.all_steps(CHAIN), f64([0.0]), 1.0)
    assert (float(end.mean), float(end.cov)) == pytest.approx(by_hand(variance), abs=1e-12)


@pytest.mark.equation("eq-posterior-variance")
@pytest.mark.parametrize("k", [2, 7, STEPS])
def test_the_noise_of_one_step(k) -> None:
    """It is beta_k, or what Bayes' rule leaves: 1 / (alpha_k / beta_k + 1 / (1 - alpha_bar))."""
    beta, before = float(CHAIN.betas[k - 1]), ALPHA_BAR[k - 2]
    t, s = torch.tensor([k / STEPS, (k - 1) / STEPS], dtype=torch.float64)
    stds = [affine_step(Ancestral(v), gaussian(CHAIN), t, s)[2] for v in ("beta", "posterior")]
    bayes = 1 / ((1 - beta) / beta + 1 / (1 - before))
    assert stds == pytest.approx([math.sqrt(beta), math.sqrt(bayes)], abs=1e-12)


@pytest.mark.parametrize(("variance", "std"), [("posterior", 1e-9), ("beta", 1.0)])
def test_each_variance_is_exact_for_its_own_data(variance, std) -> None:
    """A single point and a standard normal: from x_T's own law, x_1 has its own law exactly."""
    model, grid = gaussian(CHAIN, 0.0, std), grids.all_steps(CHAIN)[:-1]

    def law(t: float) -> float:
        return float(CHAIN.alpha(t) ** 2 * std**2 + CHAIN.sigma(t) ** 2)

    end = push_forward(Ancestral(variance), model, grid, f64([0.0]), law(1.0))
    assert (float(end.mean), float(end.cov)) == pytest.approx((0.0, law(1 / STEPS)), abs=1e-12)


@pytest.mark.parametrize("path", [CHAIN, VP(), Cosine()], ids=["chain", "VP", "Cosine"])
def test_posterior_is_ddim_with_eta_1(path) -> None:
    model, noise = AnalyticDenoiser(trio_mixture(), path), randn((50, 2), seeded(0))
    ends = [
        sample(stepper, model, noise, grids.uniform(STEPS), generator=seeded(1))
        for stepper in (Ancestral("posterior"), DDIM(1.0))
    ]
    assert (ends[0] - ends[1]).abs().max() < 1e-12


def test_the_step_to_0_adds_no_noise() -> None:
    x, t = randn((8, 1), seeded(0)), torch.tensor(1 / STEPS, dtype=torch.float64)
    model = gaussian(CHAIN)
    for variance in ("beta", "posterior"):
        end, _ = Ancestral(variance).step(model, x, t, torch.tensor(0.0), generator=seeded(1))
        assert (end - model(x, t).x0).abs().max() < 1e-12


def test_a_chain_may_be_crossed_in_longer_steps() -> None:
    """From k = 12 to 6 the forward step has the variance of all six steps together."""
    t, s = torch.tensor([1.0, 0.5], dtype=torch.float64)
    std = affine_step(Ancestral("beta"), gaussian(CHAIN), t, s)[2]
    assert std**2 == pytest.approx(1 - ALPHA_BAR[11] / ALPHA_BAR[5], abs=1e-12)


def test_an_unknown_variance_is_refused(without_shape_checks) -> None:
    with pytest.raises(ValueError, match="variance must be 'beta' or 'posterior'; it is 'small'"):
        Ancestral("small")


@pytest.mark.equation("eq-reverse-step")
def test_the_mean_is_that_of_the_reverse_law_and_uphill() -> None:
    """Bayes' rule on the mixture itself is the judge: x_{k-1} has a law, x_k is a measurement."""
    chain = Chain.from_path(VP(), 20)
    mixture = trio_mixture()
    model, x = AnalyticDenoiser(mixture, chain), torch.tensor([[0.4, -0.3]]).double()
    for k in (2, 10, 20):
        t, s = torch.tensor([k / 20, (k - 1) / 20], dtype=torch.float64)
        beta = chain.betas[k - 1]
        before = mixture.diffuse(chain.alpha(s), chain.sigma(s))
        shrink = (1 - beta).sqrt() * torch.eye(2, dtype=torch.float64)
        true = before.condition(shrink, x[0], float(beta.sqrt())).mean()
        score = mixture.diffuse(chain.alpha(t), chain.sigma(t)).score(x)[0]
        uphill = (x[0] + beta * score) / (1 - beta).sqrt()
        steps = torch.stack([
            Ancestral().step(model, x, t, s, generator=seeded(seed))[0][0] for seed in range(2)
        ])
        noise = torch.stack([randn((1, 2), seeded(seed))[0] for seed in range(2)])
        std = DDIM(1.0).noise_std(chain, t, s)
        for mean in steps - std * noise:
            assert (mean - true).abs().max() < 1e-10
            assert (mean - uphill).abs().max() < 1e-10
