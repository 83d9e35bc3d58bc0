"""CAGrad against a search of the whole ball, its certificate, and steering by it."""

import math

import pytest
import torch
from models import TRIO

from diffusionbook.denoisers import AnalyticDenoiser
from diffusionbook.guidance import QuadraticReward
from diffusionbook.pareto import (
    Averse,
    Objective,
    cagrad,
    min_norm,
    steer_by_rule,
    steer_by_sum,
    weighted_sum,
)
from diffusionbook.paths import Cosine
from diffusionbook.randomness import randn, seeded
from exact import f64

TWO, THREE = randn((400, 2, 3), seeded(0)), randn((400, 3, 3), seeded(1))


def least_falls(rows, directions):
    return (rows @ directions[..., None])[..., 0].min(1).values


@pytest.mark.equation("eq-cagrad")
@pytest.mark.parametrize("c", [0.3, 0.8])
def test_no_direction_of_the_ball_has_a_larger_least_fall(c: float) -> None:
    """In the plane, so that the ball's edge and inside can be searched."""
    turns = torch.linspace(0, 2 * math.pi, 20_001).double()
    circle = torch.stack([turns.cos(), turns.sin()], 1)
    for m in (2, 3, 4):
        for rows in randn((20, m, 2), seeded(m)):
            centre = rows.mean(0)
            ball = centre + c * centre.norm() * torch.cat([circle, 0.5 * circle])
            best = float((ball @ rows.T).min(1).values.max())
            found = cagrad(rows, c)
            own = float((rows @ found.direction).min())
            assert best - 1e-9 <= own <= best + 3e-4  # between two places that were searched
            assert float((found.direction - centre).norm()) <= c * float(centre.norm()) + 1e-12


@pytest.mark.equation("eq-cagrad-direction")
@pytest.mark.parametrize("rows", [TWO, THREE])
def test_the_direction_is_that_of_its_weights_and_the_gap_is_the_duals(rows) -> None:
    found, centre = cagrad(rows, 0.6), rows.mean(1)
    inner = (found.weights[:, None] @ rows)[:, 0]
    radius, length = 0.6 * centre.norm(dim=1), inner.norm(dim=1)
    wanted = centre + (radius / length)[:, None] * inner
    assert torch.allclose(found.direction, wanted)
    dual = (inner * centre).sum(1) + radius * length
    assert torch.allclose(found.gap, dual - least_falls(rows, wanted))
    assert float(found.gap.min()) > -1e-12 and float(found.gap.quantile(0.98)) < 1e-12
    assert torch.allclose(found.weights.sum(1), torch.ones(400).double())
    if rows is TWO:
        assert float(found.gap.max()) < 1e-12  # a formula


@pytest.mark.equation("eq-cagrad")
def test_between_the_mean_and_mgda() -> None:
    assert torch.equal(cagrad(THREE, 0.0).direction, THREE.mean(1))
    far, shortest = cagrad(TWO, 1e6).direction, min_norm(TWO).direction
    assert torch.cosine_similarity(far, shortest).min() > 1 - 1e-9
    falls = [least_falls(TWO, cagrad(TWO, c).direction) for c in (0.0, 0.3, 0.6, 0.9)]
    assert all(bool((b >= a - 1e-12).all()) for a, b in zip(falls, falls[1:], strict=False))
    for c in (0.0, 0.3, 0.9):  # the mean falls too, at least by this
        mean = TWO.mean(1)
        ahead = (cagrad(TWO, c).direction * mean).sum(1)
        assert bool((ahead >= (1 - c) * mean.square().sum(1) - 1e-12).all())


def test_the_value_that_torchjd_documents() -> None:
    """Its example, in docs/aggregation/cagrad."""
    found = cagrad(f64([[-4.0, 1.0, 1.0], [6.0, 1.0, 1.0]]), 0.5)
    assert found.direction.tolist() == pytest.approx([0.1835, 1.2041, 1.2041], abs=5e-5)


