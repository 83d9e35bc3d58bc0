"""Guided models are models: every sampler runs on them, and takes each step of the exact one."""

import pytest
import torch
from models import PATHS

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.guidance import LinearReward, Matrix, covariance_aware, pigdm, steer
from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import VP
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import (
    DDIM,
    Ancestral,
    DPMpp2M,
    Euler,
    EulerMaruyama,
    Heun,
    grids,
    sample,
)
from exact import f64

MEAN, COV = f64([0.3, -0.8]), f64([[1.0, 0.4], [0.4, 0.5]])
GAUSSIAN, NORMAL = GaussianMixture.normal(MEAN, COV), GaussianMixture.normal(MEAN, 1.0)
A, OBSERVED, B = f64([[1.0, -0.5]]), f64([0.7]), f64([0.7, -0.4])
X = randn((4, 2), seeded(0))
GRID, CHAIN = grids.uniform(6, t_max=0.9, t_min=0.1), Chain.from_path(VP(), 6)
EXACT = {  # prior, how it is guided, and the law that the guided model is exact for
    "steer": (GAUSSIAN, lambda m: steer(m, LinearReward(B)),
              GaussianMixture.normal(MEAN + COV @ B, COV)),
    "pigdm": (NORMAL, lambda m: pigdm(m, Matrix(A), OBSERVED, 0.4),
              NORMAL.condition(A, OBSERVED, 0.4)),
    "covariance": (GAUSSIAN, lambda m: covariance_aware(m, Matrix(A), OBSERVED, 0.4),
                   GAUSSIAN.condition(A, OBSERVED, 0.4)),
}
STEPPERS = [Euler(), Heun(), DPMpp2M(), DDIM(0.0), DDIM(1.0), EulerMaruyama()]
RUNS = [(stepper, path, GRID) for stepper in STEPPERS for path in PATHS]
RUNS += [(stepper, CHAIN, grids.all_steps(CHAIN)[:-1]) for stepper in (DDIM(0.5), Ancestral())]


@pytest.mark.equation("eq-steer")
@pytest.mark.equation("eq-pigdm")
@pytest.mark.equation("eq-covariance-aware")
@pytest.mark.parametrize(("prior", "guide", "law"), EXACT.values(), ids=list(EXACT))
@pytest.mark.parametrize(("stepper", "path", "grid"), RUNS, ids=str)
def test_where_guidance_is_exact_every_sampler_draws_the_same_points(
    prior, guide, law, stepper, path, grid
) -> None:
    with torch.inference_mode():
        guided = guide(AnalyticDenoiser(prior, path))
        found, wanted, plain = (
            sample(stepper, model, X, grid, generator=seeded(1))
            for model in (guided, AnalyticDenoiser(law, path), AnalyticDenoiser(prior, path))
        )
    assert (found - wanted).abs().max() < 1e-10
    assert (found - plain).abs().max() > 1e-2
