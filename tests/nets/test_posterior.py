"""The encoder's answer against torch.distributions, at the ends of its range, and by draws."""

import math

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from diffusionbook.nets.posterior import DiagonalGaussian
from diffusionbook.randomness import randn, seeded
from exact import f64, gradient


def one(n: int = 6) -> DiagonalGaussian:
    mean, log_variance = (1.5 * randn((n, 4, 3, 3), seeded(k)) for k in (0, 1))
    return DiagonalGaussian(mean, log_variance)


@pytest.mark.equation("eq-vae-kl")
def test_the_divergence_is_that_of_torch_one_for_each_number() -> None:
    posterior = one()
    law = Normal(posterior.mean, posterior.std)
    assert (posterior.kl() - kl_divergence(law, Normal(0.0, 1.0))).abs().max() < 1e-12
    assert (posterior.log_prob(posterior.mean + 0.3) -
            law.log_prob(posterior.mean + 0.3).sum((1, 2, 3))).abs().max() < 1e-12
    assert (posterior.std - posterior.log_variance.exp().sqrt()).abs().max() < 1e-12


def test_near_the_prior_nothing_cancels() -> None:
    """mean² / 2 + log_variance² / 4, to first order; the plain formula gives 0 or a rounding."""
    mean, log_variance = f64([[1e-9, 0.0, 0.0]]), f64([[0.0, 1e-7, -1e-7]])
    kl = DiagonalGaussian(mean, log_variance).kl()
    assert kl[0].tolist() == pytest.approx([5e-19, 2.5e-15, 2.5e-15], rel=0.03)
    small = DiagonalGaussian(mean.float(), 1e4 * log_variance.float()).kl()
    assert small[0, 1:].tolist() == pytest.approx([2.5e-7, 2.5e-7], rel=0.05)  # float32, at 1e-3
    assert DiagonalGaussian(torch.zeros(1, 2), torch.zeros(1, 2)).kl().abs().max() == 0


@pytest.mark.equation("eq-reparametrised")
def test_draws_have_its_mean_and_variance_and_gradients_reach_both() -> None:
    mean, log_variance = f64([[0.7, -2.0]]), f64([[-1.0, 0.5]])
    many = DiagonalGaussian(mean.expand(100_000, 2), log_variance.expand(100_000, 2))
    z = many.sample(seeded(3))
    error = many.std[0] / math.sqrt(len(z))
    assert ((z.mean(0) - mean[0]).abs() < 5 * error).all()
    assert ((z.var(0) / log_variance[0].exp() - 1).abs() < 5 * math.sqrt(2 / len(z))).all()
    assert torch.equal(z, many.sample(seeded(3))) and not torch.equal(z, many.sample(seeded(4)))
    eps = randn((1, 2), seeded(5))
    slope = gradient(lambda m: DiagonalGaussian(m, log_variance).sample(seeded(5)), mean)
    assert torch.equal(slope, torch.ones(1, 2).double())
    slope = gradient(lambda s: DiagonalGaussian(mean, s).sample(seeded(5)), log_variance)
    assert (slope - eps * (log_variance / 2).exp() / 2).abs().max() < 1e-12


@pytest.mark.equation("eq-vae-kl")
def test_the_mean_of_the_log_ratio_is_the_divergence() -> None:
    mean, log_variance = f64([[0.7, -0.4]]), f64([[-1.0, 0.5]])
    n = 200_000
    many = DiagonalGaussian(mean.expand(n, 2), log_variance.expand(n, 2))
    z = many.sample(seeded(0))
    ratios = many.log_prob(z) - Normal(0.0, 1.0).log_prob(z).sum(1)
    exact = float(many.kl()[0].sum())
    assert abs(float(ratios.mean()) - exact) < 5 * float(ratios.std()) / math.sqrt(n)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: DiagonalGaussian(torch.zeros(2, 3), torch.zeros(2, 4)),
     r"log_variance must have the shape of mean, \(2, 3\); it has \(2, 4\)"),
    (lambda: DiagonalGaussian(torch.zeros(0, 3), torch.zeros(0, 3)), "mean must hold at least one"),
    (lambda: one(2).log_prob(torch.zeros(2, 4)), "z must have the shape of mean"),
])  # fmt: skip
def test_bad_input_is_refused(call, message, without_shape_checks) -> None:
    with pytest.raises(ValueError, match=message):
        call()
