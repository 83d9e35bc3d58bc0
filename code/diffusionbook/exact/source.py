"""What optimising the source noise of an affine sampler returns: one point, the posterior mean."""

from typing import NamedTuple

import torch
from torch import Tensor

from diffusionbook.arguments import all_finite, positive


class Optimum(NamedTuple):
    """The best noise, and what the sampler makes of it."""

    noise: Tensor
    """(k,)"""
    x: Tensor
    """(d,)"""


def source_optimum(
    matrix: Tensor, offset: Tensor, operator: Tensor, observed: Tensor, noise_std: float
) -> Optimum:
    """The least ``|z|^2 / 2 + |y - A x|^2 / 2 sigma_y^2`` over the noise z of an affine sampler
    x = M z + c (:eq:`eq-source-optimum`).

    Up to a constant this is minus the log-density of z given y. It is Gaussian, so that its mode
    is its mean, and M z + c the posterior mean of x, whose prior is N(c, M M'). For a sampler that
    is not affine it is a mode. It is never a draw: whoever starts from other noise ends there, too.

    Args:
        matrix: M, (d, k), what the sampler does to noise.
        offset: c, (d,), what it makes of no noise.
        operator: A, (m, d).
        observed: y, (m,).
        noise_std: sigma_y, positive.

    Returns:
        The noise (k,) and the sample (d,) in float64.

    Raises:
        ValueError: the shapes do not fit, a number is not finite, or ``noise_std`` is not positive.
    """
    names = ("matrix", "offset", "operator", "observed")
    values = [
        torch.as_tensor(v, dtype=torch.float64) for v in (matrix, offset, operator, observed)
    ]
    m, c, a, y = values
    fits = m.ndim == 2 and c.shape == m.shape[:1] and a.shape == (*y.shape, *c.shape)
    if not fits or y.ndim != 1:
        raise ValueError(
            "matrix must be (d, k), offset (d,), operator (m, d) and observed (m,); they are "
            + ", ".join(str(tuple(v.shape)) for v in values)
        )
    for name, value in zip(names, values, strict=True):
        all_finite(name, value)
    positive("noise_std", noise_std)
    seen = a @ m  # (m, k): what is observed of the noise
    spread = seen @ seen.T + noise_std**2 * torch.eye(len(y), dtype=torch.float64)
    noise = seen.T @ torch.linalg.solve(spread, y - a @ c)
    return Optimum(noise, c + m @ noise)
