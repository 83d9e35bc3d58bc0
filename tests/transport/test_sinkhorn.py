"""Entropic plans: marginals, certificates, limits, and small temperatures."""

import math

import pytest
import torch

from diffusionbook.randomness import randn, seeded
from diffusionbook.transport.optimal.checks import masses
from diffusionbook.transport.optimal.log_domain import (
    feasible,
    half_step,
    primal,
    sinkhorn,
    sinkhorn_divergence,
)
from diffusionbook.transport.optimal.plans import assignment, squared_distances
from exact import f64

pytestmark = pytest.mark.usefixtures("without_shape_checks")
X, Y = randn((20, 2), seeded(0)), randn((15, 2), seeded(1)) + 0.5
COST = squared_distances(X, Y)
A = masses("a", None, 20)
B = torch.arange(1, 16).double() / 120


@pytest.mark.equation("eq-entropic")
@pytest.mark.equation("eq-sinkhorn")
@pytest.mark.equation("eq-entropic-dual")
@pytest.mark.parametrize("epsilon", [5.0, 0.5, 0.1])
def test_the_plan_has_its_marginals_and_its_certificate(epsilon: float) -> None:
    found = sinkhorn(COST, epsilon, A, B)
    assert (found.plan.sum(1) - A).abs().sum() < 2e-9
    assert (found.plan.sum(0) - B).abs().max() < 1e-12
    assert found.error < 1e-9 and -1e-12 < found.gap < 1e-7
    assert found.value == pytest.approx(primal(COST, found.plan, A, B, epsilon), abs=1e-7)
    assert (half_step(COST, found.g, B, epsilon) - found.f).abs().max() < 1e-7


@pytest.mark.equation("eq-entropic")
def test_no_other_plan_is_better() -> None:
    """Move mass round a square: both marginals stay, and the entropic cost must rise."""
    epsilon = 0.5
    found, generator = sinkhorn(COST, epsilon, A, B), seeded(2)
    best = primal(COST, found.plan, A, B, epsilon)
    for _ in range(20):
        (i, k), (j, m) = (torch.randperm(n, generator=generator)[:2] for n in COST.shape)
        for sign in (1, -1):
            other = found.plan.clone()
            size = float(other[[i, i, k, k], [j, m, j, m]].min()) / 2 * sign
            other[[i, k], [j, m]] += size
            other[[i, k], [m, j]] -= size
            assert primal(COST, other, A, B, epsilon) > best


@pytest.mark.equation("eq-entropic-dual")
def test_the_certificate_holds_where_the_plan_is_not_done() -> None:
    """Loose runs bracket the tight one: value below, value + gap above."""
    tight = sinkhorn(COST, 0.2, A, B, tolerance=1e-11).value
    for tolerance in (1e-1, 1e-2, 1e-3):
        loose = sinkhorn(COST, 0.2, A, B, tolerance=tolerance)
        assert loose.value < tight + 1e-10 < loose.value + loose.gap + 2e-10
    assert loose.gap > 1e-9


def test_the_error_is_what_the_rows_of_the_plan_miss() -> None:
    for tolerance in (0.3, 1e-2):
        found = sinkhorn(COST, 0.2, A, B, tolerance=tolerance)
        missed = float((found.plan.sum(1) - A).abs().sum())
        assert found.error == pytest.approx(missed, abs=1e-14) and 1e-4 < missed < tolerance


@pytest.mark.equation("eq-sinkhorn")
@pytest.mark.parametrize(("epsilon", "steps"), [(9.0, 1), (2.5, 1), (2.4, 2), (0.5, 4)])
def test_a_cost_of_two_parts_takes_a_step_at_each_temperature(epsilon: float, steps: int) -> None:
    """Costs from 0 to 5: half of that is the first temperature, and then half of it."""
    one, two, a, b = f64([0.0, 1.0, 3.0]), f64([0.0, 2.0]), f64([0.2, 0.3, 0.5]), f64([0.4, 0.6])
    found = sinkhorn(one[:, None] + two, epsilon, a, b)
    assert (found.plan - a[:, None] * b).abs().max() < 1e-14
    assert found.value == pytest.approx(float(a @ one + b @ two), abs=1e-14)
    assert (found.iterations, abs(found.gap) < 1e-14) == (steps, True)


@pytest.mark.equation("eq-entropic")
def test_an_entropic_cost_by_hand() -> None:
    """Where nothing goes, 0 log 0 is 0."""
    cost, half = f64([[1.0, 4.0], [2.0, 3.0]]), f64([0.5, 0.5])
    whole, mixed = f64([[0.5, 0.0], [0.0, 0.5]]), f64([[0.4, 0.1], [0.1, 0.4]])
    assert primal(cost, whole, half, half, 0.3) == pytest.approx(2 + 0.3 * math.log(2))
    nats = 0.8 * math.log(1.6) + 0.2 * math.log(0.4)
    assert primal(cost, mixed, half, half, 0.3) == pytest.approx(2.2 + 0.3 * nats)


