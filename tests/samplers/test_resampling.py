"""How many particles the weights leave, and who survives."""

import math

import pytest
import torch

from diffusionbook.randomness import seeded
from diffusionbook.samplers.resampling import effective, rows, systematic
from exact import f64

WEIGHTS = f64([[0.5, 0.25, 0.2, 0.05]])


@pytest.mark.equation("eq-ess")
@pytest.mark.parametrize(("weights", "wanted"), [
    ([0.25] * 4, 4), ([0, 1, 0, 0], 1), ([0.5, 0.5, 0, 0], 2), ([0.5, 0.25, 0.25, 0], 8 / 3),
])  # fmt: skip
def test_the_effective_number(weights, wanted) -> None:
    assert effective(f64(weights)) == pytest.approx(wanted, abs=1e-10)
    assert effective(f64([weights, weights])).shape == (2,)


@pytest.mark.equation("eq-ess")
def test_it_is_the_variance_of_a_weighted_mean() -> None:
    """A mean of independent numbers of variance 1 with these weights varies as one of n_eff."""
    values = torch.randn(200_000, 4, dtype=torch.float64, generator=seeded(0))
    variance = (values * WEIGHTS).sum(1).var()
    wanted = 1 / effective(WEIGHTS)[0]
    assert abs(variance - wanted) < 5 * wanted * math.sqrt(2 / 200_000)


def test_survivors_are_as_many_as_their_weights_ask_rounded_down_or_up() -> None:
    weights = torch.rand(300, 7, generator=seeded(0), dtype=torch.float64)
    weights /= weights.sum(1, keepdim=True)
    chosen = systematic(weights, seeded(1))
    assert chosen.shape == (300, 7)
    counts = torch.nn.functional.one_hot(chosen, 7).sum(1)
    assert (counts >= (7 * weights).floor()).all() and (counts <= (7 * weights).ceil()).all()


def test_survivors_are_as_many_as_asked_on_average_and_vary_less_than_draws() -> None:
    """n w = 2, 1, .8, .2: the first two are certain, a number with fraction f varies by f (1 - f);
    independent draws would vary by n w (1 - w)."""
    runs = 100_000
    counts = torch.nn.functional.one_hot(systematic(WEIGHTS.expand(runs, 4), seeded(2)), 4).sum(1)
    mean, variance = counts.double().mean(0), counts.double().var(0)
    wanted = 4 * WEIGHTS[0]
    spread = (wanted % 1) * (1 - wanted % 1)
    assert ((mean - wanted).abs() <= 5 * (spread / runs).sqrt() + 1e-12).all()
    fourth = spread * (1 - 3 * spread)  # a Bernoulli number's fourth central moment
    assert ((variance - spread).abs() <= 5 * (fourth / runs).sqrt() + 1e-6).all()
    assert (variance < wanted * (1 - WEIGHTS[0])).all()


def test_equal_weights_keep_everybody() -> None:
    assert torch.equal(systematic(torch.full((3, 5), 0.2), seeded(0)), torch.arange(5).expand(3, 5))


def test_a_weight_of_zero_is_never_taken() -> None:
    weights = f64([[0.0, 0.5, 0.0, 0.5, 0.0]]).expand(1_000, 5)
    assert set(systematic(weights, seeded(0)).unique().tolist()) == {1, 3}


def test_rows_of_runs_that_lie_one_after_the_other() -> None:
    assert rows(torch.tensor([[0, 2], [1, 1]]), 3).tolist() == [0, 2, 4, 4]


@pytest.mark.parametrize(("weights", "message"), [
    (f64([[0.5, 0.6]]), "sum to 1"), (f64([[1.5, -0.5]]), "0 or more"),
    (f64([[math.nan, 1.0]]), "weights must be finite"), (f64([]), "must not be empty"),
])  # fmt: skip
def test_bad_weights_are_refused(weights, message) -> None:
    for function in (effective, systematic):
        with pytest.raises(ValueError, match=message):
            function(weights)


def test_systematic_asks_for_rows() -> None:
    with pytest.raises(ValueError, match=r"weights must have shape \(runs, n\)"):
        systematic(f64([0.5, 0.5]))
