"""Shape names, the one broadcasting rule, and seeded noise.

A batch of samples is ``x: (b, *d)``; a time is one number for the whole batch, ``t: ()``, or one
per sample, ``t: (b,)``. Everything that combines the two goes through :func:`expand`.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from diffusionbook.arguments import whole

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


def randn(
    shape: Sequence[int], generator: torch.Generator | None, dtype: torch.dtype = torch.float64
) -> Tensor:
    """Standard normal noise of ``shape`` from ``generator``, on the generator's device.

    Raises:
        ValueError: ``shape`` holds a number that is not whole or below 0.
    """
    whole("shape", *shape, least=0)
    device = None if generator is None else generator.device
    return torch.randn(*shape, generator=generator, dtype=dtype, device=device)


def randn_like(x: Tensor, generator: torch.Generator | None) -> Tensor:
    """Standard normal noise with the shape, dtype and device of ``x``."""
    return torch.randn(x.shape, generator=generator, dtype=x.dtype, device=x.device)


def seeded(seed: int, device: torch.device | str = "cpu") -> torch.Generator:
    """A fresh random generator: the same ``seed`` always gives the same numbers.

    Raises:
        ValueError: ``seed`` is not whole or below 0.
    """
    whole("seed", seed, least=0)
    return torch.Generator(device=device).manual_seed(seed)
