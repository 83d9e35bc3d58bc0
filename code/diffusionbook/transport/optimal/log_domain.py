"""Transport with a price on certainty, by Sinkhorn's iterations on logarithms.

A plan that splits every mass is smoother than the cheapest one, and costs more. The temperature
``epsilon``, in units of the cost, says how much of the cost a nat of certainty is worth.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from diffusionbook.arguments import positive, whole
from diffusionbook.transport.optimal.checks import Cost, Weights, check_table, masses
from diffusionbook.transport.optimal.plans import squared_distances


class Entropic(NamedTuple):
    """An entropic plan, and how far from the best it can be."""

    plan: Tensor  # (n, m) float64, the mass from each source to each target
    f: Tensor  # (n,) the price at each source, in units of the cost
    g: Tensor  # (m,) the price at each target
    value: float  # the dual at these prices (eq-entropic-dual): a lower bound of the minimum
    gap: float  # the entropic cost of the plan, made feasible, minus value: the minimum is between
    error: float  # how far the plan's rows are from the sources' masses, absolute values summed
    iterations: int  # how many it took, those at higher temperatures included


def sinkhorn(
    cost: Cost, epsilon: float, a: Weights | None = None, b: Weights | None = None, *,
    tolerance: float = 1e-9, most: int = 100_000,
) -> Entropic:
    r"""The plan with the least cost + epsilon KL(plan | a ⊗ b) (:eq:`eq-entropic`).

    In turn f and g, the prices of the dual (:eq:`eq-entropic-dual`), are set so that the rows and
    the columns have their masses (:eq:`eq-sinkhorn`). All exponents are at most 0 after their
    largest is taken off, so no epsilon underflows. It starts at a temperature of half the range of
    the costs and halves it: a cold start at a small epsilon takes many times the iterations.

    Args:
        cost: (n, m), such as :func:`~diffusionbook.transport.optimal.plans.squared_distances`.
        epsilon: the temperature, in units of the cost.
        a: (n,) masses of the sources, positive, with sum 1; default: equal ones.
        b: (m,) masses of the targets, likewise.
        tolerance: it stops when the rows miss their masses by less, in all.
        most: iterations at ``epsilon``.

    Raises:
        ValueError: ``epsilon`` or ``tolerance`` is not positive and finite, ``most`` < 1, ``cost``
            is not (n, m) or not finite, or a marginal is not positive or does not sum to 1.
        RuntimeError: the rows are still off after ``most`` iterations. No plan is returned then,
            least of all a uniform one.

    Source: Cuturi, arXiv 1306.0895; on logarithms: Peyré and Cuturi, arXiv 1803.00567, section 4.4.
    """
    check_table("cost", cost)
    positive("epsilon", epsilon)
    positive("tolerance", tolerance)
    whole("most", most, least=1)
    cost = cost.double()
    a, b = masses("a", a, len(cost)), masses("b", b, cost.shape[1])
    back, f, g, total = cost.mT.contiguous(), torch.zeros_like(a), torch.zeros_like(b), 0
    for heat in _cooling(epsilon, float(cost.max() - cost.min())):
        last = heat == epsilon
        f = half_step(cost, g, b, heat)
        for _ in range(most if last else 100):
            g = half_step(back, f, a, heat)
            better = half_step(cost, g, b, heat)
            total += 1  # the columns are right; the rows are off by what the next step will mend
            error = float((a * ((f - better) / heat).expm1().abs()).sum())
            if error < (tolerance if last else max(tolerance, 1e-3)):
                break
            f = better
    if not error < tolerance:
        raise RuntimeError(f"most: after {most} iterations at epsilon {epsilon:g} the rows of the "
                           f"plan are off by {error:.3g}; allow more of them, or a larger epsilon")
    plan = _plan(cost, f, g, a, b, epsilon)
    value = float(a @ f + b @ g)
    return Entropic(plan, f, g, value, primal(cost, feasible(plan, a, b), a, b, epsilon) - value,
                    error, total)


def half_step(cost: Cost, price: Weights, mass: Weights, epsilon: float) -> Tensor:
    r"""The prices on one side that give the rows their masses (:eq:`eq-sinkhorn`).

    Args:
        cost: (n, m).
        price: (m,) on the other side.
        mass: (m,) of the other side.
        epsilon: the temperature.

    Returns:
        (n,): −epsilon log Σ_j mass_j exp((price_j − cost_ij) / epsilon).

    Raises:
        ValueError: ``epsilon`` is not positive and finite.
    """
    positive("epsilon", epsilon)
    return -epsilon * ((price - cost) / epsilon + mass.log()).logsumexp(1)


def primal(cost: Cost, plan: Float[Tensor, "n m"], a: Weights, b: Weights, epsilon: float) -> float:
    """Cost + epsilon KL(plan | a ⊗ b) of a plan (:eq:`eq-entropic`).

    Args:
        cost: (n, m).
        plan: (n, m) with sum 1.
        a: (n,) masses of the sources.
        b: (m,) masses of the targets.
        epsilon: the temperature.

    Raises:
        ValueError: ``epsilon`` is not positive and finite.
    """
    positive("epsilon", epsilon)
    relative = plan / (a[:, None] * b)
    return float((plan * cost).sum() + epsilon * torch.special.xlogy(plan, relative).sum())


def feasible(plan: Float[Tensor, "n m"], a: Weights, b: Weights) -> Float[Tensor, "n m"]:
    """The plan with its marginals mended: rows and columns that hold too much are scaled down, and
    what is missing then is spread as a product.

    Source: Altschuler et al., arXiv 1705.09634, algorithm 2.
    """
    plan = plan * (a / plan.sum(1)).clamp(max=1)[:, None]
    plan = plan * (b / plan.sum(0)).clamp(max=1)
    rows, columns = (a - plan.sum(1)).clamp(min=0), (b - plan.sum(0)).clamp(min=0)
    missing = float(rows.sum())
    return plan + rows[:, None] * columns / missing if missing > 0 else plan


def sinkhorn_divergence(
    x: Float[Tensor, "n *d"], y: Float[Tensor, "m *d"], epsilon: float, *,
    tolerance: float = 1e-9, most: int = 100_000,
) -> float:
    """The entropic cost between two clouds, less half of what each costs with itself
    (:eq:`eq-sinkhorn-divergence`): 0 for equal clouds.

    Args:
        x: (n, *d) points of equal mass.
        y: (m, *d) likewise.
        epsilon: the temperature, in units of the squared distance.
        tolerance: as in :func:`sinkhorn`.
        most: likewise.

    Raises:
        ValueError: what :func:`sinkhorn` and the distances raise.
        RuntimeError: likewise.

    Source: Genevay, Peyré and Cuturi, arXiv 1706.00292.
    """
    between, first, second = (
        sinkhorn(squared_distances(p, q), epsilon, tolerance=tolerance, most=most).value
        for p, q in ((x, y), (x, x), (y, y))
    )
    return between - (first + second) / 2


def _cooling(epsilon: float, size: float) -> Iterator[float]:
    """Temperatures from the size of the cost down to ``epsilon``, each half of the one before."""
    heat = size / 2
    while heat > epsilon:
        yield heat
        heat /= 2
    yield epsilon


def _plan(cost: Cost, f: Weights, g: Weights, a: Weights, b: Weights, epsilon: float) -> Tensor:
    return ((f[:, None] + g - cost) / epsilon).exp() * a[:, None] * b
