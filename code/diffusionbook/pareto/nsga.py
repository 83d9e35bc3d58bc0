"""NSGA-II: a population that is sorted by dominance, with room between its members."""

from collections.abc import Callable

import torch
from torch import Tensor

from diffusionbook.arguments import all_finite, positive, whole
from diffusionbook.pareto.dominance import check_costs, ranks
from diffusionbook.randomness import randn
from diffusionbook.shapes import Samples


def nsga2(
    costs: Callable[[Samples], Tensor], start: Samples, generations: int,
    generator: torch.Generator | None, std: float = 0.2,
) -> Samples:
    """Evolve a population towards the front: n evaluations of the costs a generation, no gradient.

    Parents are winners of duels. A child lies on the line of two parents, up to half their distance
    beyond, and is moved by normal noise. Of parents and children the better half goes on: first by
    rank, then by room.

    Args:
        costs: (n, d) → (n, m), less is better.
        start: (n, d), at least two points.
        generations: at least 1.
        generator: of all draws.
        std: of the noise that moves a child, positive.

    Returns:
        (n, d).

    Source: Deb et al. 2002, with blending in the place of its simulated binary crossover.

    Raises:
        ValueError: ``start`` is not (n, d) with two or more finite rows, ``generations`` < 1,
            ``std`` is not positive, or the costs are not (n, m) and finite.
    """
    whole("generations", generations, least=1)
    positive("std", std)
    if start.ndim != 2 or len(start) < 2:
        raise ValueError(f"start must have shape (n, d) with two or more rows; it has "
                         f"{tuple(start.shape)}")
    all_finite("start", start)
    x, f = start, costs(start)
    check_costs("costs", f)
    for _ in range(generations):
        fit = _fitness(f)
        one, two = (x[_winners(fit, generator)] for _ in range(2))
        mix = 2 * torch.rand((len(x), 1), generator=generator).to(x) - 0.5
        child = mix * one + (1 - mix) * two + std * randn(x.shape, generator).to(x)
        x, f = torch.cat([x, child]), torch.cat([f, costs(child)])
        best = _fitness(f).sort().indices[: len(start)]
        x, f = x[best], f[best]
    return x


def room(costs: Tensor) -> Tensor:
    """The crowding distance: how far apart a row's neighbours are, summed over the objectives, each
    measured by its range; infinite at the ends.

    Args:
        costs: (n, m).

    Returns:
        (n,).

    Raises:
        ValueError: ``costs`` is not (n, m) and finite.
    """
    check_costs("costs", costs)
    total = costs.new_zeros(len(costs))
    for column in costs.T:
        value, order = column.sort()
        gap = torch.full_like(value, torch.inf)
        span = value[-1] - value[0]
        gap[1:-1] = (value[2:] - value[:-2]) / span.where(span > 0, 1.0)
        total[order] += gap
    return total


def _fitness(costs: Tensor) -> Tensor:
    """(n,) places in the order of rank, then room: 0 is best."""
    rank = ranks(costs)
    crowd = torch.zeros(len(costs), dtype=costs.dtype)
    for level in rank.unique():
        at = rank == level
        crowd[at] = room(costs[at])
    by_room = crowd.sort(descending=True, stable=True).indices
    order = by_room[rank[by_room].sort(stable=True).indices]
    place = torch.empty(len(costs))
    place[order] = torch.arange(len(costs), dtype=place.dtype)
    return place


def _winners(fit: Tensor, generator: torch.Generator | None) -> Tensor:
    pairs = torch.randint(len(fit), (len(fit), 2), generator=generator)
    return pairs.gather(1, fit[pairs].argmin(1, keepdim=True))[:, 0]
