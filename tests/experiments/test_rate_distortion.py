"""The measurement of rate and distortion, on few numbers and against formulas."""

import json
import math

import pytest
import torch
from networks import awake
from torch import nn

from diffusionbook.data import mnist
from diffusionbook.evidence import results
from diffusionbook.exact.linear_vae import LinearVAE
from diffusionbook.exact.water_filling import shannon_rate
from diffusionbook.experiments import mnist_rate_distortion as experiment
from diffusionbook.experiments.common import digit_vae
from diffusionbook.experiments.common.linear_search import Moments, mean_loss, search
from diffusionbook.losses import vae_loss
from diffusionbook.nets.posterior import DiagonalGaussian
from diffusionbook.nets.vector_vae import VectorVAE, linear_vae
from diffusionbook.randomness import randn, seeded

CPU = torch.device("cpu")
X = randn((40, 1, 3, 3), seeded(0)) * torch.linspace(0.2, 2, 9).reshape(1, 1, 3, 3) + 0.3


@pytest.fixture
def few(monkeypatch) -> dict[str, torch.Tensor]:
    """Small sets in the place of MNIST; nothing may stand in for them."""
    sets = {split: mnist.Digits(randn((n, 1, 28, 28), seeded(n), torch.float32).clamp(-1, 1),
                                torch.arange(n) % 10, split)
            for split, n in (("train", 90), ("test", 50))}  # fmt: skip
    monkeypatch.setattr(mnist, "real", lambda split="train", root=None: sets[split])
    return {split: digits.images for split, digits in sets.items()}


