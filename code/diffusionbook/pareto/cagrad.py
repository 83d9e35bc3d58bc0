"""CAGrad: the direction near the mean gradient against which the least fall is largest."""

from typing import NamedTuple

import torch
from torch import Tensor

from diffusionbook.arguments import all_finite, finite, whole
from diffusionbook.pareto.gradients import batched


class ConflictAverse(NamedTuple):
    """A direction, and how sure it is.

    The gap is the certificate: no direction of the ball has a least fall, the least d·g_i, that is
    larger by more than this. It is 0 at the optimum, unless the mixed gradient there is 0.
    """

    weights: Tensor  # gamma, (..., m), not negative, adding up to 1
    direction: Tensor  # d, (..., n)
    gap: Tensor  # (...)


def cagrad(
    gradients: Tensor, c: float, around: Tensor | None = None, steps: int = 500
) -> ConflictAverse:
    """The d with the largest least d·g_i among those within c ``|g_0|`` of g_0 (:eq:`eq-cagrad`).

    Its dual is a combination g_w of the gradients, with weights in the simplex, that makes
    g_w·g_0 + c ``|g_0| |g_w|`` least; d = g_0 + c ``|g_0|`` g_w / ``|g_w|``
    (:eq:`eq-cagrad-direction`). With c = 0 it is g_0; with a large c its direction is that of
    :func:`~diffusionbook.pareto.min_norm.min_norm`. For two gradients it is a formula. For more,
    weight moves from one gradient to another, each time as much as helps most, and the gap says how
    far that came. Where g_w = 0, d is g_0, and the gap says whether that is right.

    Args:
        gradients: (m, n), a row for each objective, or (b, m, n) for b places.
        c: how far from g_0, in its lengths; not negative. Below 1, d = 0 only where g_0 = 0.
        around: g_0, (n,) or (b, n). Default: the mean of the gradients.
        steps: at most.

    Source: Liu et al., arXiv 2110.14048; their code divides d by 1 + c.

    Raises:
        ValueError: ``gradients`` or ``around`` has another shape or is not finite, ``c`` < 0, or
            ``steps`` < 1.
    """
    whole("steps", steps, least=1)
    finite("c", c)
    if c < 0:
        raise ValueError(f"c must not be negative; it is {c}")
    rows = batched(gradients)
    centre = rows.mean(1) if around is None else torch.atleast_2d(around.to(rows))
    if centre.shape != rows[:, 0].shape:
        raise ValueError(f"around must have shape {tuple(rows[:, 0].shape)}, as one gradient at "
                         f"each place has; it has {tuple(around.shape)}")
    all_finite("around", centre)
    gram, along_centre = rows @ rows.mT, (rows @ centre[..., None])[..., 0]
    radius = c * centre.norm(dim=1)
    weights = _least(gram, along_centre, radius, steps)
    inner = (weights[:, None] @ rows)[:, 0]
    length = inner.norm(dim=1)
    direction = centre + (radius / length.where(length > 0, torch.inf))[:, None] * inner
    falls = (rows @ direction[..., None])[..., 0]
    gap = (weights * along_centre).sum(1) + radius * length - falls.min(1).values
    found = ConflictAverse(weights, direction, gap)
    return found if gradients.ndim == 3 else ConflictAverse(*(part[0] for part in found))


def _least(gram: Tensor, linear: Tensor, radius: Tensor, steps: int) -> Tensor:
    """(b, m) weights that make linear·w + radius sqrt(w·gram w) least."""
    b, m, _ = gram.shape
    each = torch.arange(b, device=gram.device)
    first = (linear + radius[:, None] * gram.diagonal(dim1=1, dim2=2).sqrt()).argmin(1)
    weights = torch.nn.functional.one_hot(first, m).to(gram)
    for _ in range(steps):
        along = (gram @ weights[..., None])[..., 0]  # g_w·g_i
        square = (weights * along).sum(1).clamp_min(0)
        slope = linear + (radius / square.sqrt().where(square > 0, torch.inf))[:, None] * along
        into = slope.argmin(1)
        out = slope.where(weights > 0, -torch.inf).argmax(1)
        gain = slope[each, out] - slope[each, into]
        if not bool((gain > 1e-14 * slope.abs().amax(1)).any()):
            break
        apart = gram[each, into, into] - 2 * gram[each, into, out] + gram[each, out, out]
        turn = along[each, into] - along[each, out]
        move = _best_move(square, turn, apart, linear[each, into] - linear[each, out], radius)
        move = move.clamp_min(0).minimum(weights[each, out])
        weights[each, into] += move
        weights[each, out] -= move
    return weights


def _best_move(square: Tensor, turn: Tensor, apart: Tensor, slope: Tensor, radius: Tensor
              ) -> Tensor:
    """The s that makes slope s + radius sqrt(square + 2 s turn + s^2 apart) least, for s on a line.

    The root is sqrt(apart (s - z)^2 + h^2) with its least value h at z. Where the slope is too
    steep for it to turn the sum, s is infinite, with the sign of downhill.
    """
    safe = apart.where(apart > 0, 1.0)
    nearest = -turn / safe
    height = (square - turn.square() / safe).clamp_min(0).sqrt()
    room = radius.square() * apart - slope.square()
    away = -slope * height / (safe * room.clamp_min(1e-300)).sqrt()
    best = torch.where(room > 0, nearest + away, -slope.sign() * torch.inf)
    return torch.where(apart > 0, best, 0.0)
