"""PCGrad: each gradient gives up what works against another one; then they are added."""

import torch
from torch import Tensor

from diffusionbook.pareto.gradients import batched


def pcgrad(gradients: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """The sum of the gradients, each projected off those it conflicts with (:eq:`eq-pcgrad`).

    Each gradient meets the others one after the other, in a random order of its own, and loses its
    component along each that it has a negative product with at that moment. It meets them as they
    came, not projected.

    For two gradients p·g_i = ``|g_i|^2`` sin^2(angle) where they conflict
    (:eq:`eq-pcgrad-two`): no cost rises, in a small step. For three and more there is no such
    promise.

    Args:
        gradients: (m, d), a row for each *objective*, over all parameters; or (b, m, d).
        generator: of the orders; two gradients need none. Default: each in the order of rows.

    Returns:
        (d,) or (b, d).

    Source: Yu et al., arXiv 2001.06782.

    Raises:
        ValueError: ``gradients`` has another shape, or is not finite.
    """
    rows = batched(gradients)
    b, m, _ = rows.shape
    lengths = rows.square().sum(2)  # (b, m)
    each, total = torch.arange(b, device=rows.device), torch.zeros_like(rows[:, 0])
    for i in range(m):
        others = torch.tensor([j for j in range(m) if j != i], dtype=torch.long).expand(b, m - 1)
        if generator is not None:
            order = torch.rand(others.shape, generator=generator).argsort(1)
            others = others.gather(1, order)
        mine = rows[:, i]
        for j in others.to(rows.device).T:
            other, length = rows[each, j], lengths[each, j]
            share = (mine * other).sum(1).clamp_max(0) / length.where(length > 0, 1.0)
            mine = mine - share[:, None] * other
        total = total + mine
    return total if gradients.ndim == 3 else total[0]