def test_mending_by_hand() -> None:
    """The first row is scaled to .5, then the first column; the others hold too little, and stay
    until what is missing is spread. A plan that is right is left."""
    a, b = f64([0.5, 0.5]), f64([0.5, 0.25, 0.25])
    found = feasible(f64([[0.6, 0.1, 0.05], [0.2, 0.05, 0.1]]), a, b)
    kept = f64([[1 / 3, 1 / 15, 1 / 30], [1 / 6, 0.05, 0.1]])
    spread = f64([1 / 15, 11 / 60])[:, None] * f64([0.0, 2 / 15, 7 / 60]) / 0.25
    assert (found - kept - spread).abs().max() < 1e-15
    right = f64([[0.5, 0.0], [0.0, 0.5]])
    assert torch.equal(feasible(right, a, a), right)


@pytest.mark.equation("eq-entropic")
def test_limits_of_the_temperature() -> None:
    """Hot: the product. Cold, at a thousandth of the cost: the assignment, to that temperature
    times the logarithm of the number of points."""
    assert (sinkhorn(COST, 1e6, A, B).plan - A[:, None] * B).abs().max() < 1e-7
    square = COST[:15]
    epsilon = float(square.max()) / 1_000
    cold = sinkhorn(square, epsilon, tolerance=1e-3)
    best = float(square[range(15), assignment(square)].mean())
    assert float((cold.plan * square).sum()) == pytest.approx(best, abs=epsilon * math.log(15))
    assert bool(cold.plan.isfinite().all()) and cold.plan.max() > 0.06
    assert float((-square / epsilon).exp().min()) == 0  # where exponentials underflow


def test_a_number_may_move_from_one_side_to_the_other_and_costs_may_be_large() -> None:
    shifted = sinkhorn(COST + 1e6, 0.5, A, B)
    assert shifted.value - 1e6 == pytest.approx(sinkhorn(COST, 0.5, A, B).value, abs=1e-8)


@pytest.mark.equation("eq-sinkhorn-divergence")
def test_the_divergence_of_a_cloud_from_itself_is_nothing() -> None:
    cloud = X[:12]
    assert sinkhorn_divergence(cloud, cloud.flip(0), 1.0) == pytest.approx(0, abs=1e-9)
    plain = sinkhorn(squared_distances(cloud, cloud), 1.0).value
    assert plain > 0.5  # the entropic cost of a cloud with itself is not
    moved = sinkhorn_divergence(cloud, cloud + f64([3.0, 4.0]), 1.0)
    assert moved == pytest.approx(25, abs=1e-6)  # of a shift it is the square, exactly
    values = [sinkhorn(squared_distances(p, q), 1.0).value for p, q in ((X, Y), (X, X), (Y, Y))]
    wanted = values[0] - values[1] / 2 - values[2] / 2
    assert sinkhorn_divergence(X, Y, 1.0) == pytest.approx(wanted, abs=1e-12)
    assert abs(values[1] - values[2]) > 0.01  # two that differ: neither stands for both


@pytest.mark.parametrize(("call", "message"), [
    (lambda: sinkhorn(COST, 0.0), "epsilon must be positive; it is 0"),
    (lambda: sinkhorn(COST, -1.0), "epsilon must be positive; it is -1"),
    (lambda: sinkhorn(COST, math.inf), "epsilon must be finite"),
    (lambda: sinkhorn(COST / 0, 1.0), "cost must be finite"),
    (lambda: sinkhorn(COST[0], 1.0), r"cost must have shape \(n, m\)"),
    (lambda: sinkhorn(COST, 1.0, A * 2), "a must sum to 1; it sums to 2"),
    (lambda: sinkhorn(COST, 1.0, None, B - B[0]), "b must be positive"),
    (lambda: sinkhorn(COST, 1.0, most=0), "most must be at least 1; it is 0"),
    (lambda: sinkhorn(COST, 1.0, tolerance=0.0), "tolerance must be positive; it is 0"),
    (lambda: half_step(COST, B, B, 0.0), "epsilon must be positive"),
    (lambda: primal(COST, COST, A, B, math.nan), "epsilon must be positive; it is nan"),
])  # fmt: skip
def test_bad_input_is_refused(call, message) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_a_plan_that_is_not_done_is_not_returned() -> None:
    with pytest.raises(RuntimeError, match="most: after 3 iterations at epsilon 0.01"):
        sinkhorn(COST, 0.01, most=3)
    with pytest.raises(RuntimeError, match="most: after 2 iterations at epsilon 0.01"):
        sinkhorn_divergence(X, Y, 0.01, most=2)
    assert sinkhorn_divergence(X, Y, 0.01, most=2, tolerance=2.0) > 0  # more than rows can miss
