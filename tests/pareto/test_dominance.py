"""Dominance against its definition, and the volume against counting cells of a grid."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from diffusionbook.pareto import dominates, hypervolume, igd, non_dominated, ranks
from diffusionbook.randomness import randn, seeded
from exact import f64


def by_definition(costs) -> list[bool]:
    rows = costs.tolist()
    return [not any(all(a <= b for a, b in zip(other, row, strict=True))
                    and any(a < b for a, b in zip(other, row, strict=True)) for other in rows)
            for row in rows]


@pytest.mark.equation("eq-dominance")
@given(st.integers(1, 4).flatmap(lambda m: st.lists(
    st.lists(st.integers(0, 4), min_size=m, max_size=m), min_size=1, max_size=12)))
def test_the_front_is_who_nobody_dominates(rows) -> None:
    """Small whole numbers: many ties and many equal rows."""
    costs = f64(rows)
    assert non_dominated(costs).tolist() == by_definition(costs)


def test_equal_rows_do_not_dominate_each_other_and_a_tie_does_not_save() -> None:
    one, same, worse = f64([1.0, 2.0]), f64([1.0, 2.0]), f64([1.0, 3.0])
    assert not dominates(one, same) and dominates(one, worse) and not dominates(worse, one)
    assert dominates(one, torch.stack([same, worse])).tolist() == [False, True]


def test_what_rises_with_a_cost_keeps_the_front() -> None:
    costs = randn((200, 3), seeded(0))
    other = torch.stack([1000 * costs[:, 0], costs[:, 1].exp(), costs[:, 2] ** 3], 1)
    assert torch.equal(non_dominated(costs), non_dominated(other))


def test_ranks_peel_one_front_after_the_other() -> None:
    costs = randn((60, 2), seeded(1))
    found, left = ranks(costs), torch.ones(60).bool()
    for rank in range(int(found.max()) + 1):
        here = left.nonzero()[:, 0][non_dominated(costs[left])]
        assert sorted(here.tolist()) == (found == rank).nonzero()[:, 0].tolist()
        left[here] = False
    assert not bool(left.any())


def by_cells(costs, reference, cells: int = 24) -> float:
    """Costs on a grid of whole numbers over ``cells``, so cells are dominated whole."""
    m = costs.shape[1]
    corners = torch.cartesian_prod(*[torch.arange(cells).double() / cells] * m).reshape(-1, m)
    inside = (corners[:, None] >= costs).all(2).any(1) & (corners < reference).all(1)
    return float(inside.sum()) / cells**m


@pytest.mark.equation("eq-hypervolume")
@pytest.mark.parametrize("m", [1, 2, 3])
@pytest.mark.parametrize("n", [1, 2, 7, 30])
def test_the_volume_is_that_of_the_cells(m: int, n: int) -> None:
    costs = torch.randint(0, 24, (n, m), generator=seeded(n)).double() / 24
    reference = f64([20 / 24] * m)
    assert hypervolume(costs, reference) == pytest.approx(by_cells(costs, reference), abs=1e-12)


def test_what_is_dominated_adds_nothing_and_what_is_beyond_the_reference_neither() -> None:
    costs, reference = f64([[0.2, 0.5], [0.5, 0.2]]), f64([1.0, 1.0])
    more = torch.cat([costs, f64([[0.6, 0.6], [0.1, 1.0], [-5.0, 3.0]])])
    assert hypervolume(more, reference) == hypervolume(costs, reference) == pytest.approx(0.55)
    assert hypervolume(f64([[1.0, 0.0]]), reference) == 0


def test_units_multiply_the_volume() -> None:
    costs, units = torch.rand((40, 3), generator=seeded(0)).double(), f64([2.0, 5.0, 0.1])
    ones = f64([1.0, 1.0, 1.0])
    assert hypervolume(costs * units, units) == pytest.approx(hypervolume(costs, ones))


def test_the_front_itself_is_at_distance_0_and_a_hole_is_seen() -> None:
    line = torch.linspace(0, 1, 101).double()
    front = torch.stack([line, 1 - line], 1)
    assert igd(front, front) == 0
    assert igd(front[:50], front) > 5 * igd(front[::10], front)


def test_the_distance_is_that_of_the_nearest_row_on_average() -> None:
    costs, front = f64([[0.0, 0.0], [3.0, 4.0]]), f64([[1.0, 1.0], [3.0, 0.0], [6.0, 8.0]])
    assert igd(costs, front) == pytest.approx((2**0.5 + 3 + 5) / 3, abs=1e-15)
    assert igd(front, costs) == pytest.approx((2**0.5 + 13**0.5) / 2, abs=1e-15)


def test_rough_numbers_are_measured_in_float64() -> None:
    costs = torch.rand((30, 3), generator=seeded(3))
    ones = torch.full((3,), 1.1)
    assert hypervolume(costs, ones) == hypervolume(costs.double(), ones.double())
    assert igd(costs, costs[:5]) == 0 and igd(costs[:5], costs) == igd(costs[:5].double(),
                                                                       costs.double())


@pytest.mark.parametrize(("call", "says"), [
    (lambda: non_dominated(f64([1.0, 2.0])), "costs must have shape"),
    (lambda: non_dominated(f64([[1.0, float("nan")]])), "costs must be finite"),
    (lambda: ranks(f64([])), "costs must have shape"),
    (lambda: ranks(torch.tensor([[True, False], [False, True]])), "costs must be floating-point"),
    (lambda: non_dominated(torch.tensor([[1, 2]])), "floating-point numbers; they are torch.int64"),
    (lambda: dominates(f64([1.0]), f64([1.0, 2.0])), "other must hold as many objectives"),
    (lambda: hypervolume(torch.ones(1, 4), torch.ones(4)), "one to three objectives"),
    (lambda: hypervolume(torch.ones(1, 2), torch.ones(3)), "reference must have shape"),
    (lambda: igd(torch.ones(1, 2), torch.ones(1, 3)), "front must hold 2 objectives"),
])
def test_what_cannot_be_meant_is_refused(call, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        call()
