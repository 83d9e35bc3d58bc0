"""The best in one thing while others are kept: points of a bulge, and laws with a certificate."""

import math

import pytest
import torch

from diffusionbook.exact import GaussianMixture
from diffusionbook.guidance import LinearReward, QuadraticReward
from diffusionbook.pareto import (
    departure,
    fonseca,
    fonseca_gap,
    kept_above,
    least_within,
    mean_reward,
    tilted_by,
)
from diffusionbook.randomness import randn, seeded
from exact import f64

PRIOR = GaussianMixture(f64([0.5, 0.3, 0.2]), f64([[-1.0, 0.0], [1.0, 0.5], [0.0, -1.2]]),
                        f64([0.2, 0.1, 0.3]))
REWARDS = [QuadraticReward(f64([1.5, 1.0]), 1.2), QuadraticReward(f64([-1.0, -1.0]), 0.8),
           LinearReward(f64([0.5, -0.3]))]


@pytest.mark.equation("eq-epsilon-constraint")
def test_every_point_of_a_bulge_is_found() -> None:
    line = torch.linspace(-1, 1, 2_001).double()
    costs = fonseca(line)
    for bound in torch.linspace(0.01, 0.98, 30).double():
        exact = math.sqrt(-math.log(1 - float(bound))) - 1
        found = float(line[least_within(costs, bound[None])])
        assert abs(found - exact) < 1.1e-3
    middle = costs[1_000, 1:] + 1e-12
    assert abs(float(line[least_within(costs, middle)])) < 1e-3 < fonseca_gap()


@pytest.mark.equation("eq-epsilon-constraint")
def test_each_point_of_a_front_is_found_by_its_own_other_costs() -> None:
    costs = fonseca(torch.linspace(-1, 1, 21).double())
    assert [least_within(costs, row[1:]) for row in costs] == list(range(21))
    assert least_within(costs, costs[3, 1:].float() + 1e-6) == 3


@pytest.mark.equation("eq-epsilon-constraint")
def test_several_bounds_hold_at_once() -> None:
    costs, bounds = randn((500, 3), seeded(0)), f64([0.1, 0.4])
    row = costs[least_within(costs, bounds)]
    within = costs[(costs[:, 1] <= 0.1) & (costs[:, 2] <= 0.4)]
    assert bool((row[1:] <= bounds).all()) and float(row[0]) == float(within[:, 0].min())


@pytest.mark.equation("eq-kept-law")
@pytest.mark.parametrize("bounds", [[-3.0], [-1.5], [-8.0]])
def test_the_bound_is_met_and_no_more_is_paid_than_it_takes(bounds) -> None:
    found = kept_above(PRIOR, REWARDS[:2], 2.0, f64(bounds))
    free = mean_reward(tilted_by(PRIOR, REWARDS[:2], f64([1.0, 0.0]), 2.0), REWARDS[1])
    assert float(found.rewards[1]) == pytest.approx(max(free, bounds[0]), abs=1e-9)
    assert (float(found.preferences[1]) == 0) == (free >= bounds[0])
    assert abs(found.gap) < 1e-9
    law = tilted_by(PRIOR, REWARDS[:2], found.preferences, found.scale)
    assert [mean_reward(law, r) for r in REWARDS[:2]] == pytest.approx(found.rewards.tolist())
    assert float(found.preferences[0]) * found.scale == pytest.approx(2.0)


@pytest.mark.equation("eq-kept-law")
def test_rivals_that_keep_the_bounds_have_less() -> None:
    """Rivals are laws tilted by nearly as much of each reward, of which many keep both bounds."""
    bounds = f64([-3.0, 0.2])
    found = kept_above(PRIOR, REWARDS, 1.5, bounds)
    assert float((found.rewards[1:] - bounds).min()) > -1e-9 and abs(found.gap) < 1e-8
    assert bool((found.preferences > 0).all())  # both bounds bind

    def worth(w, scale: float) -> float:
        law = tilted_by(PRIOR, REWARDS, w, scale)
        kept = all(mean_reward(law, r) >= float(b) - 1e-9
                   for r, b in zip(REWARDS[1:], bounds, strict=True))
        return 1.5 * mean_reward(law, REWARDS[0]) - departure(PRIOR, REWARDS, w, scale) if kept \
            else -math.inf

    own = worth(found.preferences, found.scale)
    weights = found.scale * found.preferences * (0.3 * randn((400, 3), seeded(2))).exp()
    rivals = [worth(w / w.sum(), float(w.sum())) for w in weights]
    assert sum(value > -math.inf for value in rivals) > 10
    assert max(rivals) <= own + 1e-7


ROUND = GaussianMixture.normal(f64([0.0, 0.0]), 1.0)
AXES = [LinearReward(f64([1.0, 0.0])), LinearReward(f64([0.0, 1.0]))]


@pytest.mark.equation("eq-kept-law")
@pytest.mark.parametrize("bound", [-1.0, 0.0, 0.3, 3.0, 5e5])
def test_on_a_round_gaussian_the_multiplier_is_the_bound(bound: float) -> None:
    """The mean moves by the multiplier; 0 is kept anyway, to the last digit."""
    found = kept_above(ROUND, AXES, 2.0, f64([bound]))
    wanted = [2.0, max(bound, 0.0)]
    assert (found.scale * found.preferences).tolist() == pytest.approx(wanted, rel=1e-14, abs=0)
    assert found.rewards.tolist() == pytest.approx(wanted, rel=1e-14, abs=0)
    assert found.scale == pytest.approx(sum(wanted)) and abs(found.gap) < 1e-9
    assert bool(found.preferences[1] == 0) == (bound <= 0)


def test_the_gap_is_what_too_large_a_multiplier_pays(monkeypatch) -> None:
    monkeypatch.setattr("diffusionbook.pareto.constrained._multiplier", lambda *_: 1.25)
    found = kept_above(ROUND, AXES, 2.0, f64([1.0]))
    assert found.rewards.tolist() == pytest.approx([2.0, 1.25])
    assert found.gap == pytest.approx(1.25 * (1.25 - 1.0))


def test_a_bound_out_of_reach_is_told_with_what_is_missing() -> None:
    with pytest.raises(ValueError, match=r"that of reward 2 is 2000000.0, and 1.47571e\+06 is"):
        kept_above(ROUND, AXES, 2.0, f64([2e6]))


@pytest.mark.parametrize(("call", "says"), [
    (lambda: least_within(fonseca(f64([0.0, 0.5])), f64([-1.0])), "bounds must be within reach"),
    (lambda: least_within(fonseca(f64([0.0])), f64([1.0, 1.0])), "bounds must have shape"),
    (lambda: least_within(f64([0.0]), f64([1.0])), "costs must have shape"),
    (lambda: least_within(f64([[math.nan, 0.0]]), f64([1.0])), "costs must"),
    (lambda: kept_above(PRIOR, REWARDS[:2], 0.0, f64([-1.0])), "scale must be positive"),
    (lambda: kept_above(PRIOR, REWARDS[:2], 1.0, f64([0.1])), "bounds must be within reach"),
    (lambda: kept_above(PRIOR, REWARDS[:1], 1.0, f64([])), "bounds must have shape"),
    (lambda: kept_above(PRIOR, REWARDS[:2], 1.0, f64([math.nan])), "bounds must"),
])  # fmt: skip
def test_what_cannot_be_meant_is_refused(call, says: str, without_shape_checks) -> None:
    with pytest.raises(ValueError, match=says):
        call()
