"""Checks of the exercises of chapter 9. Each raises an AssertionError that says what is off."""

from collections.abc import Callable

import torch
from torch import Tensor

from diffusionbook.checks.answers import asked
from diffusionbook.checks.mistakes import unlike
from diffusionbook.checks.verdict import same
from diffusionbook.pareto.dominance import non_dominated
from diffusionbook.pareto.pcgrad import pcgrad
from diffusionbook.randomness import randn, seeded


def _f64(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def _told(what: str, yours: object, right: Tensor, mistakes: dict[str, Tensor]) -> None:
    """Compare, and name the mistake where it is a known one that changes the answer here."""
    for name, wrong in mistakes.items():
        try:
            same(what, wrong, right)
        except AssertionError:
            unlike(what, yours, {name: wrong})
    same(what, yours, right)


def check_volume(f: Callable[[float], float]) -> None:
    """f(worst) → the area that the front of x^2 and (1 - x)^2 dominates up to (worst, worst)."""
    f = asked(f, returns="a number")
    for worst in (1.0, 2.0, 0.64, 0.36, 0.2):
        right = _f64(_volume(worst))
        _told(f"for worst = {worst}", f(worst), right, {
            "this holds at worst = 1 and scales the front along; the front stays where it is":
                _f64(5 / 6 * worst**2),
            "this holds from worst = 1 on; below, the ends of the front no longer count":
                _f64(worst**2 - 1 / 6),
            "this is the area under the front, which is not dominated": worst**2 - right,
            "this is the whole square; what lies under the front is not dominated":
                _f64(worst**2),
            "the roots add up to 1, not the costs themselves": _f64(worst**2 - 1 / 2),
        })
    print("Correct: for three corners beyond 1/4, for the unit square, and out of reach.")


def _volume(worst: float) -> float:
    if worst >= 1:
        return worst**2 - 1 / 6
    if worst <= 1 / 4:
        return 0.0

    def under(x: float) -> float:
        return x - 4 / 3 * x**1.5 + x**2 / 2

    start = (1 - worst**0.5) ** 2
    return worst * (worst - start) - (under(worst) - under(start))


def check_front(f: Callable[[Tensor], Tensor]) -> None:
    """f(costs) → which of n rows no other dominates, (n,) of true and false; less is better."""
    f = asked(f, returns="(n,) of true and false")
    for m in (2, 3):
        costs = randn((30, m), seeded(m))
        best = costs[costs[:, 0].argmin()]
        tied = best + torch.nn.functional.one_hot(torch.tensor(0), m)  # worse in one cost alone
        costs = torch.cat([costs, best[None], tied[None]])
        right = non_dominated(costs)
        a, b = costs[:, None], costs[None]
        worse = ((b <= a).all(2) & (b < a).any(2)).any(1)
        _told(f"of {len(costs)} rows with {m} costs", f(costs.clone()), right.double(), {
            "a row is out, too, if another is only as good in one cost and better in the rest":
                (~(b < a).all(2).any(1)).double(),
            "equal rows do not dominate each other: somewhere the other must be better":
                (~((b <= a).all(2) & ~torch.eye(len(costs)).bool()).any(1)).double(),
            "this leaves none: a row is as good as itself, and better in one cost is not enough":
                torch.zeros(len(costs)).double(),
            "less is better: these are the rows that dominate nobody":
                (~((b >= a).all(2) & (b > a).any(2)).any(1)).double(),
            "these are the rows that are dominated": worse.double(),
        })
    print("Correct: with two costs and with three, with ties and with equal rows.")


def check_weight(f: Callable[[float, float], float]) -> None:
    """f(length, cosine) → the weight of g1 in the shortest combination; g2 has length 1."""
    f = asked(f, returns="a number")
    for c, cosine in ((1.0, -0.5), (2.0, -0.5), (2.0, 0.3), (2.0, 0.8), (0.4, 0.9), (5.0, 0.0)):
        apart = c**2 - 2 * c * cosine + 1
        free = (1 - c * cosine) / apart
        right = _f64(min(1.0, max(0.0, free)))
        _told(f"for length {c} and cosine {cosine}", f(c, cosine), right, {
            "a weight lies between 0 and 1: clip it": _f64(free),
            "this is the weight of g2; the shorter gradient gets more": 1 - right,
            "lengths alone do not decide; the angle does, too": _f64(1 / (1 + c)),
            "the longer gradient gets less weight, not more": _f64(c / (1 + c)),
            "half and half is right only for equal lengths": _f64(0.5),
            "squares of lengths alone are right only at a right angle": _f64(1 / (1 + c**2)),
        })
    print("Correct: a longer gradient gets less weight, and none where it goes g2's way anyhow.")


def check_pulls(f: Callable[[Tensor, Tensor, Tensor, float], Tensor]) -> None:
    """f(costs, w, ideal, mu) → what each gradient is multiplied by, (n, m), in the gradient of the
    smooth Tchebycheff cost."""
    f = asked(f, returns="(n, m) numbers")
    costs, w, ideal = randn((5, 3), seeded(0)), _f64(0.2, 0.3, 0.5), _f64(-3.0, -2.0, -4.0)
    for mu in (1.0, 0.1):
        behind = w * (costs - ideal)
        share = (behind / mu).softmax(1)
        hard = torch.nn.functional.one_hot(behind.argmax(1), 3).double()
        _told(f"for mu = {mu}", f(costs.clone(), w.clone(), ideal.clone(), mu), share * w, {
            "these are the shares; the chain rule brings a w, too": share,
            "this is the hard maximum, where one objective pulls alone": hard * w,
            "this is the hard maximum, and a w is missing": hard,
            "divide by mu inside the softmax": behind.softmax(1) * w,
            "mu outside cancels the mu inside: do not divide again": share * w / mu,
            "measure from the ideal point": ((w * costs) / mu).softmax(1) * w,
            "the worst pulls most: the sign inside is turned": (-behind / mu).softmax(1) * w,
            "weigh before the softmax, too": ((costs - ideal) / mu).softmax(1) * w,
        })
    print("Correct: at two temperatures.")


def check_surgery(f: Callable[[Tensor], Tensor]) -> None:
    """f(g) → PCGrad's sum for the rows of g, (m, d), each meeting the others in order."""
    f = asked(f, returns="(d,) numbers")
    for m, d, seed in ((2, 3, 0), (3, 3, 4), (4, 5, 1)):
        g = randn((m, d), seeded(seed))
        g[1] = g[1] - 2 * (g[1] @ g[0]).clamp_min(0) / (g[0] @ g[0]) * g[0] - 0.3 * g[0]
        _told(f"for {m} gradients", f(g.clone()), pcgrad(g), {
            "each gradient meets the others as they came; yours meets them already projected":
                _in_place(g),
            "this is their sum; those that conflict give up a part first": g.sum(0),
            "this is the average; PCGrad adds": pcgrad(g) / m,
            "project where the product is negative, not always": _always(g),
            "divide by the squared length of the other": _lengths(g),
        })
    print("Correct: for two, three and four gradients.")


def _in_place(g: Tensor) -> Tensor:
    g = g.clone()
    for i in range(len(g)):
        for j in range(len(g)):
            if i != j:
                g[i] = g[i] - (g[i] @ g[j]).clamp_max(0) / (g[j] @ g[j]) * g[j]
    return g.sum(0)


def _always(g: Tensor) -> Tensor:
    return _met(g, lambda mine, other: (mine @ other) / (other @ other))


def _lengths(g: Tensor) -> Tensor:
    return _met(g, lambda mine, other: (mine @ other).clamp_max(0) / other.norm())


def _met(g: Tensor, share: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    total = torch.zeros_like(g[0])
    for i, mine in enumerate(g):
        for j, other in enumerate(g):
            if i != j:
                mine = mine - share(mine, other) * other
        total = total + mine
    return total
