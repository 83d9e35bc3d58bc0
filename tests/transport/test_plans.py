"""Exact plans: by hand, by brute force, and by the prices that prove them."""

import math
from itertools import permutations

import pytest
import torch

from diffusionbook.randomness import randn, seeded
from diffusionbook.transport.optimal.checks import masses
from diffusionbook.transport.optimal.plans import (
    assignment,
    kantorovich,
    sorted_match,
    squared_distances,
)
from exact import f64

pytestmark = pytest.mark.usefixtures("without_shape_checks")
X, Y = randn((6, 2), seeded(0)), randn((6, 2), seeded(1)) + 0.5
COST = squared_distances(X, Y)
BAKERS = f64([[1.0, 4.0], [2.0, 3.0]])  # two bakers, two cafés
HALF, UNEVEN = f64([0.5, 0.5]), f64([0.7, 0.3])


def test_squared_distances_are_what_they_say() -> None:
    assert (COST - (X[:, None] - Y).square().sum(-1)).abs().max() < 1e-12
    images = squared_distances(X.reshape(3, 2, 2), Y.reshape(3, 2, 2))
    assert float(images[1, 2]) == pytest.approx(float((X[2:4] - Y[4:6]).square().sum()))


def test_neighbours_far_from_0_keep_their_distance_in_any_precision() -> None:
    """Where a square that is expanded is off by more than the whole distance."""
    x = 1e4 + randn((40, 3), seeded(4))
    y = x + 1e-5 * randn((40, 3), seeded(5))
    assert (squared_distances(x, y) - (x[:, None] - y).square().sum(-1)).abs().max() < 1e-12
    rough = squared_distances(X.float(), Y.float())
    assert torch.equal(rough, squared_distances(X.float().double(), Y.float().double()))


def test_equal_points_are_paired_as_they_came() -> None:
    line = torch.arange(40) // 20
    assert torch.equal(sorted_match(line, 1 - line), (torch.arange(40) + 20) % 40)


@pytest.mark.equation("eq-assignment")
def test_an_assignment_beats_all_720_permutations() -> None:
    match = assignment(COST)
    least = min(sum(float(COST[i, j]) for i, j in enumerate(way)) for way in permutations(range(6)))
    assert float(COST[range(6), match].sum()) == pytest.approx(least, abs=1e-12)
    assert sorted(match.tolist()) == list(range(6))


@pytest.mark.equation("eq-sorting")
@pytest.mark.parametrize("power", [1.5, 2.0, 4.0])
def test_on_a_line_ranks_are_paired_for_every_convex_cost(power: float) -> None:
    x, y = randn((40,), seeded(2)), randn((40,), seeded(3)).exp()
    cost = (x[:, None] - y).abs() ** power
    ranked = cost[range(40), sorted_match(x, y)].sum()
    assert float(ranked) == pytest.approx(float(cost[range(40), assignment(cost)].sum()), abs=1e-10)


def test_for_a_concave_cost_ranks_are_not_the_best() -> None:
    """One point of each cloud stays where it is, and the other jumps over it."""
    x, y = f64([0.0, 1.0]), f64([1.0, 2.0])
    cost = (x[:, None] - y).abs().sqrt()
    assert float(cost[range(2), assignment(cost)].sum()) == pytest.approx(math.sqrt(2))
    assert float(cost[range(2), sorted_match(x, y)].sum()) == pytest.approx(2)


@pytest.mark.equation("eq-kantorovich")
@pytest.mark.equation("eq-dual")
@pytest.mark.equation("eq-slackness")
def test_the_bakers_by_hand() -> None:
    """.5 stay with the first, .2 go from the second to the first, .3 stay with the second."""
    found = kantorovich(BAKERS, HALF, UNEVEN)
    assert (found.plan - f64([[0.5, 0.0], [0.2, 0.3]])).abs().max() < 1e-12
    assert found.f.tolist() == pytest.approx([0, 1]) and found.g.tolist() == pytest.approx([1, 2])
    assert found.value == pytest.approx(0.5 + 0.4 + 0.9)


