"""The best source noise of an affine sampler: one point, and which one."""

import math

import pytest
import torch

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.exact.source import source_optimum
from diffusionbook.paths.gaussian import Cosine, Linear
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.ode import Heun
from exact import f64, gradient

MATRIX, OFFSET = randn((3, 4), seeded(0)), f64([0.5, -1.0, 0.2])
OPERATOR, OBSERVED, STD = randn((2, 3), seeded(1)), f64([1.2, -0.4]), 0.3
GIVEN = {
    "matrix": MATRIX, "offset": OFFSET, "operator": OPERATOR, "observed": OBSERVED,
    "noise_std": STD,
}  # fmt: skip


def loss(z: torch.Tensor) -> torch.Tensor:
    residual = OBSERVED - (z @ MATRIX.T + OFFSET) @ OPERATOR.T
    return z.square().sum(-1) / 2 + residual.square().sum(-1) / (2 * STD**2)


@pytest.mark.equation("eq-source-optimum")
def test_the_optimum_is_where_the_gradient_vanishes_and_the_only_one() -> None:
    found = source_optimum(**GIVEN)
    assert gradient(loss, found.noise[None]).abs().max() < 1e-10
    away = found.noise + 0.01 * randn((20, 4), seeded(2))
    assert bool((loss(away) > loss(found.noise)).all())
    assert (found.x - (MATRIX @ found.noise + OFFSET)).abs().max() < 1e-12


@pytest.mark.equation("eq-source-optimum")
def test_it_is_the_mean_of_the_exact_posterior() -> None:
    prior = GaussianMixture.normal(OFFSET, MATRIX @ MATRIX.T)
    posterior = prior.condition(OPERATOR, OBSERVED, STD)
    assert (source_optimum(**GIVEN).x - posterior.mean()).abs().max() < 1e-10
    assert float(posterior.cov().trace()) > 0.1, "a draw would not be the mean"


@pytest.mark.equation("eq-source-optimum")
@pytest.mark.parametrize("path", [Linear(), Cosine()], ids=str)
def test_a_real_sampler_of_a_gaussian_is_affine_and_its_optimum_by_descent_is_this(
    path, without_shape_checks
) -> None:
    """The sampler is asked for its matrix, and the noise is found by Newton through the sampler."""
    law = GaussianMixture.normal(f64([0.3, -0.5]), f64([[0.8, 0.3], [0.3, 0.4]]))
    model, grid = AnalyticDenoiser(law, path), grids.uniform(12)
    operator, observed = f64([[1.0, 0.5]]), f64([1.5])

    def made(z: torch.Tensor) -> torch.Tensor:
        return sample(Heun(), model, z.reshape(-1, 2), grid)

    ends = made(torch.cat([torch.zeros(1, 2), torch.eye(2)]).double())
    matrix, offset = (ends[1:] - ends[0]).mT, ends[0]

    def loss(z: torch.Tensor) -> torch.Tensor:
        residual = observed - made(z)[0] @ operator.T
        return z.square().sum() / 2 + residual.square().sum() / (2 * 0.4**2)

    z = f64([1.0, -2.0])
    hessian = torch.autograd.functional.hessian(loss, z)
    best = z - torch.linalg.solve(hessian, gradient(loss, z))
    found = source_optimum(matrix, offset, operator, observed, 0.4)
    assert (found.noise - best).abs().max() < 1e-10
    assert (found.x - made(best)[0]).abs().max() < 1e-10


@pytest.mark.equation("eq-source-optimum")
def test_a_precise_observation_is_met_and_a_vague_one_forgotten() -> None:
    met = source_optimum(**GIVEN | {"noise_std": 1e-5})
    assert (OPERATOR @ met.x - OBSERVED).abs().max() < 1e-8
    forgotten = source_optimum(**GIVEN | {"noise_std": 1e8})
    assert (forgotten.x - OFFSET).abs().max() < 1e-10


def test_what_does_not_fit_is_refused() -> None:
    for name, value in (
        ("matrix", MATRIX[:2]), ("offset", OFFSET[:2]), ("operator", OPERATOR[:1]),
        ("observed", OBSERVED[None]), ("observed", OBSERVED[0]), ("matrix", MATRIX[0]),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r"matrix must be \(d, k\), offset \(d,\), operator"):
            source_optimum(**GIVEN | {name: value})
    for name in ("matrix", "offset", "operator", "observed"):
        with pytest.raises(ValueError, match=f"{name} must be finite; it holds nan"):
            source_optimum(**GIVEN | {name: torch.full_like(GIVEN[name], math.nan)})
    for bad in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match=f"noise_std must be .*; it is {bad}"):
            source_optimum(**GIVEN | {"noise_std": bad})
