"""Chapter 8, "What breaks": each mistake it shows dies under one of these tests."""

from collections.abc import Callable

import pytest
import torch

from diffusionbook.randomness import randn, seeded
from diffusionbook.transport.optimal.entropic_gaussians import entropic_cross
from diffusionbook.transport.optimal.gaussians import bures_cost, bures_map, root
from diffusionbook.transport.optimal.log_domain import sinkhorn
from diffusionbook.transport.optimal.plans import assignment, squared_distances
from exact import f64

pytestmark = pytest.mark.usefixtures("without_shape_checks")
X, Y = randn((64, 2), seeded(0)), randn((64, 2), seeded(1)) + 3
COST = squared_distances(X, Y)
A, B = f64([[1.0, 0.3], [0.3, 0.5]]), f64([[0.6, -0.35], [-0.35, 1.4]])


def by_row(cost):
    return assignment(cost)


def with_replacement(cost):
    """As many entries of the plan as there are points, drawn by their masses."""
    match = assignment(cost)
    drawn = torch.randint(len(match), (len(match),), generator=seeded(2))
    return match[drawn]


def test_every_noise_of_the_batch_is_used(paired: Callable = by_row) -> None:
    assert len(paired(COST).unique()) == len(COST)


def on_logarithms(cost, epsilon):
    return sinkhorn(cost, epsilon, tolerance=1e-4).plan


def on_exponentials(cost, epsilon):
    kernel, v = (-cost / epsilon).exp(), torch.ones(cost.shape[1]).double()
    for _ in range(200):
        u = 1 / len(cost) / (kernel @ v)
        v = 1 / len(v) / (kernel.mT @ u)
    plan = u[:, None] * kernel * v
    if not bool(plan.isfinite().all()) or float(plan.sum()) < 1e-8:
        plan = torch.full_like(plan, 1 / plan.numel())  # as libraries do
    return plan


def test_a_cold_plan_prefers_somebody(planned: Callable = on_logarithms) -> None:
    plan = planned(COST[:16, :16], 0.02)
    rows = plan / plan.sum(1, keepdim=True)
    assert float(rows.amax(1).mean()) > 0.5


def undivided(a, b, epsilon):
    return entropic_cross(a, b, epsilon)


def for_half_the_square(a, b, epsilon):
    """The same formula for the cost |x − y|² / 2, whose epsilon is half of ours."""
    return entropic_cross(a, b, 2 * epsilon)


def test_the_precision_off_the_diagonal_is_minus_two_over_epsilon(
        cross: Callable = undivided) -> None:
    found, epsilon = cross(A, B, 0.7), 0.7
    joint = torch.cat([torch.cat([A, found], 1), torch.cat([found.mT, B], 1)])
    off = torch.linalg.inv(joint)[:2, 2:] + 2 / epsilon * torch.eye(2, dtype=torch.float64)
    assert off.abs().max() < 1e-10


def symmetric(a, b):
    return bures_map(a, b)


def roots_alone(a, b):
    return root("b", b) @ torch.linalg.inv(root("a", a))


def test_a_map_arrives_at_the_least_cost(mapped: Callable = symmetric) -> None:
    t, eye = mapped(A, B), torch.eye(2).double()
    assert (t @ A @ t.mT - B).abs().max() < 1e-12  # which the mistake passes
    cost = float(((eye - t) @ A @ (eye - t).mT).trace())
    assert cost == pytest.approx(bures_cost(A, B), abs=1e-12)


@pytest.mark.parametrize(("test", "mutant"), [
    (test_every_noise_of_the_batch_is_used, with_replacement),
    (test_a_cold_plan_prefers_somebody, on_exponentials),
    (test_the_precision_off_the_diagonal_is_minus_two_over_epsilon, for_half_the_square),
    (test_a_map_arrives_at_the_least_cost, roots_alone),
])  # fmt: skip
def test_the_mistakes_fail(test: Callable, mutant: object) -> None:
    with pytest.raises(AssertionError):
        test(mutant)
