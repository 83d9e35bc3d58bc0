"""Orders of convergence: the ODE samplers against an independent high-order integrator."""

from functools import cache

import pytest
import torch
from scipy.integrate import solve_ivp

from diffusionbook.data.toy import trio_mixture
from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.paths.gaussian import VP, Cosine, Linear
from diffusionbook.randomness import seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.ancestral import DDIM
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.ode import DPMpp2M, Euler, Heun
from exact import slopes

START, END = 0.98, 0.10
PATHS = [Linear(), Cosine(), VP()]
LINEAR, COSINE, VP_PATH = PATHS
CASES = [(LINEAR, (128, 256)), (VP_PATH, (128, 256))] + [
    pytest.param(*case, marks=pytest.mark.slow)
    for case in [(COSINE, (128, 256)), *((path, (512, 1024)) for path in PATHS)]
]
MODELS = {path: AnalyticDenoiser(trio_mixture(), path) for path in PATHS}


def noisy_points(path) -> torch.Tensor:
    law = trio_mixture().diffuse(path.alpha(START), path.sigma(START))
    return law.sample(16, seeded(0))


@cache
def reference(path) -> torch.Tensor:
    """Where the probability-flow ODE takes the points, by DOP853 to nine digits."""
    x = noisy_points(path)

    def velocity(t: float, flat):
        return MODELS[path](torch.from_numpy(flat).reshape(x.shape), t).velocity.flatten().numpy()

    ends = (START, END)
    run = solve_ivp(velocity, ends, x.flatten().numpy(), "DOP853", rtol=1e-9, atol=1e-10)
    assert run.success
    return torch.from_numpy(run.y[:, -1]).reshape(x.shape)


@pytest.mark.equation("eq-euler")
@pytest.mark.equation("eq-heun")
@pytest.mark.equation("eq-ddim")
@pytest.mark.equation("eq-dpmpp")
@pytest.mark.parametrize("stepper", [Euler(), Heun(), DDIM(), DPMpp2M()], ids=str)
@pytest.mark.parametrize(("path", "counts"), CASES, ids=str)
def test_order(stepper, path, counts, without_shape_checks) -> None:
    errors = []
    for n in counts:
        end = sample(stepper, MODELS[path], noisy_points(path), grids.uniform(n, START, END))
        errors.append(float((end - reference(path)).square().mean().sqrt()))
    expected = {Euler: 1, Heun: 2, DDIM: 1, DPMpp2M: 2}[type(stepper)]
    assert slopes(counts, errors) == pytest.approx([expected], abs=0.1)
    assert stepper.order == expected
    assert errors[-1] < 0.05
