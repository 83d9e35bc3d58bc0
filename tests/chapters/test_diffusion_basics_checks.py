"""The checks of chapter 1: right answers of another shape pass, wrong ones are told what is wrong.

Each wrong answer is one that a reader may well give, and the sentence must point at its mistake.
"""

import math
from collections.abc import Callable

import pytest
import torch

from diffusionbook.checks import diffusion_basics as checks

pytestmark = pytest.mark.usefixtures("without_shape_checks")
GUESS = {"nats in step 2": 0.153, "share": 0.53, "nine tenths at k": 9}


def between(first: int = 0, last: int = 0, *, root: bool = True, shape: Callable = lambda v: v):
    """The right answer, or one with shifted entries, without the root, or of another shape."""

    def answer(x_j, betas, j, k):
        a = torch.prod(1 - betas[j + first : k + last])
        return (a.sqrt() if root else a) * x_j, shape(1 - a)

    return answer


@pytest.mark.parametrize("shape", [
    lambda v: v, float, lambda v: v.reshape(1), lambda v: v.expand(5, 2), lambda v: v.expand(5, 1),
    lambda v: v.expand(2), lambda v: v.expand(5), lambda v: [float(v)] * 2,
    lambda v: v * torch.eye(2), lambda v: (v * torch.eye(2)).expand(5, 2, 2),
])
def test_a_variance_may_have_any_shape_that_means_it(shape: Callable) -> None:
    checks.check_between(between(shape=shape))


@pytest.mark.parametrize(("answer", "says"), [
    (between(first=-1), "step j is behind you"),
    (between(last=-1), "step k is missing"),
    (between(root=False), "square root of the product"),
    (lambda x, b, j, k: between()(x, b, 0, k), "starts after step j"),
    (between(shape=torch.sqrt), "standard deviation"),
    (lambda x, b, j, k: (between()(x, b, j, k)[0], b[j:k].sum()), "do not just add up"),
    (between(shape=lambda v: v * torch.ones(2, 2)), "0 off the diagonal"),
    (between(shape=lambda v: v.expand(3)), "its shape is (3,)"),
    (between(shape=lambda v: None), "returned None"),
    (between(shape=lambda v: v + 1e-4), "off by up to"),
    (lambda x, b, j, k: between()(x, b, j, k)[0], "two values: mean, variance"),
])
def test_a_wrong_mean_or_variance_is_told_why(answer: Callable, says: str) -> None:
    with pytest.raises(AssertionError) as told:
        checks.check_between(answer)
    assert says in str(told.value)


def logits(x_t, data, alpha, sigma):
    return -torch.cdist(x_t, alpha * data) ** 2 / (2 * sigma**2)


def shifted(x_t, data, alpha, sigma):
    z = logits(x_t, data, alpha, sigma)
    weights = torch.exp(z - z.amax(1, keepdim=True))
    return weights @ data / weights.sum(1, keepdim=True)


def by_hand(x_t, data, alpha, sigma):
    """Point by point in Python's floats, as lists."""
    rows = []
    for x in x_t.tolist():
        z = [-math.dist(x, [alpha * c for c in p]) ** 2 / (2 * sigma**2) for p in data.tolist()]
        w = [math.exp(v - max(z)) for v in z]
        rows.append([sum(a * p[i] for a, p in zip(w, data.tolist(), strict=True)) / sum(w)
                     for i in range(2)])
    return rows


def nearest_where_all_underflow(x_t, data, alpha, sigma):
    z = logits(x_t, data, alpha, sigma)
    weights, nearest = z.exp(), torch.nn.functional.one_hot(z.argmax(1), len(data)).double()
    weights = torch.where(weights.sum(1, keepdim=True) == 0, nearest, weights)
    return weights @ data / weights.sum(1, keepdim=True)


def all_nearest_where_all_underflow(x_t, data, alpha, sigma):
    """Exact at a tie, and wrong a hair beside it."""
    z = logits(x_t, data, alpha, sigma)
    weights, nearest = z.exp(), (z == z.amax(1, keepdim=True)).double()
    weights = torch.where(weights.sum(1, keepdim=True) == 0, nearest, weights)
    return weights @ data / weights.sum(1, keepdim=True)


