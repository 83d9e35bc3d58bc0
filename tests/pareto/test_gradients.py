"""MGDA by its certificate, PCGrad by its identities, and where its promise ends."""

import math

import pytest
import torch

from diffusionbook.pareto import min_norm, pcgrad, stacked, whole_gradients
from diffusionbook.randomness import randn, seeded
from exact import f64


def by_search(gradients) -> float:
    """The least length on the segment of two, by halving where a convex function turns."""

    def length(gamma: float) -> float:
        return float((gamma * gradients[0] + (1 - gamma) * gradients[1]).square().sum())

    low, high = 0.0, 1.0
    for _ in range(200):
        one, two = low + (high - low) / 3, high - (high - low) / 3
        low, high = (low, two) if length(one) < length(two) else (one, high)
    return min(length(low), length(high), length(0.0), length(1.0)) ** 0.5


@pytest.mark.equation("eq-min-norm")
@pytest.mark.parametrize("length", [1.0, 0.01, 100.0, 1e6])
@pytest.mark.parametrize("degrees", [10, 50, 90, 130, 179])
def test_of_two_it_is_the_shortest_on_their_segment(length: float, degrees: float) -> None:
    """With lengths far apart the formula must be clipped."""
    turn = math.radians(degrees)
    g = f64([[length, 0.0], [math.cos(turn), math.sin(turn)]])
    found = min_norm(g)
    assert float(found.direction.norm()) == pytest.approx(by_search(g), rel=1e-6)
    assert bool((found.weights >= 0).all()) and float(found.weights.sum()) == pytest.approx(1)
    inner = bool(((found.weights > 0) & (found.weights < 1)).all())
    if inner:  # |g1||g2| sin / |g1 - g2|, the height of the triangle
        height = length * math.sin(turn) / float((g[0] - g[1]).norm())
        assert float(found.direction.norm()) == pytest.approx(height)
    assert inner == (math.cos(turn) < min(length, 1 / length) - 1e-9)


@pytest.mark.equation("eq-min-norm-certificate")
@pytest.mark.parametrize("m", [2, 3, 5])
@pytest.mark.parametrize("n", [8, 30])
def test_the_certificate_holds_for_all(m: int, n: int) -> None:
    g = randn((100, m, n), seeded(m)) * randn((100, m, 1), seeded(n)).exp()
    found = min_norm(g)
    along = (g @ found.direction[..., None])[..., 0]
    square, size = found.direction.square().sum(1), g.square().sum(2).amax(1)
    assert torch.allclose(found.gap, square - along.min(1).values, atol=1e-9)
    assert float((found.gap / size).max()) < 1e-8
    active = found.weights > 1e-6
    off = (along - square[:, None]).abs() / size[:, None]
    assert float(off[active].max()) < 1e-6


def test_rows_that_depend_on_each_other_are_slow_and_the_gap_says_so() -> None:
    """Eight rows in the plane: more steps, a smaller gap, and it holds at once for most."""
    g = randn((100, 8, 2), seeded(0))
    gaps = [min_norm(g, steps).gap for steps in (5, 50, 500)]
    assert float(gaps[0].max()) > float(gaps[1].max()) > float(gaps[2].max())
    assert float(gaps[2].median()) < 1e-9
    assert torch.equal(min_norm(g).gap, gaps[2])
    assert not torch.equal(min_norm(g, 499).gap, gaps[2])


def test_the_gap_bounds_the_distance_to_the_optimum() -> None:
    g = randn((100, 4, 3), seeded(0))
    best = min_norm(g).direction
    for steps in (1, 2, 5):
        rough = min_norm(g, steps)
        assert bool(((rough.direction - best).square().sum(1) <= rough.gap + 1e-9).all())


def test_it_begins_with_the_shortest() -> None:
    """Which is the answer here, so a single step changes nothing."""
    g = f64([[2.0, 3.0], [1.0, 0.0], [2.0, -3.0]])
    assert min_norm(g, 1).weights.tolist() == [0, 1, 0] and float(min_norm(g, 1).gap) == 0


def test_equal_and_vanishing_gradients() -> None:
    one = f64([[3.0, 4.0]])
    assert torch.equal(min_norm(one.expand(2, 2)).direction, one[0])
    assert min_norm(one.expand(2, 2)).weights.tolist() == [0.5, 0.5]  # equal ones share
    assert torch.equal(min_norm(torch.cat([one, 0 * one])).direction, 0 * one[0])
    assert torch.equal(min_norm(torch.cat([one, -one, one])).direction, 0 * one[0])


