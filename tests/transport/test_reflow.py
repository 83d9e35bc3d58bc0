"""Pairs from a flow, and the loss on the lines between them."""

import pytest
import torch
from models import TRIO

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.losses import denoising_loss
from diffusionbook.nets.mlp import MLP
from diffusionbook.paths.gaussian import Cosine, Linear
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.ode import Heun
from diffusionbook.training.loop import batches, fit
from diffusionbook.transport.reflow import Pairs, pair_loss, reflow_pairs
from diffusionbook.transport.tracks import crossing, straightness
from exact import f64

X0, EPS = TRIO.sample(64, seeded(0)), randn((64, 2), seeded(1))


@pytest.mark.equation("eq-pair-loss")
@pytest.mark.equation("eq-cfm-loss")
def test_it_is_the_squared_error_on_the_line_of_each_pair() -> None:
    model, times = AnalyticDenoiser(TRIO, Linear()), torch.linspace(0.05, 1, 64).double()
    loss = pair_loss(model, X0, EPS, loss_in="velocity", time=lambda *_: times)
    t = times[:, None]
    u = model((1 - t) * X0 + t * EPS, times).velocity
    assert float(loss) == pytest.approx(float((u - (EPS - X0)).square().mean()), rel=1e-12)


@pytest.mark.equation("eq-pair-loss")
def test_with_the_same_noise_it_is_the_loss_of_all_models() -> None:
    """denoising_loss with the pair handed to it as a coupling, on other paths and rows as well."""
    for path, row in ((Linear(), "velocity"), (Cosine(), "v"), (Linear(), "x0")):
        net = NetDenoiser(MLP(generator=seeded(2)).double(), path, row)
        ours = pair_loss(net, X0, EPS, generator=seeded(3))
        right = denoising_loss(net, X0, generator=seeded(3), coupling=lambda x, _: (x, EPS))
        assert torch.equal(ours, right) and ours.requires_grad
        drawn = denoising_loss(net, X0, generator=seeded(3))
        assert (ours - drawn).detach().abs() > 1e-3


def test_weight_and_labels_are_passed_on() -> None:
    model, k = AnalyticDenoiser(TRIO, Linear()), torch.arange(64) % 3
    plain = pair_loss(model, X0, EPS, k, generator=seeded(4))
    twice = pair_loss(model, X0, EPS, k, weight=lambda t, _: 2 + 0 * t, generator=seeded(4))
    assert float(twice) == pytest.approx(2 * float(plain))
    assert float(plain) != float(pair_loss(model, X0, EPS, generator=seeded(4)))


def test_pairs_are_ends_of_tracks_in_any_batches(without_shape_checks) -> None:
    model, grid = AnalyticDenoiser(TRIO, Linear()), grids.uniform(12)
    pairs = reflow_pairs(model, EPS, Heun(), grid, batch=10)
    assert torch.equal(pairs.eps, EPS)
    assert torch.allclose(pairs.x0, sample(Heun(), model, EPS, grid))
    k = torch.arange(64) % 3
    told = reflow_pairs(model, EPS, Heun(), grid, y=k, batch=10)
    assert torch.allclose(told.x0, sample(Heun(), model, EPS, grid, y=k))


def test_the_pairs_of_a_gaussian_are_on_a_line(without_shape_checks) -> None:
    """The flow of N(m, s^2) takes eps to m + s eps."""
    mean, std = f64([0.5, -1.0]), 0.3
    law = GaussianMixture.normal(mean, std**2)
    model = AnalyticDenoiser(law, Linear())
    pairs = reflow_pairs(model, EPS, Heun(), grids.uniform_log_snr(400, Linear(), 0.9999, 1e-4))
    assert (pairs.x0 - (mean + std * EPS)).abs().max() < 1e-3


@pytest.mark.slow
@pytest.mark.equation("eq-pair-loss")
def test_one_reflow_straightens_a_trained_flow(without_shape_checks) -> None:
    """A second flow on the first one's pairs has lines that hardly cross and tracks that hardly
    bend, and one step of it is about as good as many."""

    def train(data, loss):
        net = NetDenoiser(MLP(width=64, generator=seeded(0)), Linear(), "velocity")
        for _ in fit(net, data, loss, steps=1_500, lr=3e-3):
            pass
        return net.requires_grad_(False)

    first = train(batches(TRIO.sample(5_000, seeded(1)).float(), size=256), denoising_loss)
    noise = randn((5_000, 2), seeded(2), torch.float32)
    pairs = reflow_pairs(first, noise, Heun(), grids.uniform(30))
    assert isinstance(pairs, Pairs)
    second = train(batches(*pairs, size=256), pair_loss)
    grid, fresh = grids.uniform(50), randn((500, 2), seeded(3), torch.float32)
    bend = [float(straightness(net, fresh, grid).mean()) for net in (first, second)]
    assert bend[1] < 0.1 * bend[0]
    lost = [crossing(first, *(x.float() for x in (X0, EPS)), generator=seeded(5)),
            crossing(second, *pairs, generator=seeded(5))]
    assert lost[1] < 0.1 * lost[0]
