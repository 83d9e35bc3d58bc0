"""Shape names, the one broadcasting rule, and what is asked of a batch.

A batch of samples is ``x: (b, *d)``; a time is one number for the whole batch, ``t: ()``, or one
per sample, ``t: (b,)``. Everything that combines the two goes through :func:`expand`.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

Samples = Float[Tensor, "b *d"]
Labels = Int[Tensor, " b"]
Times = Float[Tensor, ""] | Float[Tensor, " b"] | float | int


def as_time(t: Times) -> Tensor:
    """``t`` as a float64 tensor, checked to lie in [0, 1].

    Raises:
        ValueError: if any entry of ``t`` is outside [0, 1] or not a number.
    """
    t = torch.as_tensor(t, dtype=torch.float64)  # as_tensor(0.1) alone would be float32
    if not bool(((t >= 0) & (t <= 1)).all()):
        raise ValueError(
            f"t must lie in [0, 1] (0 is data, 1 is noise); it spans "
            f"[{float(t.min()):g}, {float(t.max()):g}]"
        )
    return t


def expand(t: Tensor, x: Tensor) -> Tensor:
    """Shape ``t`` of shape () or (b,) so that it multiplies ``x`` of shape (b, *d), in x's dtype.

    Raises:
        ValueError: if ``t`` is neither a scalar nor one number per sample.
    """
    if t.ndim == 0:
        return t.to(x)
    if t.ndim != 1 or t.shape[0] != x.shape[0]:
        raise ValueError(
            f"t must have shape () or ({x.shape[0]},), one time per sample of x with shape "
            f"{tuple(x.shape)}; it has shape {tuple(t.shape)}"
        )
    return t.to(x).reshape(-1, *[1] * (x.ndim - 1))


def check_samples(name: str, x: Tensor, *shape: int | str) -> None:
    """Refuse a batch that holds nothing, or samples of another shape.

    Args:
        name: of the argument, for the message.
        x: (b, *d).
        shape: d, with a letter for a size that is free; default: anything.

    Raises:
        ValueError: it is one of these.
    """
    sizes = zip(shape, x.shape[1:], strict=False)
    if shape and (x.ndim != 1 + len(shape) or any(isinstance(s, int) and s != n for s, n in sizes)):
        wanted = ", ".join(map(str, ("b", *shape)))
        raise ValueError(f"{name} must have shape ({wanted}); it has {tuple(x.shape)}")
    if 0 in x.shape[:1] or x.ndim == 0:
        raise ValueError(f"{name} must hold at least one sample; its shape is {tuple(x.shape)}")


def check_each(name: str, value: Tensor | None, x: Tensor) -> None:
    """Refuse anything but None or one number for each sample of x: (b, *d).

    Raises:
        ValueError: it is something else.
    """
    if value is not None and value.shape != x.shape[:1]:
        raise ValueError(f"{name} must have shape ({x.shape[0]},), one number for each sample; it "
                         f"has {tuple(value.shape)}")


def full_precision(x: Tensor) -> Tensor:
    """``x`` itself, or in float32 if its numbers have only half that precision: what is added up
    over many steps keeps its small terms."""
    return x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