def test_a_small_pixel_is_the_mean_of_four(few) -> None:
    small = digit_vae.small_digits("test")
    assert small.shape == (50, 1, 14, 14)
    for i, j in ((0, 0), (3, 7), (13, 13)):
        four = few["test"][7, 0, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
        assert float(small[7, 0, i, j]) == pytest.approx(sum(four.flatten().tolist()) / 4, abs=1e-6)


def test_moments_are_of_the_images_around_a_point() -> None:
    flat = X.flatten(1)
    own, other = Moments(X), Moments(X, around=torch.full((9,), 0.1))
    assert (own.mean - flat.mean(0)).abs().max() < 1e-12
    assert (own.cov - torch.cov(flat.T, correction=0)).abs().max() < 1e-12
    away = flat.mean(0) - 0.1
    assert (other.cov - own.cov - away.outer(away)).abs().max() < 1e-7  # 0.1 is a float32
    for call, message in ((lambda: Moments(X / 0), "images must be finite"),
                          (lambda: Moments(X[:0]), "images must hold at least one sample"),
                          (lambda: Moments(X, own.mean / 0), "around must be finite")):
        with pytest.raises(ValueError, match=message):
            call()


def test_the_mean_loss_is_the_mean_over_images_and_draws() -> None:
    """Draws in pairs of opposite signs, and orthogonal: their mean and variance are exact."""
    net = awake(linear_vae(3, 4))
    posterior, total = net.posterior(X), 0.0
    for j in range(4):
        for sign in (1, -1):
            eps = torch.zeros(4).double()
            eps[j] = sign * 2.0  # eight draws: mean 0, and variance 2² · 2 / 8 in each latent
            decoded = net.image(posterior.mean + posterior.std * eps)
            total += float(vae_loss(X, decoded, posterior.kl(), weight=0.7).detach()) / 8
    assert float(mean_loss(net, Moments(X), 0.7).detach()) == pytest.approx(total, abs=1e-10)


@pytest.mark.equation("eq-linear-vae")
def test_a_search_ends_at_the_formula() -> None:
    """Also with the axes that the formula names, one latent for each."""
    data, level = Moments(X), 1.0
    exact = LinearVAE(data.cov, 6, level)
    net = search(linear_vae(3, 6), data, 2 * level, steps=2_000)
    assert float(mean_loss(net, data, 2 * level).detach()) == pytest.approx(
        exact.distortion + 2 * level * exact.rate, abs=1e-8)
    w = net.decoder.weight.detach()
    crossed = w.T @ w
    assert (crossed - crossed.diagonal().diag()).abs().max() < 1e-3
    found = crossed.diagonal().sort(descending=True).values
    assert (found - exact.decoder_variances).abs().max() < 1e-3
    assert (net.decoder.bias - data.mean).abs().max() < 1e-3
    assert 0 < int(exact.active.sum()) < 6


def test_rate_error_and_used_latents_of_a_net_that_is_known(monkeypatch) -> None:
    """It keeps two pixels with the noise it says, and answers the prior in a third latent."""
    class Encoder(nn.Module):
        def __init__(self):
            super().__init__()
            variances = torch.tensor([0.25, 0.01, 1.0], dtype=torch.float64)
            self.log_variance = nn.Parameter(variances.log())

        def forward(self, x):
            mean = x.flatten(1)[:, :3] * torch.tensor([1.0, 1.0, 0.0])
            return torch.cat([mean, self.log_variance.expand_as(mean)], 1)

    class Decoder(nn.Module):
        def forward(self, z):
            return torch.cat([z[:, :2], torch.zeros(len(z), 7)], 1)

    n = 4_000
    x = X.repeat(n // 40, 1, 1, 1)
    found = experiment.measured(VectorVAE(Encoder(), Decoder(), 3, 3), x, seed=3)
    flat = X.flatten(1)
    kl = [(m.square() + s2 - 1 - math.log(s2)) / 2 for m, s2 in ((flat[:, 0], 0.25),
                                                                 (flat[:, 1], 0.01))]
    assert found["rate"] == pytest.approx(sum(float(k.mean()) for k in kl), abs=1e-9)
    assert found["active"] == 2
    missed = float(flat[:, 2:].square().sum(1).mean())
    error = (2 * (0.25**2 + 0.01**2) / n) ** 0.5  # of the mean of n squares of noise
    assert found["distortion"] == pytest.approx(missed + 0.26, abs=5 * error)
    assert found["distortion"] != experiment.measured(
        VectorVAE(Encoder(), Decoder(), 3, 3), x, seed=4)["distortion"]


def test_a_recipe_trains_with_the_weight_of_its_beta(few) -> None:
    how = digit_vae.recipe("mlp", beta=3.0, seed=5)
    assert how.weight == pytest.approx(2 * 3 * digit_vae.VARIANCE)
    assert (how.steps, how.seed, how.net) == (digit_vae.STEPS["mlp"], 5, "mlp")
    net, (x,) = how.model(), how.data(None)
    assert torch.equal(x, digit_vae.small_digits("train"))
    posterior = net.posterior(x)
    decoded = net.image(posterior.sample(seeded(2)))
    by_hand = ((decoded - x).square().sum() + how.weight * posterior.kl().sum()) / len(x)
    loss = how.loss(net, x, generator=seeded(2))
    assert float(loss.detach()) == pytest.approx(float(by_hand.detach()), rel=1e-5)  # float32


def test_all_is_measured_under_its_names(few, monkeypatch, without_shape_checks) -> None:
    for name, value in {"SEARCH": 40, "LATENTS": 5, "BETAS": (0.1, 10.0)}.items():
        monkeypatch.setattr(experiment, name, value)
    monkeypatch.setattr(digit_vae, "LATENTS", 5)
    for steps in (experiment.STEPS, digit_vae.STEPS):
        monkeypatch.setitem(steps, "mlp", 2)
        monkeypatch.setitem(steps, "conv", 2)
    numbers = experiment.measure(1, CPU)
    of_net = ["rate", "distortion", "active", "train rate", "train distortion", "curve"]
    keys = [f"{net} beta={beta:g} {key}" for beta in (0.1, 10.0)
            for net, names in (("exact", of_net[:3]), ("linear", of_net), ("mlp", of_net),
                               ("conv", of_net)) for key in names]
    assert list(numbers) == keys
    assert all(math.isfinite(value) for value in numbers.values())
    data = Moments(digit_vae.small_digits("train"))
    variances = torch.linalg.eigvalsh(data.cov)
    assert numbers["mlp beta=0.1 curve"] == pytest.approx(
        shannon_rate(variances.clamp(min=0), numbers["mlp beta=0.1 distortion"]), abs=1e-9)
    exact = LinearVAE(data.cov, 5, digit_vae.VARIANCE, 0.1)
    test = Moments(digit_vae.small_digits("test"), around=data.mean)
    assert (numbers["exact beta=0.1 rate"], numbers["exact beta=0.1 distortion"]) == pytest.approx(
        exact.measured_on(test.cov), abs=1e-9)
    assert numbers["linear beta=0.1 rate"] > 5 * numbers["linear beta=10 rate"]
    path = results.RESULTS / "mnist-rate-distortion.json"
    if path.is_file():
        held = json.loads(path.read_bytes())
        assert {key.split("beta=")[0] for key in held["numbers"]} == {
            "exact ", "linear ", "mlp ", "conv "}
        assert len(held["numbers"]) == len(keys) // 2 * 5


def test_numbers_are_the_seeds_own(few, monkeypatch) -> None:
    nets = [digit_vae.recipe("conv", seed=seed).model() for seed in (0, 1, 0)]
    first, second, third = (net.decoder[0].weight for net in nets)
    assert torch.equal(first, third) and not torch.equal(first, second)
    posterior = DiagonalGaussian(torch.zeros(2, 3), torch.zeros(2, 3))
    assert not torch.equal(posterior.sample(seeded(0)), posterior.sample(seeded(1)))
