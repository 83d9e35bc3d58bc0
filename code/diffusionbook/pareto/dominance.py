"""Which of several costs is better: dominance, and who is dominated by nobody.

Costs are (n, m): a row for each candidate, a column for each objective, and less is better in each.
Dominance only asks which of two numbers is smaller. So whatever rises with an objective may stand
for it, such as its value in another unit: who dominates whom stays the same.
"""

import torch
from torch import Tensor

from diffusionbook.arguments import all_finite


def dominates(one: Tensor, other: Tensor) -> Tensor:
    """Whether ``one`` is nowhere worse and somewhere better (:eq:`eq-dominance`).

    Args:
        one: (..., m) costs.
        other: (..., m), broadcast against ``one``.

    Returns:
        (...) booleans.

    Raises:
        ValueError: the two do not hold as many objectives, or a cost is not finite.
    """
    if one.ndim == 0 or other.ndim == 0 or one.shape[-1] != other.shape[-1]:
        raise ValueError(f"other must hold as many objectives as one; their shapes are "
                         f"{tuple(other.shape)} and {tuple(one.shape)}")
    all_finite("one", one)
    all_finite("other", other)
    return (one <= other).all(-1) & (one < other).any(-1)


def non_dominated(costs: Tensor) -> Tensor:
    """Which rows no other row dominates (:eq:`eq-dominance`); equal rows do not dominate each
    other.

    A row can only be dominated by rows before it in lexicographic order. With two objectives one
    pass with a running minimum finds all of them. With more, each row is held against the front
    that was found before it.

    Args:
        costs: (n, m), less is better.

    Returns:
        (n,) booleans.

    Raises:
        ValueError: ``costs`` is not (n, m) with finite numbers.
    """
    check_costs("costs", costs)
    order = lexicographic(costs)
    ranked = costs[order]
    keep = _by_sweep(ranked) if costs.shape[1] == 2 else _by_comparison(ranked)
    found = torch.zeros(len(costs), dtype=torch.bool, device=costs.device)
    found[order] = keep
    return found


def ranks(costs: Tensor) -> Tensor:
    """0 for the front, 1 for the front of the rest, and so on: the sorting of NSGA-II.

    Args:
        costs: (n, m), less is better.

    Returns:
        (n,) whole numbers.

    Raises:
        ValueError: as for :func:`non_dominated`.
    """
    check_costs("costs", costs)
    found = torch.full((len(costs),), -1)
    rank = 0
    while bool((left := (found < 0).nonzero()[:, 0]).numel()):
        found[left[non_dominated(costs[left])]] = rank
        rank += 1
    return found


def check_costs(name: str, costs: Tensor) -> None:
    """Refuse all but (n, m) finite floating-point numbers, of at least one row and one objective.

    Raises:
        ValueError: they are something else.
    """
    if costs.ndim != 2 or 0 in costs.shape:
        raise ValueError(f"{name} must have shape (n, m), a row for each candidate and a column "
                         f"for each objective; it has {tuple(costs.shape)}")
    if not costs.is_floating_point():
        raise ValueError(f"{name} must be floating-point numbers; they are {costs.dtype}")
    all_finite(name, costs)


def lexicographic(costs: Tensor) -> Tensor:
    """(n,) the order of rows by the first cost, ties by the second, and so on."""
    order = torch.arange(len(costs), device=costs.device)
    for column in reversed(range(costs.shape[1])):
        order = order[costs[order, column].sort(stable=True).indices]
    return order


def _by_sweep(ranked: Tensor) -> Tensor:
    """Rows (f, g) in order of f: one stays if no earlier g is as small, or if it is its equal."""
    g = ranked[:, 1]
    best = torch.cat([g.new_full((1,), torch.inf), g.cummin(0).values[:-1]])
    keep = g < best
    same = (ranked[1:] == ranked[:-1]).all(1).tolist()  # equal rows are neighbours, and go together
    for row, equal in enumerate(same, start=1):
        if equal:
            keep[row] = keep[row - 1]
    return keep


def _by_comparison(ranked: Tensor) -> Tensor:
    keep = torch.zeros(len(ranked), dtype=torch.bool, device=ranked.device)
    front = ranked[:0]
    for row, cost in enumerate(ranked):
        keep[row] = not bool(((front <= cost).all(1) & (front < cost).any(1)).any())
        if keep[row]:
            front = torch.cat([front, cost[None]])
    return keep
