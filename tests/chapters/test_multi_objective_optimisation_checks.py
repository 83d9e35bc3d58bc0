"""The checks of chapter 9: plausible wrong answers are told why."""

import pytest
import torch
from checked import checks_of, each_wrong_answer, sentence
from torch import Tensor

from diffusionbook.checks import multi_objective_optimisation as checks

pytestmark = pytest.mark.usefixtures("without_shape_checks")
CHECKS = checks_of(checks)


def test_wrong_answers_are_tried_with_each_check() -> None:
    assert set(WRONG) == set(CHECKS)


def compared(better):
    return lambda costs: ~better(costs[None], costs[:, None]).any(1)


def met(share, others=lambda g: g, turn=lambda total, m: total):
    """PCGrad's loop with another share of what is given up, or other gradients to meet."""

    def f(g: Tensor) -> Tensor:
        total, m = torch.zeros_like(g[0]), len(g)
        for i in range(m):
            mine = g[i].clone()
            for j in range(m):
                if i != j:
                    mine -= share(mine, others(g)[j]) * others(g)[j]
            total += mine
        return turn(total, m)

    return f


def usual(mine: Tensor, other: Tensor) -> Tensor:
    return (mine @ other).clamp_max(0) / (other @ other)


def in_place(g: Tensor) -> Tensor:
    for i in range(len(g)):
        for j in range(len(g)):
            if i != j:
                g[i] -= usual(g[i], g[j]) * g[j]
    return g.sum(0)


def free(c: float, cosine: float) -> float:
    return (1 - c * cosine) / (c * c - 2 * c * cosine + 1)


def softly(inside, turn=lambda share, w, mu: share * w):
    return lambda costs, w, ideal, mu: turn(inside(costs, w, ideal, mu).softmax(1), w, mu)


def behind(costs: Tensor, w: Tensor, ideal: Tensor, mu: float) -> Tensor:
    return w * (costs - ideal) / mu


WRONG = {
    "check_volume": [
        (lambda r: 5 / 6 * r * r, "scales the front along"),
        (lambda r: r * r - 1 / 6, "no longer count"),
        (lambda r: 1 / 6 if r >= 1 else r * r, "the area under the front"),
        (lambda r: r * r - 1 / 2, "not the costs themselves"),
        (lambda r: 5 / 6, "off by"),
        (lambda r: r * r, "the whole square"),
    ],
    "check_front": [
        (compared(lambda a, b: (a < b).all(2)), "only as good in one cost"),
        (lambda f: ~((f[None] <= f[:, None]).all(2) & ~torch.eye(len(f)).bool()).any(1),
         "equal rows do not dominate"),
        (compared(lambda a, b: (a <= b).all(2)), "this leaves none"),
        (compared(lambda a, b: (a >= b).all(2) & (a > b).any(2)), "dominate nobody"),
        (lambda f: ~compared(lambda a, b: (a <= b).all(2) & (a < b).any(2))(f),
         "the rows that are dominated"),
        (compared(lambda a, b: (a < b).any(2)), "this leaves none"),
        (lambda f: f[:, 0] == f[:, 0].min(), "off by"),
    ],
    "check_weight": [
        (free, "clip it"),
        (lambda c, cosine: 1 - min(1.0, max(0.0, free(c, cosine))), "the weight of g2"),
        (lambda c, cosine: c / (1 + c), "not more"),
        (lambda c, cosine: 1 / (1 + c), "the angle does, too"),
        (lambda c, cosine: 0.5, "half and half"),
        (lambda c, cosine: 1 / (1 + c * c), "only at a right angle"),
    ],
    "check_pulls": [
        (softly(behind, lambda share, w, mu: share), "the chain rule brings a w"),
        (lambda f, w, z, mu: torch.nn.functional.one_hot(
            (w * (f - z)).argmax(1), 3).double() * w, "one objective pulls alone"),
        (softly(lambda f, w, z, mu: w * (f - z)), "divide by mu inside"),
        (softly(lambda f, w, z, mu: w * f / mu), "from the ideal point"),
        (softly(lambda f, w, z, mu: -w * (f - z) / mu), "the sign inside is turned"),
        (softly(lambda f, w, z, mu: (f - z) / mu), "before the softmax"),
    ],
    "check_surgery": [
        (in_place, "already projected"),
        (lambda g: g.sum(0), "give up a part first"),
        (met(usual, turn=lambda total, m: total / m), "PCGrad adds"),
        (met(lambda a, b: (a @ b) / (b @ b)), "not always"),
        (met(lambda a, b: (a @ b).clamp_max(0) / b.norm()), "the squared length"),
        (lambda g: g[0], "off by"),
    ],
}


@each_wrong_answer(WRONG)
def test_a_plausible_wrong_answer_is_told_why(name: str, f, says: str) -> None:
    assert says in sentence(CHECKS[name], f)
