"""The autoencoder's loss: by hand, as the beta-ELBO, and in each of its four reductions."""

import math

import pytest
import torch
from torch.distributions import Normal

from diffusionbook.exact.linear_vae import LinearVAE
from diffusionbook.exact.reductions import level_of
from diffusionbook.losses import vae_loss
from diffusionbook.nets.posterior import DiagonalGaussian
from diffusionbook.randomness import randn, seeded
from exact import f64

X, DECODED = randn((5, 2, 3), seeded(0)), randn((5, 2, 3), seeded(1))
POSTERIOR = DiagonalGaussian(randn((5, 4), seeded(2)), randn((5, 4), seeded(3)))


@pytest.mark.parametrize(("error", "pixels"), [("sum", 1), ("mean", 6)])
@pytest.mark.parametrize(("divergence", "latents"), [("sum", 1), ("mean", 4)])
def test_each_reduction_by_hand(error, pixels, divergence, latents) -> None:
    kl = POSTERIOR.kl()
    found = vae_loss(X, DECODED, kl, weight=0.7, error=error, divergence=divergence)
    by_hand = 0.0
    for i in range(5):
        squares = sum((a - b) ** 2 for a, b in zip(X[i].flatten().tolist(),
                                                   DECODED[i].flatten().tolist(), strict=True))
        by_hand += squares / pixels + 0.7 * sum(kl[i].tolist()) / latents
    assert float(found) == pytest.approx(by_hand / 5, abs=1e-12)


@pytest.mark.parametrize(("divergence", "latents"), [("sum", 1), ("mean", 4)])
def test_each_nat_pulls_with_its_weight(divergence, latents) -> None:
    """The divergence is trained on, not only reported."""
    kl = POSTERIOR.kl().detach().requires_grad_()
    decoded = DECODED.clone().requires_grad_()
    loss = vae_loss(X, decoded, kl, weight=0.7, divergence=divergence)
    (of_kl,) = torch.autograd.grad(loss, kl, allow_unused=True, materialize_grads=True)
    assert (of_kl - 0.7 / latents / 5).abs().max() < 1e-12


@pytest.mark.equation("eq-beta-elbo")
def test_both_summed_it_is_the_elbo() -> None:
    """With decoder variance 0.35 and beta 2 the weight is 2 · 2 · 0.35."""
    variance, beta = 0.35, 2.0
    kl = POSTERIOR.kl()
    bound = Normal(DECODED, math.sqrt(variance)).log_prob(X).sum((1, 2)) - beta * kl.sum(1)
    constant = 6 * math.log(2 * math.pi * variance) / 2
    loss = float(vae_loss(X, DECODED, kl, weight=2 * beta * variance))
    assert loss == pytest.approx(2 * variance * (-float(bound.mean()) - constant), abs=1e-12)


@pytest.mark.equation("eq-reductions")
@pytest.mark.parametrize("error", ["sum", "mean"])
@pytest.mark.parametrize("divergence", ["sum", "mean"])
def test_the_optimum_at_its_level_has_the_least_loss(error, divergence) -> None:
    """Draws from linear models at other levels cost more, by the same noise."""
    variances, n, weight = f64([9.0, 4.0, 2.0, 1.0, 0.5, 0.2]), 20_000, 0.8
    x = randn((n, 6), seeded(0)) * variances.sqrt()
    reductions = {"error": error, "divergence": divergence}
    level = level_of(weight, 6, 3, **reductions)

    def loss(at: float) -> float:
        model = LinearVAE(torch.diag(variances), 3, at)
        log_variance = model.posterior_variances.log().expand(n, 3)
        posterior = DiagonalGaussian(x @ model.encoder.T, log_variance)
        decoded = posterior.sample(seeded(1)) @ model.decoder.T
        return float(vae_loss(x, decoded, posterior.kl(), weight=weight, **reductions))

    assert all(loss(level) < loss(level * factor) for factor in (0.5, 0.8, 1.25, 2.0))


def test_the_divergence_has_the_weight_it_says() -> None:
    kl = POSTERIOR.kl()
    less, more = (float(vae_loss(X, DECODED, kl, weight=w)) for w in (1.0, 3.0))
    assert more - less == pytest.approx(2 * float(kl.sum(1).mean()), abs=1e-12)


@pytest.mark.parametrize(("given", "message"), [
    ({"weight": 0.0}, "weight must be positive; it is 0.0"),
    ({"error": "none"}, "error must be 'sum' or 'mean'; it is 'none'"),
    ({"divergence": "total"}, "divergence must be 'sum' or 'mean'; it is 'total'"),
    ({"decoded": DECODED[:, :1]}, r"decoded must have the shape of x, \(5, 2, 3\); it has "),
    ({"kl": torch.zeros(4, 2)}, "kl must hold one number for each latent number of 5 samples"),
    ({"kl": torch.zeros(5, 0)}, "kl must hold one number for each latent number of 5 samples"),
    ({"kl": torch.zeros(5)}, r"in two dimensions or more; its shape is \(5,\)"),
    ({"x": X[:0], "decoded": X[:0]}, "x must hold at least one sample"),
])  # fmt: skip
def test_bad_input_is_refused(given, message, without_shape_checks) -> None:
    good = {"x": X, "decoded": DECODED, "kl": POSTERIOR.kl(), "weight": 1.0}
    with pytest.raises(ValueError, match=message):
        vae_loss(**(good | given))
