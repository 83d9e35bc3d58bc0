"""How much of the space a set of costs dominates, and how far it is from a known front."""

import torch
from torch import Tensor

from diffusionbook.arguments import all_finite
from diffusionbook.pareto.dominance import check_costs, lexicographic, non_dominated


def hypervolume(costs: Tensor, reference: Tensor) -> float:
    """The volume of what the rows dominate up to a reference point (:eq:`eq-hypervolume`).

    Exact for one, two and three objectives: in the plane by a staircase, in space by slices between
    the values of the last objective, each with the staircase of what has come in so far. It is
    measured in the product of the objectives' units: in other units it is another number. What
    is not below the reference everywhere adds nothing.

    Args:
        costs: (n, m), less is better; m is 1, 2 or 3.
        reference: (m,), what counts as worst.

    Raises:
        ValueError: shapes do not fit, a number is not finite, or there are more than three
            objectives.
    """
    check_costs("costs", costs)
    n, m = costs.shape
    if m > 3:
        raise ValueError(f"costs must hold one to three objectives; they hold {m}")
    if reference.shape != (m,):
        raise ValueError(f"reference must have shape ({m},), one number for each objective; it has "
                         f"{tuple(reference.shape)}")
    all_finite("reference", reference)
    costs, reference = costs.double(), reference.double()
    inside = costs[(costs < reference).all(1)]
    if not len(inside):
        return 0.0
    inside = inside[non_dominated(inside)]
    if m == 1:
        return float(reference[0] - inside.min())
    if m == 2:
        return _staircase(inside, reference)
    inside = inside[inside[:, 2].sort().indices]
    ends = torch.cat([inside[1:, 2], reference[2:]])
    return sum(_staircase(inside[:count + 1, :2], reference[:2]) * float(thick)
               for count, thick in enumerate(ends - inside[:, 2]) if thick > 0)


def igd(costs: Tensor, front: Tensor) -> float:
    """Inverted generational distance: how far a point of the front is from the nearest row, on
    average over the front's points.

    Unlike the hypervolume it needs the front, and no reference point. It is measured in the
    objectives' units: change one, and other rows are near.

    Args:
        costs: (n, m).
        front: (k, m) points spread evenly on the true front.

    Raises:
        ValueError: the two do not hold as many objectives, or a number is not finite.
    """
    check_costs("costs", costs)
    check_costs("front", front)
    if front.shape[1] != costs.shape[1]:
        raise ValueError(f"front must hold {costs.shape[1]} objectives, as costs do; it holds "
                         f"{front.shape[1]}")
    return float(torch.cdist(front.double(), costs.double()).min(1).values.mean())


def _staircase(costs: Tensor, reference: Tensor) -> float:
    """The area that rows of two costs, all below the reference, dominate."""
    ordered = costs[lexicographic(costs)]
    lowest = ordered[:, 1].cummin(0).values
    ends = torch.cat([ordered[1:, 0], reference[:1]])
    return float(((ends - ordered[:, 0]) * (reference[1] - lowest)).sum())
