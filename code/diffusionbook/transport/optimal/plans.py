"""The transport problem for finitely many points, solved exactly, with a proof that it is solved.

A plan says how much mass goes from each source to each target. The dual's two lists of prices are
the certificate: no plan is cheaper than what they promise, and where mass moves, the promise and
the cost are equal.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from scipy.optimize import linear_sum_assignment, linprog
from scipy.sparse import eye_array, kron, vstack
from torch import Tensor

from diffusionbook.arguments import all_finite
from diffusionbook.shapes import check_samples
from diffusionbook.transport.optimal.checks import Cost, Weights, check_table, masses


class Transport(NamedTuple):
    """A plan and the prices that prove it (:eq:`eq-dual`, :eq:`eq-slackness`)."""

    plan: Tensor  # (n, m) float64, the mass that goes from each source to each target
    f: Tensor  # (n,) the price at each source
    g: Tensor  # (m,) the price at each target
    value: float  # what the plan costs


def squared_distances(x: Float[Tensor, "n *d"], y: Float[Tensor, "m *d"]) -> Cost:
    """The cost of the whole chapter: all squared distances, summed over dimensions; (n, m) float64.

    Raises:
        ValueError: a cloud is empty or not finite, or their points differ in shape.
    """
    for name, points in (("x", x), ("y", y)):
        check_samples(name, points)
        all_finite(name, points)
    if x.shape[1:] != y.shape[1:]:
        raise ValueError(f"y must have points of shape {tuple(x.shape[1:])}, as x has; theirs is "
                         f"{tuple(y.shape[1:])}")
    exact = "donot_use_mm_for_euclid_dist"  # a square that is expanded loses small distances
    return torch.cdist(x.flatten(1).double(), y.flatten(1).double(), compute_mode=exact).square()


def assignment(cost: Float[Tensor, "n n"]) -> Int[Tensor, " n"]:
    """The cheapest way to give each source a target of its own (:eq:`eq-assignment`).

    Equal masses need no splitting: some best plan is a permutation, by Birkhoff's theorem.

    Args:
        cost: (n, n).

    Returns:
        (n,) the target of each source.

    Raises:
        ValueError: ``cost`` is not square, empty or not finite.

    Source: Crouse, IEEE Transactions on Aerospace and Electronic Systems 52 (2016), as in scipy.
    """
    check_table("cost", cost)
    if len(cost) != cost.shape[1]:
        raise ValueError(f"cost must be square; its shape is {tuple(cost.shape)}")
    return torch.as_tensor(linear_sum_assignment(cost.detach().cpu().double().numpy())[1])


def sorted_match(x: Float[Tensor, " n"], y: Float[Tensor, " n"]) -> Int[Tensor, " n"]:
    """The same on a line, for any convex cost of the difference: k-th to k-th (:eq:`eq-sorting`).

    Args:
        x: (n,) sources.
        y: (n,) targets.

    Returns:
        (n,) the target of each source.

    Raises:
        ValueError: the two differ in shape, are not (n,), are empty or not finite.
    """
    for name, points in (("x", x), ("y", y)):
        if points.ndim != 1 or len(points) != len(x) or not len(points):
            raise ValueError(f"{name} must have shape (n,), as x and y both have; it has "
                             f"{tuple(points.shape)}")
        all_finite(name, points)
    match = torch.empty(len(x), dtype=torch.int64)
    match[x.argsort(stable=True)] = y.argsort(stable=True)
    return match


def kantorovich(cost: Cost, a: Weights | None = None, b: Weights | None = None) -> Transport:
    """The cheapest plan between any masses, as a linear programme (:eq:`eq-kantorovich`).

    For hundreds of points at most; equal masses and equal numbers are faster by
    :func:`assignment`.

    Args:
        cost: (n, m).
        a: (n,) masses of the sources, positive, with sum 1; default: equal ones.
        b: (m,) masses of the targets, likewise.

    Returns:
        The plan, and the prices of its dual, of which the first is 0: a number may be moved from
        all of f to all of g.

    Raises:
        ValueError: ``cost`` is not (n, m), empty or not finite, or a marginal is not what it says.
        RuntimeError: the solver gives up, as it does on costs beyond its range.

    Source: Peyré and Cuturi, arXiv 1803.00567, section 3.1.
    """
    check_table("cost", cost)
    n, m = cost.shape
    cost, a, b = cost.detach(), masses("a", a, n).detach(), masses("b", b, m).detach()
    rows = kron(eye_array(n), torch.ones(1, m).numpy())
    columns = kron(torch.ones(1, n).numpy(), eye_array(m))
    solved = linprog(cost.double().flatten().numpy(), A_eq=vstack([rows, columns]).tocsr(),
                     b_eq=torch.cat([a, b]).numpy(), method="highs")
    if solved.x is None:
        raise RuntimeError(f"cost: the solver gave up on it: {solved.message}")
    prices = torch.as_tensor(solved.eqlin.marginals).double()
    f, g = prices[:n], prices[n:]
    plan = torch.as_tensor(solved.x).double().reshape(n, m)
    return Transport(plan, f - f[0], g + f[0], float((plan * cost).sum()))
