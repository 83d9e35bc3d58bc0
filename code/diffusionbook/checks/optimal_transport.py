"""Checks of the exercises of chapter 8. Each raises an AssertionError that says what is off."""

from collections.abc import Callable

import torch
from torch import Tensor

from diffusionbook.checks.answers import asked, number, numbers
from diffusionbook.checks.mistakes import unlike
from diffusionbook.checks.verdict import same
from diffusionbook.randomness import randn, seeded
from diffusionbook.transport.optimal.log_domain import half_step
from diffusionbook.transport.optimal.plans import sorted_match


def _f64(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def _told(what: str, yours: object, right: Tensor, mistakes: dict[str, Tensor]) -> None:
    """Compare, and name the mistake where it is a known one: one that changes the answer here."""
    for name, wrong in mistakes.items():
        try:
            same(what, wrong, right)
        except AssertionError:
            unlike(what, yours, {name: wrong})
    same(what, yours, right)


def check_line_cost(f: Callable[[float, float, float, float], float]) -> None:
    """f(m, a, n, b) → the least mean squared distance between N(m, a²) and N(n, b²)."""
    f = asked(f)
    for m, a, n, b in ((0.0, 1.0, 0.0, 3.0), (1.0, 0.5, -0.5, 2.0), (2.0, 1.0, 2.0, 1.0)):
        what = f"for N({m}, {a}²) and N({n}, {b}²)"
        _told(what, number(what, f(m, a, n, b)), _f64((m - n) ** 2 + (a - b) ** 2), {
            "these are independent pairs; pair by rank": _f64((m - n) ** 2 + a**2 + b**2),
            "the means are apart, too": _f64((a - b) ** 2),
            "the spreads differ, too": _f64((m - n) ** 2),
            "this is the distance; give its square":
                _f64(((m - n) ** 2 + (a - b) ** 2) ** 0.5),
            "subtract the standard deviations, not the variances":
                _f64((m - n) ** 2 + (a**2 - b**2) ** 2),
            "this pairs the largest with the smallest": _f64((m - n) ** 2 + (a + b) ** 2),
        })
    print("Correct: for three pairs of Gaussians.")


def check_rank_pairs(f: Callable[[Tensor, Tensor], Tensor]) -> None:
    """f(x, y) → (n,) the index of the y that each x is paired with."""
    f = asked(f)
    for n in (6, 11):
        x, y = randn((n,), seeded(n)), randn((n,), seeded(n + 1)).exp()
        what = f"partners of {n} points"
        yours = numbers(what, f(x.clone(), y.clone()))
        right, up, down = sorted_match(x, y).double(), x.argsort(), y.argsort()
        _told(what, yours, right, {
            "these are the y from small to large; say which of them belongs to each x":
                down.double(),
            "this sorts x; the partner is found among the y": up.double(),
            "sort y by the rank of x, not by the order of x": down[up].double(),
            "this is the partner of each y": sorted_match(y, x).double(),
            "these are ranks of the x, not places in y": up.argsort().double(),
            "the largest x belongs to the largest y": sorted_match(-x, y).double(),
            "these are the values of the partners; return their indices": y[right.long()],
        })
    print("Correct: rank to rank, in the order of x.")


def check_two_by_rank(f: Callable[[float], float]) -> None:
    """f(s) → the mean squared length of lines between N(0, 1) and N(0, s²), paired by rank in
    batches of two."""
    f = asked(f)
    for s in (1.0, 0.5, 3.0):
        pi, what = torch.pi, f"for s = {s}"
        _told(what, number(what, f(s)), _f64(1 + s**2 - 2 * s / pi), {
            "these are independent pairs": _f64(1 + s**2),
            "this is the optimum, which two points do not reach": _f64((1 - s) ** 2),
            "twice the covariance is lost, and the covariance is s / π": _f64(1 + s**2 - s / pi),
            "the other law is s times as wide": _f64(2 - 2 / pi),
            "the larger of two draws has the mean 1/√π, and it enters twice, once for each law":
                _f64(1 + s**2 - 2 * s / pi**0.5),
            "this is the flow's energy; the question is how long the lines are":
                _f64(1 + s**2 - s * pi / 2),
        })
    print("Correct: for three widths.")


def check_log_step(f: Callable[[Tensor, Tensor, Tensor, float], Tensor]) -> None:
    """f(cost, g, b, epsilon) → (n,) the prices f of Sinkhorn's step; ``cost`` is (n, m)."""
    f = asked(f)
    for epsilon in (0.7, 0.001):
        cost = 1 + 4 * torch.rand(5, 4, generator=seeded(1)).double()
        g, b = randn((4,), seeded(2)), _f64(0.1, 0.2, 0.3, 0.4)
        what = f"your prices for epsilon = {epsilon}"
        right = half_step(cost, g, b, epsilon)
        plain = (g - cost) / epsilon
        yours = numbers(what, f(cost.clone(), g.clone(), b.clone(), epsilon))
        if yours.shape == right.shape and not bool(yours.isfinite().all()):
            raise AssertionError(f"{what}: they are not finite: an exponential underflowed; take "
                                 f"the largest exponent off first, as logsumexp does")
        _told(what, yours, right, {
            "the masses b are missing": -epsilon * plain.logsumexp(1),
            "the sign is turned": -right,
            "multiply by epsilon at the end": right / epsilon,
            "the cost is subtracted from the price, not added":
                -epsilon * ((g + cost) / epsilon + b.log()).logsumexp(1),
            "the price g enters the exponent": -epsilon * (-cost / epsilon + b.log()).logsumexp(1),
            "this is the largest exponent alone: the others count, too":
                -epsilon * (plain + b.log()).amax(1),
        })
    print("Correct: also where exponentials underflow.")


def check_pairs_of(f: Callable[[Tensor], Tensor]) -> None:
    """f(plan) → (n,) the column of each row, for an exact plan of equal masses."""
    f = asked(f)
    for n in (5, 32):
        match = torch.randperm(n, generator=seeded(n))
        plan = torch.zeros(n, n, dtype=torch.float64)
        plan[range(n), match] = 1 / n
        what = f"pairs of a plan of {n} points"
        yours = numbers(what, f(plan.clone()))
        if yours.shape == (n,) and len(yours.unique()) < n:
            raise AssertionError(f"{what}: {n - len(yours.unique())} of the columns are lost and "
                                 f"others come twice; nothing in the plan is random")
        _told(what, yours, match.double(), {
            "this is the row of each column": match.argsort().double(),
            "these are the pairs as they were drawn": torch.arange(n).double(),
            "this is the masses, not the places": plan.amax(1),
        })
    print("Correct: each column once.")
