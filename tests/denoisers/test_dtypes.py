"""The state has the precision of the caller's noise, at least float32; a network has its own."""

import pytest
import torch
from models import TRIO
from torch import nn

from diffusionbook import zoo
from diffusionbook.data.toy import spiral_mixture
from diffusionbook.denoisers.exact import AnalyticDenoiser, EmpiricalDenoiser
from diffusionbook.denoisers.linear import LinearDenoiser
from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.likelihood.ode import log_prob_ode
from diffusionbook.losses import denoising_loss
from diffusionbook.metrics.points import sliced_w2
from diffusionbook.nets.mlp import MLP
from diffusionbook.paths.gaussian import VP, Cosine, Linear
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.ancestral import DDIM, Ancestral
from diffusionbook.samplers.loop import sample, trajectory
from diffusionbook.samplers.ode import DPMpp2M, Euler, Heun
from diffusionbook.samplers.sde import EulerMaruyama
from exact import f64

PATH = Cosine()
NOISE, GRID = randn((64, 2), seeded(0)), grids.uniform(20, 0.95)
DATA = TRIO.sample(50, seeded(1))
STEPPERS = [DDIM(), DDIM(1.0), Ancestral("beta"), Ancestral("posterior"), Euler(), Heun(),
            DPMpp2M(), EulerMaruyama()]
HALVES = [torch.bfloat16, torch.float16]
each_half = pytest.mark.parametrize("half", HALVES, ids=str)


def network(dtype=torch.float32) -> NetDenoiser:
    return NetDenoiser(MLP(width=16, generator=seeded(2)).to(dtype), PATH, "v")


MODELS = {"exact": AnalyticDenoiser(TRIO, PATH), "data": EmpiricalDenoiser(DATA, PATH),
          "linear": LinearDenoiser(DATA, PATH), "network": network(),
          "half network": network(torch.bfloat16), "double network": network(torch.float64)}
each_model = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)


@each_half
@pytest.mark.parametrize("stepper", STEPPERS, ids=str)
def test_a_state_never_has_half_precision(stepper, half) -> None:
    noise, model = NOISE.to(half), MODELS["exact"]
    found = [x for _, x in trajectory(stepper, model, noise, GRID, generator=seeded(3))]
    assert {x.dtype for x in found} == {torch.float32}
    # the same numbers as from the same noise in float32, so nothing on the way is half
    assert torch.equal(
        found[-1], sample(stepper, model, noise.float(), GRID, generator=seeded(3)))  # fmt: skip


@each_half
def test_many_small_steps_from_half_noise_find_the_data(half, without_shape_checks) -> None:
    grid, noise = grids.uniform_log_snr(1_000, PATH), randn((1_000, 2), seeded(4))
    law, fresh = AnalyticDenoiser(TRIO, PATH), TRIO.sample(1_000, seeded(5))
    right, found = (
        float(sliced_w2(sample(DPMpp2M(), law, x, grid), fresh, seeded(6)))
        for x in (noise.float(), noise.to(half))
    )
    assert abs(found - right) < 0.02  # the rounding of the noise; a state in bfloat16 adds 0.09


@each_model
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, *HALVES], ids=str)
@pytest.mark.parametrize(
    "t", [0.4, f64(0.4), torch.full((64,), 0.4)], ids=["number", "one", "each"])
def test_every_model_answers_in_the_dtype_it_was_asked_in(model, dtype, t) -> None:
    x = NOISE.to(dtype)
    answer = model(x, t)
    assert answer.y.dtype == answer.x0.dtype == answer.eps.dtype == dtype
    same = model(x.double(), t).y
    assert (answer.y.double() - same).abs().max() <= 4 * torch.finfo(dtype).eps * same.abs().max()


def test_a_network_is_asked_in_its_own_dtype() -> None:
    class Spy(nn.Module):
        def __init__(self, dtype):
            super().__init__()
            self.order = nn.Parameter(torch.arange(3), requires_grad=False)  # no precision at all
            self.weight = nn.Parameter(torch.ones(2, dtype=dtype))

        def forward(self, x, t):
            self.seen = x.dtype, t.dtype
            return x * self.weight

    for dtype in (torch.float64, torch.float32, torch.bfloat16):
        spy = Spy(dtype)
        assert NetDenoiser(spy, PATH, "v")(NOISE.float(), 0.5).y.dtype == torch.float32
        assert spy.seen == (dtype, dtype)


def test_autocast_still_decides_what_a_network_in_the_dtype_of_the_samples_answers() -> None:
    with torch.autocast("cpu", torch.bfloat16):
        assert network()(NOISE.float(), 0.5).y.dtype == torch.bfloat16
        assert network()(NOISE, 0.5).y.dtype == torch.float64
        end = sample(DPMpp2M(), network(), NOISE.float(), GRID)
    assert end.dtype == torch.float32


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
@pytest.mark.parametrize("stepper", STEPPERS, ids=str)
def test_a_float32_network_samples_in_the_precision_of_the_noise(stepper, dtype) -> None:
    model = zoo.load("explorer")["spiral", "ddpm"]
    end = sample(stepper, model, NOISE.to(dtype), grids.uniform(10), generator=seeded(3))
    assert end.dtype == dtype and bool(end.isfinite().all()) and not end.requires_grad


def test_a_float32_network_learns_from_float64_data() -> None:
    x0, model = spiral_mixture().sample(40, seeded(7)), NetDenoiser(
        MLP(width=8, generator=seeded(8)), VP(), "eps")  # fmt: skip
    loss = denoising_loss(model, x0, generator=seeded(9))
    loss.backward()
    slopes = [w.grad for w in model.parameters()]
    assert loss.dtype == torch.float64
    assert all(g.dtype == torch.float32 and g.abs().sum() > 0 for g in slopes)


@each_half
def test_a_log_density_is_added_up_in_full_precision(half) -> None:
    model, x, grid = AnalyticDenoiser(TRIO, Linear()), NOISE[:4].to(half), grids.uniform(8, 1, 0.1)
    found = log_prob_ode(model, x, grid)
    assert found.dtype == torch.float32
    assert torch.equal(found, log_prob_ode(model, x.float(), grid))
