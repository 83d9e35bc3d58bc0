"""Pairs by rank within batches."""

import math

import pytest

from diffusionbook.randomness import randn, seeded
from diffusionbook.transport.optimal.minibatches import minibatch_correlation, minibatch_cost

pytestmark = pytest.mark.usefixtures("without_shape_checks")


@pytest.mark.equation("eq-minibatch")
def test_pairs_by_rank_in_small_batches() -> None:
    wanted = {1: 0.0, 2: 1 / math.pi, 4: 0.574, 16: 0.859, 64: 0.959, 256: 0.989}
    for n, value in wanted.items():
        assert minibatch_correlation(n) == pytest.approx(value, abs=6e-4 if n > 2 else 1e-10)
    assert minibatch_cost(1) == 2 and minibatch_cost(2_000) < 5e-3


@pytest.mark.equation("eq-minibatch")
def test_pairs_by_rank_as_they_are_drawn() -> None:
    """20,000 batches of 5, within 5 standard errors of the mean product."""
    x, y = (randn((20_000, 5), seeded(k)).sort(1).values for k in (0, 1))
    each = (x * y).mean(1)
    error = 5 * float(each.std()) / 20_000**0.5
    assert float(each.mean()) == pytest.approx(minibatch_correlation(5), abs=error)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: minibatch_correlation(0), "n must be at least 1"),
    (lambda: minibatch_cost(2.5), "n must be a whole number; it is 2.5"),
    (lambda: minibatch_cost(100_001), r"n must lie in \[1, 100000\]"),
])  # fmt: skip
def test_bad_input_is_refused(call, message) -> None:
    with pytest.raises(ValueError, match=message):
        call()