def test_gradients_that_leave_no_choice() -> None:
    g = f64([1.0, 2.0])
    same = cagrad(torch.stack([g, g]), 0.5)
    assert torch.allclose(same.direction, 1.5 * g) and abs(float(same.gap)) < 1e-12
    against = cagrad(torch.stack([g, -3 * g]), 0.5)
    assert torch.allclose(against.direction, -0.5 * g) and abs(float(against.gap)) < 1e-12
    without = cagrad(torch.stack([g, 0 * g]), 0.5)
    assert torch.equal(without.direction, g / 2) and float(without.gap) == 0
    assert torch.equal(cagrad(g[None], 0.0).direction, g)


def test_around_the_mean_is_the_default_whatever_its_precision() -> None:
    assert torch.equal(cagrad(TWO[0], 0.5, TWO[0].mean(0)).direction, cagrad(TWO[0], 0.5).direction)
    rough = cagrad(TWO, 0.5, TWO.mean(1).float()).direction
    assert rough.dtype == torch.float64
    assert torch.allclose(rough, cagrad(TWO, 0.5).direction, atol=1e-5)


def test_it_takes_500_steps_unless_told_otherwise() -> None:
    """Eight rows in the plane, where the last step still moves some of a hundred places."""
    g = randn((100, 8, 2), seeded(0))
    found = cagrad(g, 0.5).gap
    assert torch.equal(found, cagrad(g, 0.5, steps=500).gap)
    assert not torch.equal(found, cagrad(g, 0.5, steps=499).gap)


def test_it_begins_with_the_best_single_gradient() -> None:
    """Which is the answer here, so a single step changes nothing; by hand for c = 1."""
    g = f64([[2.0, 3.0], [1.0, 0.0], [2.0, -3.0]])
    found, centre = cagrad(g, 1.0, steps=1), f64([5 / 3, 0.0])
    assert found.weights.tolist() == [0, 1, 0] and abs(float(found.gap)) < 1e-15
    assert torch.allclose(found.direction, 2 * centre)


MODEL = AnalyticDenoiser(TRIO, Cosine())
BOTH = [Objective("one", QuadraticReward(f64([1.0, 0.5]), 0.7)),
        Objective("two", QuadraticReward(f64([-0.8, 0.2]), 0.9))]
X = randn((6, 2), seeded(3))


def test_it_steers_from_the_weighted_sum_towards_both() -> None:
    w = f64([[0.9, 0.1]]).repeat(6, 1)
    plain = steer_by_sum(MODEL, BOTH, w, weighted_sum, 1.5)(X, 0.5).score
    same = steer_by_rule(MODEL, BOTH, w, Averse(0.0), 1.5)(X, 0.5).score
    assert (plain - same).abs().max() < 1e-9
    assert (steer_by_rule(MODEL, BOTH, w, Averse(0.8), 1.5)(X, 0.5).score - plain).abs().max() > 0.1


def test_who_has_no_weight_does_not_count() -> None:
    rows, w = randn((5, 3, 4), seeded(4)), f64([[0.5, 0.5, 0.0]]).repeat(5, 1)
    wanted = cagrad(rows[:, :2], 0.5).direction
    assert torch.allclose(Averse(0.5)(rows, w), wanted)
    assert torch.equal(Averse()(rows, w), Averse(0.5)(rows, w))


@pytest.mark.parametrize(("call", "says"), [
    (lambda: cagrad(TWO, -0.1), "c must not be negative"),
    (lambda: cagrad(TWO, math.nan), "c must be"),
    (lambda: cagrad(TWO[0, 0], 0.5), "gradients must have shape"),
    (lambda: cagrad(TWO * math.nan, 0.5), "gradients must"),
    (lambda: cagrad(TWO, 0.5, torch.zeros(4).double()), "around must have shape"),
    (lambda: cagrad(TWO, 0.5, torch.tensor(1.0)), "around must have shape"),
    (lambda: cagrad(TWO, 0.5, torch.ones(0)), "around must have shape"),
    (lambda: cagrad(TWO[0], 0.5, f64([math.nan, 0.0, 0.0])), "around must"),
    (lambda: cagrad(TWO, 0.5, steps=0), "steps must"),
    (lambda: Averse(-1.0), "c must not be negative"),
])  # fmt: skip
def test_what_cannot_be_meant_is_refused(call, says: str, without_shape_checks) -> None:
    with pytest.raises(ValueError, match=says):
        call()