def test_a_gradient_that_is_0_gives_up_nothing_and_takes_nothing() -> None:
    assert torch.equal(pcgrad(f64([[1.0, 0.0], [0.0, 0.0], [-1.0, 1.0]])), f64([0.5, 1.5]))


@pytest.mark.equation("eq-pcgrad-two")
def test_of_two_each_keeps_its_length_times_the_sine_squared() -> None:
    g = randn((500, 2, 7), seeded(3))
    p = pcgrad(g)
    sizes, dot = g.square().sum(2), (g[:, 0] * g[:, 1]).sum(1)
    conflict = dot < 0
    sine = 1 - dot**2 / sizes.prod(1)
    along = (g * p[:, None]).sum(2)
    assert torch.allclose(along[conflict], (sizes * sine[:, None])[conflict])
    assert torch.equal(p[~conflict], g.sum(1)[~conflict])
    assert 0.3 < float(conflict.double().mean()) < 0.7


@pytest.mark.equation("eq-pcgrad")
def test_of_three_by_hand() -> None:
    g = f64([[1.0, 0.0, 0.0], [-1.0, 1.0, 0.0], [0.0, -1.0, 1.0]])
    one = g[0] - (g[0] @ g[1]) / 2 * g[1]
    one = one - min(0.0, float(one @ g[2])) / 2 * g[2]
    two = g[1] + g[0]
    two = two - min(0.0, float(two @ g[2])) / 2 * g[2]
    three = g[2] - (g[2] @ g[1]) / 2 * g[1]
    assert float(three @ g[0]) < 0  # it met the first one before, without a conflict
    assert torch.allclose(pcgrad(g), one + two + three)


def share_that_fails(d: int, n: int = 100_000) -> float:
    g = randn((n, 3, d), seeded(4))
    p = pcgrad(g, seeded(5))
    return float(((g * p[:, None]).sum(2).min(1).values < 0).double().mean())


def test_of_three_the_sum_may_raise_a_cost_where_a_common_way_down_exists(
    without_shape_checks,
) -> None:
    """Three random rows in space never have 0 in their hull, so such a way exists."""
    n = 100_000
    share = share_that_fails(3, n)
    assert abs(share - 0.132) < 5 * math.sqrt(0.132 * 0.868 / n)
    assert share_that_fails(10, n) < 0.01


def test_the_order_is_random_where_asked_for_and_otherwise_that_of_the_rows() -> None:
    g = randn((400, 4, 3), seeded(6))
    assert torch.equal(pcgrad(g), pcgrad(g))
    assert torch.equal(pcgrad(g, seeded(7)), pcgrad(g, seeded(7)))
    assert (pcgrad(g, seeded(7)) - pcgrad(g)).abs().max() > 1e-3
    assert torch.equal(pcgrad(g[:, :2], seeded(7)), pcgrad(g[:, :2]))


def test_whole_gradients_are_those_of_each_loss() -> None:
    a, b = torch.ones(2, 3, requires_grad=True), torch.ones(4, requires_grad=True)
    rows = whole_gradients([(2 * a).sum(), b.square().sum()], [a, b])
    assert torch.equal(rows, torch.tensor([[2.0] * 6 + [0.0] * 4, [0.0] * 6 + [2.0] * 4]))


@pytest.mark.parametrize(("call", "says"), [
    (lambda: stacked([torch.ones(3), torch.ones(2)]), r"same length; their lengths are \[3, 2\]"),
    (lambda: stacked([]), "gradients must be one or more"),
    (lambda: stacked([f64([math.nan])]), "gradients must be finite"),
    (lambda: whole_gradients([], [torch.ones(1)]), "losses and parameters must hold"),
    (lambda: whole_gradients([torch.ones(2)], [torch.ones(1)]), "losses must be one number each"),
    (lambda: min_norm(torch.ones(3)), "gradients must have shape"),
    (lambda: min_norm(torch.ones(2, 2), 0), "steps must be at least 1"),
    (lambda: pcgrad(torch.ones(1, 2, 3, 4)), "gradients must have shape"),
    (lambda: pcgrad(f64([[math.inf]])), "gradients must be finite"),
    (lambda: pcgrad(torch.eye(2) > 0), "gradients must be floating-point numbers; they"),
    (lambda: min_norm(torch.ones(2, 2).long()), "floating-point numbers; they are torch.int64"),
])
def test_what_cannot_be_meant_is_refused(call, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        call()
