"""Whatever a reader hands to a check of chapter 8, the answer is a sentence; right is right."""

import math

import pytest
import torch
from checked import answering, checks_of, constant, in_each_form, raises, sentence
from test_exercises import exercises

from diffusionbook.checks import optimal_transport as checks
from diffusionbook.transport.optimal import sorted_match

pytestmark = pytest.mark.usefixtures("without_shape_checks")
CHECKS = checks_of(checks)
SOLUTIONS = {name: solution for _, _, solution in exercises() for name in CHECKS
             if f"checks.{name}(" in solution}
ANSWERS = {
    "None": None, "text": "2", "a dictionary": {"w": 1.0}, "an object": object(), "nothing": [],
    "lists of two lengths": [[1.0], [1.0, 2.0]], "complex": torch.ones(5) * 1j,
    "a wrong shape": torch.ones(3, 1, 7), "nan": math.nan, "infinity": math.inf,
    "five nan": [math.nan] * 5, "five halves": [0.5] * 5, "far off": [10**6] * 6,
    "tensors and None": [torch.ones(2), None], "a function": raises, "true": True,
}


def test_each_check_has_a_solution_to_try() -> None:
    assert set(SOLUTIONS) == set(CHECKS) == set(WRONG) and len(CHECKS) == 5


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("f", [None, 3.0, "x + 1", [1.0]], ids=str)
def test_what_is_no_function_gets_a_sentence(name: str, f: object) -> None:
    assert "should be a function" in sentence(CHECKS[name], f)


@pytest.mark.parametrize("name", CHECKS)
def test_a_function_that_stops_gets_a_sentence(name: str) -> None:
    assert "no idea" in sentence(CHECKS[name], raises)
    assert "stopped with TypeError" in sentence(CHECKS[name], lambda: 1.0)


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("what", ANSWERS)
def test_what_is_no_answer_gets_a_sentence(name: str, what: str) -> None:
    said = sentence(CHECKS[name], constant(ANSWERS[what]))
    assert what != "None" or "returned None" in said


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


@pytest.mark.parametrize(("name", "f", "says"),
                         [(name, f, says) for name in CHECKS for f, says in WRONG[name]])
def test_a_plausible_wrong_answer_is_told_why(name: str, f, says: str) -> None:
    assert says in sentence(CHECKS[name], f)


@in_each_form
@pytest.mark.parametrize("name", CHECKS)
def test_a_right_answer_passes_in_any_form(name: str, form, monkeypatch) -> None:
    check = CHECKS[name]
    monkeypatch.setattr(checks, name, lambda f: check(answering(form, f)))
    exec(compile(SOLUTIONS[name], name, "exec"), {})
