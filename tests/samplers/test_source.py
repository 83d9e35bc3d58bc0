"""Source optimisation: the posterior mean and no sample, and what memory a checkpoint saves."""

import math

import pytest
import torch
from torch import nn
from torch.autograd.graph import saved_tensors_hooks

from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.guidance.rewards import LinearReward, QuadraticReward
from diffusionbook.paths.gaussian import Cosine, Linear
from diffusionbook.prediction import Prediction
from diffusionbook.randomness import randn, seeded, torch_seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.affine import push_forward
from diffusionbook.samplers.ancestral import DDIM, Ancestral
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.ode import DPMpp2M, Heun
from diffusionbook.samplers.recurrence import Recurrent
from diffusionbook.samplers.source import optimise_source
from exact import f64

pytestmark = pytest.mark.usefixtures("without_shape_checks")
GRID = grids.uniform(6, 0.98)
MEAN, STDS, SEEN = f64([0.5, -1.0]), f64([1.0, 0.7]), f64([1.5, 0.2])


class Normal:
    """The exact denoiser of N(MEAN, STDS^2), without a mixture's expenses."""

    def __init__(self, path=None) -> None:
        self.path = path or Cosine()

    def __call__(self, x_t, t, y=None):
        c = self.path.at(t, x_t)
        gain = c.alpha * STDS**2 / (c.alpha**2 * STDS**2 + c.sigma**2)
        return Prediction(MEAN + gain * (x_t - c.alpha * MEAN), "x0", x_t, t, self.path)


@pytest.mark.equation("eq-source-optimum")
@pytest.mark.parametrize("stepper", [DDIM(), Heun(), DPMpp2M()], ids=str)
def test_an_affine_sampler_comes_to_the_posterior_mean_from_everywhere(stepper) -> None:
    """The prior is what the sampler makes of noise, N(c, T T'); the observation is x + n with n of
    std 1, so that the Hessian lies between 1 and about 2, and each step leaves half or less."""
    model = Normal()
    law = push_forward(stepper, model, GRID, torch.zeros(2), 1.0)
    exact = GaussianMixture.normal(*law).condition(torch.eye(2), SEEN, 1.0)
    got = optimise_source(stepper, model, QuadraticReward(SEEN, 1.0), 3 * randn((4, 2), seeded(0)),
                          GRID, steps=40, lr=0.6)
    assert (got.x - exact.means).abs().max() < 1e-8
    assert (got.x - sample(stepper, model, got.noise, GRID)).abs().max() < 1e-12
    assert got.losses.shape == (41, 4) and (got.losses.diff(dim=0) < 1e-12).all()


def test_without_the_prior_it_copies_the_observation() -> None:
    got = optimise_source(DDIM(), Normal(), QuadraticReward(SEEN, 1.0), randn((3, 2), seeded(0)),
                          GRID, steps=60, lr=1.0, prior=False)
    assert (got.x - SEEN).abs().max() < 1e-6


def kept(steps: int, checkpoint: bool) -> int:
    """Bytes that autograd holds for the way back through the sampler."""
    with torch_seeded(0):
        net = nn.Sequential(nn.Linear(8, 256), nn.SiLU(), nn.Linear(256, 8))
    for weight in net.parameters():
        weight.requires_grad_(False)
    model, found = NetDenoiser(Untimed(net), Linear(), "x0"), {}

    def pack(tensor):
        found[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes(), tensor
        return tensor

    with saved_tensors_hooks(pack, lambda tensor: tensor):
        optimise_source(DDIM(), model, LinearReward(torch.ones(8)),
                        randn((16, 8), seeded(0), torch.float32), grids.uniform(steps, 0.98),
                        steps=1, lr=1e-9, prior=False, checkpoint=checkpoint)
    weights = {w.untyped_storage().data_ptr() for w in net.parameters()}
    return sum(size for where, (size, _) in found.items() if where not in weights)


class Untimed(nn.Module):
    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x, t):
        return self.net(x)


def test_a_checkpoint_keeps_one_state_a_step() -> None:
    """The loss is computed twice, so each step keeps twice a state of 16 · 8 numbers of 4 bytes;
    what else is kept does not grow. Without a checkpoint the network's inside is kept, 32 times
    as wide as a state."""
    state = 16 * 8 * 4
    growth = (kept(12, True) - kept(4, True)) / 8
    assert 2 * state <= growth <= 2 * state + 200  # and a few numbers, of the step's times
    assert (kept(12, False) - kept(4, False)) / 8 > 2 * 32 * state


@pytest.mark.parametrize("stepper", [DDIM(), DPMpp2M(), Heun()], ids=str)
def test_a_checkpoint_changes_no_number(stepper) -> None:
    model = Normal(Linear())
    runs = [optimise_source(stepper, model, QuadraticReward(SEEN, 1.0), randn((2, 2), seeded(0)),
                            GRID, steps=3, lr=0.1, checkpoint=on) for on in (True, False)]
    assert (runs[0].x - runs[1].x).abs().max() < 1e-12


@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
def test_it_descends_where_gradients_are_off(context) -> None:
    def run():
        return optimise_source(DDIM(), Normal(Linear()),
                               QuadraticReward(SEEN, 1.0), randn((2, 2), seeded(0)), GRID,
                               steps=2, lr=0.1).x

    wanted = run()
    with context():
        got = run()
    assert (got - wanted).abs().max() < 1e-12


def called(stepper=None, reward=None, **given):
    given = {"steps": 2, "lr": 0.1} | given
    return optimise_source(stepper or DDIM(), Normal(Linear()),
                           reward or QuadraticReward(SEEN, 1.0), torch.zeros(2, 2).double(), GRID,
                           **given)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: called(DDIM(1.0)), "stepper must be deterministic.*DDIM"),
    (lambda: called(Ancestral()), "stepper must be deterministic.*Ancestral"),
    (lambda: called(Recurrent(DDIM(), 2)), "stepper must be deterministic.*Recurrent"),
    (lambda: called(steps=0), "steps must be at least 1"),
    (lambda: called(lr=0.0), "lr must be positive"),
    (lambda: called(momentum=1.0), "momentum must lie"),
    (lambda: called(reward=lambda x: x.detach().sum(1)), "cut off"),
    (lambda: called(reward=lambda x: x), "reward must return shape"),
    (lambda: called(reward=lambda x: x.sum(1) * math.nan), "reward must be finite"),
])  # fmt: skip
def test_bad_input_is_refused(call, message) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_a_descent_that_diverges_says_so() -> None:
    with pytest.raises((FloatingPointError, ValueError), match=r"diverged|must be finite"):
        called(reward=QuadraticReward(SEEN, 0.01), steps=400, lr=1.0)
