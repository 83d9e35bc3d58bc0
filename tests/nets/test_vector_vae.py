"""Small autoencoders with one latent vector: shapes, seeds, what is linear, what is refused."""

import pytest
import torch
from networks import awake
from torch import nn

from diffusionbook.losses import vae_loss
from diffusionbook.nets.vector_vae import OneVariance, VectorVAE, conv_vae, linear_vae, mlp_vae
from diffusionbook.randomness import randn, seeded

MAKE = {"linear": linear_vae, "mlp": lambda *a, **o: mlp_vae(*a, width=12, **o),
        "conv": lambda *a, **o: conv_vae(*a, width=4, **o)}  # fmt: skip
every = pytest.mark.parametrize("name", MAKE)


def images(size: int, n: int = 5) -> torch.Tensor:
    return randn((n, 1, size, size), seeded(size))


@every
@pytest.mark.parametrize("size", [2, 8, 10, 14])
def test_an_image_becomes_a_vector_and_a_vector_an_image(name, size) -> None:
    net, x = awake(MAKE[name](size, 3)), images(size)
    posterior = net.posterior(x)
    assert posterior.mean.shape == posterior.log_variance.shape == (5, 3)
    assert net.image(posterior.sample(seeded(0))).shape == x.shape
    answer = net.encoder(x)
    assert torch.equal(torch.cat([posterior.mean, posterior.log_variance], 1), answer)


@every
def test_one_seed_one_net(name) -> None:
    one, same, other = (MAKE[name](14, 3, seed=seed) for seed in (1, 1, 2))
    for a, b, c in zip(one.parameters(), same.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b)
        assert not torch.equal(a, c) or not bool(a.any())  # log variances start at 0


@every
def test_gradients_reach_every_parameter(name) -> None:
    net, x = awake(MAKE[name](14, 3)), images(14)
    posterior = net.posterior(x)
    decoded = net.image(posterior.sample(seeded(0)))
    vae_loss(x, decoded, posterior.kl(), weight=0.5).backward()
    assert all(p.grad.abs().max() > 1e-9 for p in net.parameters())


@every
def test_linear_is_the_linear_one_alone(name) -> None:
    """Of an affine map, the middle of two answers is the answer to the middle."""
    net, (a, b) = awake(MAKE[name](8, 3)), images(8, 2)
    z = randn((2, 3), seeded(3))
    off = {
        "encoder": net.encoder((a + b)[None] / 2)[0] - net.encoder(torch.stack([a, b])).mean(0),
        "decoder": net.image(z.mean(0, keepdim=True))[0] - net.image(z).mean(0)}
    for half, value in off.items():
        assert (float(value.detach().abs().max()) < 1e-12) == (name == "linear"), half


def test_the_linear_encoder_is_as_sure_of_one_image_as_of_another() -> None:
    net = awake(linear_vae(8, 3))
    log_variance = net.posterior(images(8)).log_variance
    assert torch.equal(log_variance, net.encoder.log_variance.expand(5, 3))
    assert net.posterior(images(8)).mean.std(0).min() > 0.01


def test_widths_are_those_asked_for() -> None:
    dense = [part for part in mlp_vae(8, 3, width=5).modules() if isinstance(part, nn.Linear)]
    assert [(part.in_features, part.out_features) for part in dense] == [
        (64, 5), (5, 5), (5, 6), (3, 5), (5, 5), (5, 64)]
    convs = [part for part in conv_vae(14, 3, width=5).modules()
             if isinstance(part, nn.Conv2d | nn.ConvTranspose2d)]
    assert [(part.in_channels, part.out_channels) for part in convs] == [
        (4, 5), (5, 10), (10, 5), (5, 4)]


@pytest.mark.parametrize(("call", "message"), [
    (lambda: linear_vae(0, 3), "size must be at least 1; it is 0"),
    (lambda: mlp_vae(8, 0), "latents must be at least 1; it is 0"),
    (lambda: mlp_vae(8, 3, width=0), "width must be at least 1; it is 0"),
    (lambda: conv_vae(7, 3), "size must be even; it is 7"),
    (lambda: OneVariance(0, 3), "pixels must be at least 1; it is 0"),
    (lambda: VectorVAE(nn.Identity(), nn.Identity(), 4, 0), "latents must be at least 1"),
    (lambda: linear_vae(4, 3).posterior(torch.zeros(1, 1, 5, 4)),
     r"x must have shape \(b, 1, 4, 4\); it has \(1, 1, 5, 4\)"),
    (lambda: linear_vae(4, 3).image(torch.zeros(1, 2)), r"z must have shape \(b, 3\)"),
    (lambda: linear_vae(4, 3).image(torch.zeros(0, 3)), "z must hold at least one sample"),
])  # fmt: skip
def test_bad_input_is_refused(call, message, without_shape_checks) -> None:
    with pytest.raises(ValueError, match=message):
        call()