def log_sum_exp(x_t, data, alpha, sigma):
    z = logits(x_t, data, alpha, sigma)
    return (z - z.logsumexp(1, keepdim=True)).exp() @ data


@pytest.mark.parametrize("answer", [shifted, by_hand, lambda *a: shifted(*a).numpy()])
def test_a_softmax_of_ones_own_passes(answer: Callable) -> None:
    checks.check_empirical(answer)


@pytest.mark.parametrize(("answer", "says"), [
    (nearest_where_all_underflow, "as near to two data points"),
    (all_nearest_where_all_underflow, "as near to two data points"),
    (lambda x, p, a, s: logits(x, p, a, s).softmax(1) @ p, "without torch's softmax"),
    (lambda x, p, a, s: torch.softmax(logits(x, p, a, s), 1) @ p, "without torch's softmax"),
    (lambda x, p, a, s: torch.nn.Softmax(1)(logits(x, p, a, s)) @ p, "without torch's softmax"),
    (lambda x, p, a, s: torch.nn.functional.softmin(-logits(x, p, a, s), 1) @ p, "softmin"),
    (lambda x, p, a, s: torch.special.log_softmax(logits(x, p, a, s), 1).exp() @ p, "log_softmax"),
    (log_sum_exp, "without torch's logsumexp"),
    (lambda x, p, a, s: logits(x, p, a, s).exp() @ p, "divide by the sum"),
    (lambda x, p, a, s: shifted(x, p, a, s / 2**0.5), "divided by 2 sigma^2"),
    (lambda x, p, a, s: shifted(x, p, 1.0, s), "alpha is missing"),
    (lambda x, p, a, s: a * shifted(x, p, a, s), "off by up to"),
])
def test_a_wrong_or_forbidden_softmax_is_told_why(answer: Callable, says: str) -> None:
    with pytest.raises(AssertionError) as told:
        checks.check_empirical(answer)
    assert says in str(told.value)


def lost(n: int) -> float:
    ratios = [k / (k - 1) for k in range(2, n + 1)]
    return sum(r - 1 - math.log(r) for r in ratios) / 2


@pytest.mark.parametrize("answer", [
    lost, lambda n: torch.tensor(lost(n)).double(),
    lambda n: (sum(1 / m for m in range(1, n)) - math.log(n)) / 2,
])
@pytest.mark.parametrize("guess", [
    GUESS, {"nats in step 2": 0.15, "share": 1 / 2, "nine tenths at k": 10},
    {"nats in step 2": 0.16, "share": 0.55, "nine tenths at k": 8.7},
])
def test_partial_sums_with_a_guess_near_enough_pass(answer: Callable, guess: dict) -> None:
    checks.check_lost(answer, guess)


@pytest.mark.parametrize(("answer", "guess", "says"), [
    (lost, {}, "keys nats in step 2, share"),
    (lost, None, "keys nats in step 2, share"),
    (lost, GUESS | {"share": None}, "predict first"),
    (lost, GUESS | {"share": 53}, "as a fraction"),
    (lost, GUESS | {"share": 0.25}, "share: your guess 0.25 is off"),
    (lost, GUESS | {"nats in step 2": 0.307}, "factor ½"),
    (lost, GUESS | {"nine tenths at k": 90}, "your guess 90 is off"),
    (lost, GUESS | {"nine tenths at k": float("nan")}, "your guess nan is off"),
    (lambda n: 2 * lost(n), GUESS, "factor ½"),
    (lambda n: lost(n + 1) - lost(2), GUESS, "k / (k - 1)"),
    (lambda n: lost(n + 1), GUESS, "off by up to"),
    (lambda n: lost(2), GUESS, "steps 2 … 3"),
])
def test_a_wrong_guess_or_sum_is_told_why(answer: Callable, guess: object, says: str) -> None:
    with pytest.raises(AssertionError) as told:
        checks.check_lost(answer, guess)
    assert says in str(told.value)
