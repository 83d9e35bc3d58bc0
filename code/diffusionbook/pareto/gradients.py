"""Several gradients at one place: each whole, and all of them in one tensor."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from diffusionbook.arguments import all_finite


def stacked(gradients: Sequence[Tensor]) -> Tensor:
    """Gradients of m objectives as (m, d), each flattened.

    Raises:
        ValueError: there is none, or they are of different length, or one is not finite.
    """
    lengths = [g.numel() for g in gradients]
    if not lengths or len(set(lengths)) > 1:
        raise ValueError(f"gradients must be one or more, all of the same length; their lengths "
                         f"are {lengths}")
    for gradient in gradients:
        all_finite("gradients", gradient)
    return torch.stack([g.flatten() for g in gradients])


def whole_gradients(losses: Sequence[Tensor], parameters: Iterable[Tensor]) -> Tensor:
    """(m, d): the gradient of each loss in *all* parameters, as one long row.

    One backward pass a loss. To compare objectives, these rows are needed: after one pass of the
    summed loss there is nothing left to compare. Where a loss does not depend on a parameter, its
    gradient is 0.

    Args:
        losses: m numbers, with their graphs.
        parameters: what to differentiate in.

    Raises:
        ValueError: there is no loss or no parameter, one is not finite, or a loss is not one
            number.
    """
    parameters = list(parameters)
    if not parameters or not losses:
        raise ValueError(f"losses and parameters must hold at least one each; they hold "
                         f"{len(losses)} and {len(parameters)}")
    for name, values in (("losses", losses), ("parameters", parameters)):
        for value in values:
            all_finite(name, value)
    rows = []
    for loss in losses:
        if loss.numel() != 1:
            raise ValueError(f"losses must be one number each; one has shape {tuple(loss.shape)}")
        parts = torch.autograd.grad(loss.sum(), parameters, retain_graph=True, allow_unused=True)
        rows.append(torch.cat([(torch.zeros_like(p) if g is None else g).flatten()
                               for g, p in zip(parts, parameters, strict=True)]))
    return stacked(rows)


def batched(gradients: Tensor) -> Tensor:
    """(b, m, d) of the same, or of one place, (m, d).

    Raises:
        ValueError: it is neither, or a number is not finite.
    """
    if gradients.ndim not in (2, 3) or 0 in gradients.shape:
        raise ValueError(f"gradients must have shape (m, d) or (b, m, d), a row for each "
                         f"objective; it has {tuple(gradients.shape)}")
    if not gradients.is_floating_point():
        raise ValueError(f"gradients must be floating-point numbers; they are {gradients.dtype}")
    all_finite("gradients", gradients)
    return gradients if gradients.ndim == 3 else gradients[None]
