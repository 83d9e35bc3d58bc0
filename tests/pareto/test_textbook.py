"""Two fronts that are formulas, and what each scalarisation finds of them."""

import math

import pytest
import torch

from diffusionbook.pareto import (
    Tchebycheff,
    check_preferences,
    even_preferences,
    fonseca,
    fonseca_gap,
    hypervolume,
    non_dominated,
    squares,
    squares_hypervolume,
    weighted_sum,
)
from diffusionbook.randomness import randn, seeded
from exact import f64

LINE = torch.linspace(-1, 1, 20_001).double()


@pytest.mark.equation("eq-root-front")
def test_the_roots_add_up_to_1_on_the_front_and_to_more_off_it() -> None:
    x = torch.linspace(-2, 3, 501, dtype=torch.float64)
    costs = squares(x)
    inside, outside = (x > 1e-9) & (x < 1 - 1e-9), (x < -1e-9) | (x > 1 + 1e-9)
    front, roots = non_dominated(costs), costs.sqrt().sum(1)
    assert bool(front[inside].all()) and not bool(front[outside].any())
    assert (roots[inside] - 1).abs().max() < 1e-12 and bool((roots[outside] > 1).all())


@pytest.mark.equation("eq-root-volume")
@pytest.mark.parametrize("worst", [1.0, 1.5, 3.0])
def test_its_volume(worst: float) -> None:
    fine = squares(torch.linspace(0, 1, 200_001).double())
    found = hypervolume(fine, f64([worst, worst]))
    assert squares_hypervolume(worst) - 1e-5 < found < squares_hypervolume(worst)
    assert squares_hypervolume(1.0) == pytest.approx(5 / 6)


@pytest.mark.equation("eq-fonseca-gap")
def test_no_weight_reaches_the_middle() -> None:
    gap = fonseca_gap()
    assert gap == pytest.approx(math.tanh(2 * gap), abs=1e-15) and 0.9575 < gap < 0.9576
    costs = fonseca(LINE)
    assert bool(non_dominated(costs).all())
    found = f64([LINE[weighted_sum(costs, w).argmin()] for w in even_preferences(2, 400)])
    assert found.abs().min() > gap - 1e-4
    even = weighted_sum(costs, f64([0.5, 0.5]))
    assert abs(abs(float(LINE[even.argmin()])) - gap) < 1e-4


@pytest.mark.equation("eq-weighted-sum")
def test_what_a_weighted_sum_finds_is_optimal() -> None:
    costs = randn((300, 3), seeded(0))
    front = non_dominated(costs)
    for w in even_preferences(3, 6):
        if bool((w > 0).all()):
            assert bool(front[weighted_sum(costs, w).argmin()])
    w = torch.rand((300, 3), generator=seeded(1)).double()
    w = w / w.sum(1, keepdim=True)
    assert torch.allclose(weighted_sum(costs, w), torch.einsum("nm,nm->n", costs, w))


@pytest.mark.equation("eq-tchebycheff")
def test_tchebycheff_reaches_every_point_of_the_front() -> None:
    """For the preference that makes both shortfalls equal there."""
    costs, way = fonseca(LINE), Tchebycheff(f64([0.0, 0.0]))
    for x in (-0.9, -0.5, 0.0, 0.3, 0.8):
        f = fonseca(f64([x]))[0]
        w = (1 / f) / (1 / f).sum()
        assert abs(float(LINE[way(costs, w).argmin()]) - x) < 2e-4


@pytest.mark.equation("eq-smooth-tchebycheff")
def test_the_soft_maximum_is_above_the_true_one_by_at_most_mu_log_m() -> None:
    costs, w, ideal = randn((200, 3), seeded(2)), f64([0.2, 0.3, 0.5]), f64([-4.0, -4.0, -4.0])
    for mu in (1.0, 0.1, 1e-3):
        over = Tchebycheff(ideal, mu)(costs, w) - Tchebycheff(ideal)(costs, w)
        assert bool((over > -1e-12).all()) and float(over.max()) <= mu * math.log(3) + 1e-12
    assert float(over.max()) < 1e-2


def test_preferences_are_all_multiples_and_in_order() -> None:
    assert even_preferences(2, 4)[:, 0].tolist() == [0, 0.25, 0.5, 0.75, 1]
    three = even_preferences(3, 5)
    assert len(three) == math.comb(7, 2) and len(three.unique(dim=0)) == len(three)
    assert check_preferences(three, len(three), 3).shape == three.shape


def test_a_preference_may_miss_1_by_a_millionth() -> None:
    for off in (-9e-7, 9e-7):
        assert check_preferences(f64([0.5, 0.5 + off]), 3, 2).shape == (3, 2)
    for off in (-2e-6, 2e-6):
        with pytest.raises(ValueError, match="preferences must add up to 1"):
            check_preferences(f64([0.5, 0.5 + off]), 3, 2)


@pytest.mark.parametrize(("w", "says"), [
    ([0.5, 0.6], "must add up to 1 in each row; a row adds up to 1.1"),
    ([1.5, -0.5], "must not be negative; the least is -0.5"),
    ([0.5, math.nan], "must be finite"),
    ([1.0], "must have shape"),
    ([[0.5, 0.5], [0.2, 0.2]], "must add up to 1 in each row; a row adds up to 0.4"),
])
def test_preferences_that_are_none_are_refused_by_name(w, says: str) -> None:
    with pytest.raises(ValueError, match=f"preferences {says}"):
        weighted_sum(torch.ones(2, 2).double(), f64(w))


@pytest.mark.parametrize(("call", "says"), [
    (lambda: squares(f64([[1.0]])), "x must have shape"),
    (lambda: fonseca(f64([math.inf])), "x must be finite"),
    (lambda: squares_hypervolume(0.5), "worst must be at least 1"),
    (lambda: Tchebycheff(f64([[1.0]])), "ideal must have shape"),
    (lambda: Tchebycheff(f64([1.0]), -1.0), "smoothing must not be negative"),
    (lambda: Tchebycheff(f64([1.0]))(torch.ones(2, 2), f64([0.5, 0.5])), "ideal must hold 2"),
    (lambda: weighted_sum(f64([1.0]), f64([1.0])), "costs must have shape"),
])
def test_what_cannot_be_meant_is_refused(call, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        call()