@pytest.mark.equation("eq-kantorovich")
@pytest.mark.equation("eq-dual")
@pytest.mark.equation("eq-slackness")
def test_prices_prove_a_plan() -> None:
    a = f64([1, 2, 3, 4, 5, 6]) / 21
    for first, second in ((None, None), (a, None), (a, a.flip(0))):
        found = kantorovich(COST, first, second)
        u, v = masses("a", first, 6), masses("b", second, 6)
        assert (found.plan.sum(1) - u).abs().max() < 1e-10
        assert (found.plan.sum(0) - v).abs().max() < 1e-10
        slack = COST - found.f[:, None] - found.g
        assert float(slack.min()) > -1e-10  # nobody is promised more than it costs
        assert float((found.plan * slack).sum()) < 1e-10  # and where mass moves, no less
        assert found.value == pytest.approx(float(u @ found.f + v @ found.g), abs=1e-10)
    equal = kantorovich(COST)
    assert equal.value == pytest.approx(float(COST[range(6), assignment(COST)].mean()))


@pytest.mark.equation("eq-kantorovich")
@pytest.mark.equation("eq-dual")
@pytest.mark.parametrize(("n", "m"), [(2, 5), (5, 3), (1, 4)])
def test_as_many_sources_as_targets_are_not_needed(n: int, m: int) -> None:
    b = torch.arange(1, m + 1).double() / (m * (m + 1) / 2)
    cost = torch.rand((n, m), generator=seeded(n)).double()
    found = kantorovich(cost, None, b)
    assert found.plan.shape == (n, m) and float(found.f[0]) == 0
    assert (found.plan.sum(1) - 1 / n).abs().max() < 1e-10
    assert (found.plan.sum(0) - b).abs().max() < 1e-10
    assert float((cost - found.f[:, None] - found.g).min()) > -1e-10
    promised = float(found.f.mean() + b @ found.g)
    assert found.value == pytest.approx(promised, abs=1e-10)
    assert found.value == pytest.approx(float((found.plan * cost).sum()), abs=1e-12)


def test_costs_and_masses_that_carry_gradients_are_taken() -> None:
    cost, a = randn((3, 3), seeded(5)).square(), f64([0.2, 0.3, 0.5])
    found = kantorovich(cost.clone().requires_grad_(), a.clone().requires_grad_())
    assert torch.equal(found.plan, kantorovich(cost, a).plan)


def test_masses_are_not_scaled_in_silence() -> None:
    assert masses("a", None, 4).tolist() == [0.25] * 4
    with pytest.raises(ValueError, match="a must sum to 1; it sums to 2"):
        masses("a", torch.ones(2), 2)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: kantorovich(BAKERS, HALF, HALF * 3), "b must sum to 1; it sums to 3"),
    (lambda: kantorovich(BAKERS, f64([1, 0])), "a must be positive; the smallest is 0"),
    (lambda: kantorovich(BAKERS, f64([1.0])), r"a must have shape \(2,\)"),
    (lambda: kantorovich(BAKERS, HALF * math.nan), "a must be finite; it holds nan"),
    (lambda: kantorovich(BAKERS / 0), "cost must be finite; it holds inf"),
    (lambda: kantorovich(BAKERS[:0]), r"cost must have shape \(n, m\)"),
    (lambda: assignment(COST[:3]), r"cost must be square; its shape is \(3, 6\)"),
    (lambda: assignment(COST * math.nan), "cost must be finite"),
    (lambda: squared_distances(X, Y[:, :1]), r"y must have points of shape \(2,\)"),
    (lambda: squared_distances(X / 0, Y), "x must be finite"),
    (lambda: squared_distances(X, Y[:0]), "y must hold at least one sample"),
    (lambda: sorted_match(X[:, 0], Y[:3, 0]), r"y must have shape \(n,\)"),
    (lambda: sorted_match(X[:, 0] * math.nan, Y[:, 0]), "x must be finite"),
])  # fmt: skip
def test_bad_input_is_refused(call, message) -> None:
    with pytest.raises(ValueError, match=message):
        call()
