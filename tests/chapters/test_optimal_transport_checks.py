"""The checks of chapter 8: plausible wrong answers are told why."""

import math

import pytest
import torch
from checked import checks_of, each_wrong_answer, sentence

from diffusionbook.checks import optimal_transport as checks
from diffusionbook.transport.optimal import sorted_match

pytestmark = pytest.mark.usefixtures("without_shape_checks")
CHECKS = checks_of(checks)


def test_wrong_answers_are_tried_with_each_check() -> None:
    assert set(WRONG) == set(CHECKS)


def step(sign=1, mass=True, price=True, cost=1, scale=True, reduce=torch.logsumexp):
    def f(c, g, b, epsilon):
        exponent = (price * g - cost * c) / epsilon + (b.log() if mass else 0)
        found = reduce(exponent, 1)
        return -sign * (epsilon if scale else 1) * found

    return f


def exp_step(c, g, b, epsilon):
    return -epsilon * ((((g - c) / epsilon).exp()) @ b).log()


WRONG = {
    "check_line_cost": [
        (lambda m, a, n, b: (m - n)**2 + a**2 + b**2, "independent pairs"),
        (lambda m, a, n, b: (a - b)**2, "the means are apart"),
        (lambda m, a, n, b: (m - n)**2, "the spreads differ"),
        (lambda m, a, n, b: ((m - n)**2 + (a - b)**2)**0.5, "give its square"),
        (lambda m, a, n, b: (m - n)**2 + (a**2 - b**2)**2, "not the variances"),
        (lambda m, a, n, b: (m - n)**2 + (a + b)**2, "largest with the smallest"),
        (lambda m, a, n, b: 2 * ((m - n)**2 + (a - b)**2), "off by"),
        (lambda m, a, n, b: [1.0, 2.0], "one number"),
    ],
    "check_rank_pairs": [
        (lambda x, y: y.argsort(), "which of them belongs to each x"),
        (lambda x, y: x.argsort(), "this sorts x"),
        (lambda x, y: y.argsort()[x.argsort()], "not by the order of x"),
        (lambda x, y: sorted_match(y, x), "the partner of each y"),
        (lambda x, y: x.argsort().argsort(), "ranks of the x"),
        (lambda x, y: sorted_match(-x, y), "the largest y"),
        (lambda x, y: y[sorted_match(x, y)], "return their indices"),
        (lambda x, y: sorted_match(x, y) + 1, "off by"),
        (lambda x, y: sorted_match(x, y)[:3], "shape"),
    ],
    "check_two_by_rank": [
        (lambda s: 1 + s**2, "independent pairs"),
        (lambda s: (1 - s)**2, "do not reach"),
        (lambda s: 1 + s**2 - s / math.pi, "twice the covariance"),
        (lambda s: 2 - 2 / math.pi, "s times as wide"),
        (lambda s: 1 + s**2 - 2 * s / math.pi**0.5, "enters twice"),
        (lambda s: 1 + s**2 - s * math.pi / 2, "how long the lines are"),
        (lambda s: 1.0, "off by"),
    ],
    "check_log_step": [
        (exp_step, "an exponential underflowed"),
        (step(mass=False), "the masses b are missing"),
        (step(sign=-1), "the sign is turned"),
        (step(scale=False), "multiply by epsilon"),
        (step(cost=-1), "subtracted from the price"),
        (step(price=False), "the price g enters"),
        (step(reduce=torch.amax), "the others count"),
        (lambda c, g, b, e: step()(c, g, b, e) / 2, "off by"),
        (lambda c, g, b, e: step()(c, g, b, e)[:, None], "shape"),
    ],
    "check_pairs_of": [
        (lambda plan: torch.zeros(len(plan)), "come twice"),
        (lambda plan: plan.argmax(0), "the row of each column"),
        (lambda plan: torch.arange(len(plan)), "as they were drawn"),
        (lambda plan: plan.argmax(1).flip(0), "off by"),
        (lambda plan: plan.argmax(1) + 1, "off by"),
        (lambda plan: plan, "shape"),
    ],
}  # fmt: skip


@each_wrong_answer(WRONG)
def test_a_plausible_wrong_answer_is_told_why(name: str, f, says: str) -> None:
    assert says in sentence(CHECKS[name], f)
