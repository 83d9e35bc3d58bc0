"""What holds for every stepper, and the loop around them."""

import pytest
import torch
from models import TRIO

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import VP, Linear
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.ancestral import DDIM, Ancestral
from diffusionbook.samplers.loop import Stepper, sample, trajectory
from diffusionbook.samplers.ode import DPMpp2M, Euler, Heun
from diffusionbook.samplers.sde import EulerMaruyama
from exact import f64

NOISE = randn((5, 2), seeded(0))
STEPPERS = [
    DDIM(),
    DDIM(0.5),
    DDIM(1.0),
    Ancestral("posterior"),
    Ancestral("beta"),
    Euler(),
    Heun(),
    DPMpp2M(),
    EulerMaruyama(),
]
each_stepper = pytest.mark.parametrize("stepper", STEPPERS, ids=str)


class Recorder(AnalyticDenoiser):
    """The exact model, remembering when and with which labels it was asked."""

    def __init__(self, path) -> None:
        super().__init__(TRIO, path)
        self.times, self.labels = [], []

    def __call__(self, x_t, t, y=None):
        self.times.append(float(t))
        self.labels.append(y)
        return super().__call__(x_t, t, y)


@each_stepper
def test_no_stepper_asks_the_model_at_time_zero(stepper) -> None:
    model = Recorder(Linear())
    end = sample(stepper, model, NOISE, grids.uniform(4, 0.9), generator=seeded(1))
    assert torch.isfinite(end).all()
    assert min(model.times) > 0
    assert len(model.times) == (7 if isinstance(stepper, Heun) else 4)


@each_stepper
def test_labels_reach_the_model_in_every_evaluation(stepper) -> None:
    model, y = Recorder(Linear()), torch.tensor([0, 1, 2, 1, 0])
    sample(stepper, model, NOISE, grids.uniform(3, 0.9), y=y, generator=seeded(1))
    assert all(labels is y for labels in model.labels)


@each_stepper
def test_the_generator_decides_the_noise(stepper) -> None:
    model, grid = AnalyticDenoiser(TRIO, Linear()), grids.uniform(3, 0.9)
    one, same, other = (
        sample(stepper, model, NOISE, grid, generator=seeded(seed)) for seed in (1, 1, 2)
    )
    assert torch.equal(one, same)
    random = isinstance(stepper, Ancestral | EulerMaruyama) or getattr(stepper, "eta", 0) > 0
    assert torch.equal(one, other) is not random


@each_stepper
def test_only_random_steppers_draw(stepper) -> None:
    generator = seeded(1)
    before = generator.get_state()
    sample(
        stepper, AnalyticDenoiser(TRIO, Linear()), NOISE, grids.uniform(3, 0.9), generator=generator
    )
    random = isinstance(stepper, Ancestral | EulerMaruyama) or getattr(stepper, "eta", 0) > 0
    assert torch.equal(generator.get_state(), before) is not random


@each_stepper
def test_gradients_flow_and_precision_is_kept(stepper) -> None:
    noise = NOISE.float().requires_grad_()
    end = sample(
        stepper, AnalyticDenoiser(TRIO, VP()), noise, grids.uniform(3, 0.9), generator=seeded(1)
    )
    assert end.dtype == torch.float32
    (gradient,) = torch.autograd.grad(end.sum(), noise)
    assert gradient.abs().min() > 0


@each_stepper
def test_samples_of_any_shape(stepper) -> None:
    class Halve(torch.nn.Module):
        def forward(self, x, t):
            return x / 2

    model = NetDenoiser(Halve(), Linear(), "x0")
    images = NOISE.reshape(5, 1, 2, 1)
    end = sample(stepper, model, images, grids.uniform(3, 0.9), generator=seeded(1))
    flat = sample(stepper, model, NOISE, grids.uniform(3, 0.9), generator=seeded(1))
    assert (end.reshape(5, 2) - flat).abs().max() < 1e-12


def test_trajectory_shows_every_state_and_its_time() -> None:
    model, grid = AnalyticDenoiser(TRIO, Linear()), f64([0.9, 0.6, 0.2, 0.0])
    states = list(trajectory(DPMpp2M(), model, NOISE, grid))
    assert [t for t, _ in states] == [0.9, 0.6, 0.2, 0.0]
    assert all(isinstance(t, float) for t, _ in states)
    assert states[0][1] is NOISE
    x, memory = NOISE, None
    for (_, state), t, s in zip(states[1:], grid[:-1], grid[1:], strict=True):
        x, memory = DPMpp2M().step(model, x, t, s, memory=memory)
        assert torch.equal(state, x)
    assert torch.equal(sample(DPMpp2M(), model, NOISE, grid), x)


@each_stepper
def test_steppers_are_steppers(stepper) -> None:
    assert isinstance(stepper, Stepper)


def test_a_bad_grid_is_refused() -> None:
    with pytest.raises(ValueError, match="grid must decrease"):
        sample(Euler(), AnalyticDenoiser(TRIO, Linear()), NOISE, f64([0.0, 0.5]))


@each_stepper
def test_a_chain_serves_the_steppers_that_need_no_derivative(stepper) -> None:
    chain = Chain.from_path(VP(), 8)
    model, grid = AnalyticDenoiser(TRIO, chain), grids.all_steps(chain)
    if isinstance(stepper, Euler | Heun | EulerMaruyama):
        with pytest.raises(ValueError, match="Chain"):
            sample(stepper, model, NOISE, grid, generator=seeded(1))
    else:
        end = sample(stepper, model, NOISE, grid, generator=seeded(1))
        assert TRIO.log_prob(end).mean() > TRIO.log_prob(NOISE).mean()
