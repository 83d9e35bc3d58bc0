"""MGDA: the shortest vector in the hull of the gradients, against which all objectives fall."""

from typing import NamedTuple

import torch
from torch import Tensor

from diffusionbook.arguments import whole
from diffusionbook.pareto.gradients import batched


class MinNorm(NamedTuple):
    """The shortest convex combination of gradients, and how sure that is.

    The gap is the certificate, ``|d|^2`` minus the least of d·g_i. It is 0 at the optimum and no
    less than the square of d's distance to it. The direction d is 0 where no direction makes all
    costs fall.
    """

    weights: Tensor  # (..., m), not negative, adding up to 1
    direction: Tensor  # d, (..., n), the combination
    gap: Tensor  # (...)


def min_norm(gradients: Tensor, steps: int = 500) -> MinNorm:
    """The shortest d in the hull of the gradients (:eq:`eq-min-norm`), with its certificate
    (:eq:`eq-min-norm-certificate`).

    For two gradients it is a formula. For more, Frank-Wolfe in pairs: at each step weight moves
    from the gradient that d falls along most to the one it falls along least, as much as helps most
    and no more than there is. That is quick while the gradients are independent; where more of them
    than dimensions meet it can be slow, and the gap says how far it came.

    It listens to short gradients: where one is much shorter than the others, d is that one. So an
    objective in another unit gives another d.

    Args:
        gradients: (m, n), a row for each objective, or (b, m, n) for b places.
        steps: at most, of Frank-Wolfe.

    Source: Désidéri 2012 for the problem and the closed form; Sener and Koltun, arXiv 1810.04650,
    for Frank-Wolfe.

    Raises:
        ValueError: ``gradients`` has another shape or is not finite, or ``steps`` < 1.
    """
    whole("steps", steps, least=1)
    rows = batched(gradients)
    gram = rows @ rows.mT  # (b, m, m)
    weights = _of_two(gram) if rows.shape[1] == 2 else _in_pairs(gram, steps)
    direction = (weights[:, None] @ rows)[:, 0]
    along = (weights[:, None] @ gram)[:, 0]  # d.g_i
    gap = (weights * along).sum(1) - along.min(1).values
    found = MinNorm(weights, direction, gap)
    return found if gradients.ndim == 3 else MinNorm(*(part[0] for part in found))


def _of_two(gram: Tensor) -> Tensor:
    """``g2·(g2 - g1) / |g1 - g2|^2``, clipped to [0, 1]; equal gradients share."""
    apart = gram[:, 0, 0] - 2 * gram[:, 0, 1] + gram[:, 1, 1]
    gamma = (gram[:, 1, 1] - gram[:, 0, 1]) / apart.where(apart > 0, 1.0)
    gamma = gamma.clamp(0, 1).where(apart > 0, 0.5)
    return torch.stack([gamma, 1 - gamma], 1)


def _in_pairs(gram: Tensor, steps: int) -> Tensor:
    b, m, _ = gram.shape
    each = torch.arange(b, device=gram.device)
    shortest = gram.diagonal(dim1=1, dim2=2).argmin(1)
    weights = torch.nn.functional.one_hot(shortest, m).to(gram)
    for _ in range(steps):
        along = (gram @ weights[..., None])[..., 0]
        into = along.argmin(1)
        out = along.where(weights > 0, -torch.inf).argmax(1)
        gain = along[each, out] - along[each, into]
        if not bool((gain > 1e-15 * along.abs().amax(1)).any()):
            break
        apart = gram[each, into, into] - 2 * gram[each, into, out] + gram[each, out, out]
        move = (gain / apart.where(apart > 0, 1.0)).clamp_min(0).minimum(weights[each, out])
        weights[each, into] += move
        weights[each, out] -= move
    return weights
