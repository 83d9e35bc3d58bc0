"""Chapter 4, "What breaks": each mistake it shows dies under one of these tests.

The rules are written out as on the page, so that the mistakes can be planted in them.
"""

import math
from collections.abc import Callable
from types import SimpleNamespace

import pytest
import torch
from models import TRIO
from torch import Tensor

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.likelihood.ode import continuity_residual, divergence, draw_probes
from diffusionbook.paths.gaussian import Linear
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.ode import Heun
from diffusionbook.transport.reflow import Pairs, reflow_pairs

pytestmark = pytest.mark.usefixtures("without_shape_checks")
LINE = Linear()
EXACT = AnalyticDenoiser(TRIO, LINE)


def theirs(x: Tensor, s: float) -> Tensor:
    """A field of a paper in which data is at time 1."""
    answer = EXACT(x, 1 - s)
    return answer.x0 - answer.eps


def right(x: Tensor, t: float) -> Tensor:
    return -theirs(x, 1 - t)


def time_only(x: Tensor, t: float) -> Tensor:
    return theirs(x, 1 - t)


def sign_only(x: Tensor, t: float) -> Tensor:
    return -theirs(x, t)


@pytest.mark.equation("eq-continuity")
def test_a_velocity_and_a_density_belong_together(field: Callable = right) -> None:
    """The continuity equation knows the direction of time."""

    def model(x: Tensor, t: Tensor) -> SimpleNamespace:
        return SimpleNamespace(velocity=field(x, float(t)))

    def log_density(x: Tensor, t: Tensor) -> Tensor:
        return TRIO.diffuse(LINE.alpha(t), LINE.sigma(t)).log_prob(x)

    x = randn((20, 2), seeded(0))
    for t in (0.3, 0.5, 0.8):
        assert continuity_residual(model, log_density, x, t).abs().max() < 1e-6


@pytest.mark.parametrize("mutant", [time_only, sign_only])
def test_half_a_change_of_time_fails(mutant: Callable) -> None:
    with pytest.raises(AssertionError):
        test_a_velocity_and_a_density_belong_together(mutant)


def averaged(field: Callable, x: Tensor, probes: Tensor) -> Tensor:
    return divergence(field, x, probes)[1]


def summed(field: Callable, x: Tensor, probes: Tensor) -> Tensor:
    return sum(divergence(field, x, z[None])[1] for z in probes)


@pytest.mark.equation("eq-hutchinson")
def test_more_probes_give_the_same_trace(estimate: Callable = averaged) -> None:
    """On a diagonal Jacobian each probe of signs is exact, so any number of them must be."""
    rates, x = torch.tensor([1.0, -2.0, 4.0]).double(), randn((3, 3), seeded(1))
    for n in (1, 2, 5):
        found = estimate(lambda x: rates * x, x, draw_probes(x, n, seeded(n)))
        assert (found - rates.sum()).abs().max() < 1e-12


def test_a_sum_of_probes_fails() -> None:
    with pytest.raises(AssertionError):
        test_more_probes_give_the_same_trace(summed)


def spread(steps: int, x: Tensor, fixed: bool) -> Tensor:
    """The integral of the estimated divergence along the tracks from x, by Heun's rule."""
    generator, grid = seeded(2), grids.uniform(steps, 1.0, 0.02).flip(0)
    z, total = draw_probes(x, 1, generator), torch.zeros(len(x)).double()

    def rates(x: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        probe = z if fixed else draw_probes(x, 1, generator)
        return divergence(lambda x: EXACT(x, t).velocity, x, probe)

    for s, t in zip(grid[:-1], grid[1:], strict=True):
        u, div = rates(x, s)
        u_end, div_end = rates(x + (t - s) * u, t)
        x = x + (t - s) / 2 * (u + u_end)
        total = total + (t - s) / 2 * (div + div_end)
    return total


@pytest.mark.equation("eq-hutchinson")
def test_halving_the_step_quarters_the_error(fixed: bool = True) -> None:
    """With one probe for the whole track the integrand is smooth and Heun's rule is of order 2."""
    x = TRIO.sample(40, seeded(3))
    found = [spread(n, x, fixed) for n in (80, 160, 320)]
    change = [float((a - b).square().mean().sqrt()) for a, b in zip(found, found[1:], strict=False)]
    assert math.log2(change[0] / change[1]) > 1.5


def test_a_fresh_probe_at_each_look_fails() -> None:
    with pytest.raises(AssertionError):
        test_halving_the_step_quarters_the_error(fixed=False)


def as_made(pairs: Pairs) -> Pairs:
    return pairs


def shuffled(pairs: Pairs) -> Pairs:
    order = torch.randperm(len(pairs.x0), generator=seeded(4))
    return Pairs(pairs.x0[order], pairs.eps)


def swapped(pairs: Pairs) -> Pairs:
    return Pairs(pairs.eps, pairs.x0)


@pytest.mark.equation("eq-pair-loss")
def test_the_flow_leads_from_each_noise_to_its_partner(keep: Callable = as_made) -> None:
    noise, grid = randn((50, 2), seeded(5)), grids.uniform(20, 1.0, 0.02)
    pairs = keep(reflow_pairs(EXACT, noise, Heun(), grid))
    again = reflow_pairs(EXACT, pairs.eps, Heun(), grid)
    assert (again.x0 - pairs.x0).abs().max() < 1e-9


@pytest.mark.parametrize("mutant", [shuffled, swapped])
def test_pairs_that_lost_their_partners_fail(mutant: Callable) -> None:
    with pytest.raises(AssertionError):
        test_the_flow_leads_from_each_noise_to_its_partner(mutant)
