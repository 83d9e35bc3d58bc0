"""Two pairs of costs on a line whose fronts are known: one that bulges in, and one that bulges out.
"""

import math

import torch
from torch import Tensor

from diffusionbook.arguments import all_finite, positive, whole


def squares(x: Tensor) -> Tensor:
    """(n, 2): x^2 and (1 - x)^2 at (n,) points. The points of [0, 1] are optimal, and there the
    roots of both costs add up to 1 (:eq:`eq-root-front`).

    Raises:
        ValueError: ``x`` is not (n,) and finite.
    """
    _line(x)
    return torch.stack([x.square(), (1 - x).square()], 1)


def fonseca(x: Tensor) -> Tensor:
    """(n, 2): 1 - exp(-(x - 1)^2) and 1 - exp(-(x + 1)^2) at (n,) points. The points of [-1, 1] are
    optimal, and in the middle the front bulges away from the ideal point.

    Raises:
        ValueError: ``x`` is not (n,) and finite.
    """
    _line(x)
    return torch.stack([-torch.expm1(-(x - 1).square()), -torch.expm1(-(x + 1).square())], 1)


def squares_hypervolume(worst: float) -> float:
    """What the front of :func:`squares` dominates up to (worst, worst) (:eq:`eq-root-volume`).

    Args:
        worst: R, at least 1, so that the whole front counts.

    Raises:
        ValueError: ``worst`` is below 1 or not finite.
    """
    positive("worst", worst)
    if worst < 1:
        raise ValueError(f"worst must be at least 1, the worst of the front; it is {worst}")
    return worst**2 - 1 / 6


def fonseca_gap(steps: int = 100) -> float:
    """The least \\|x\\| that a weighted sum of :func:`fonseca` reaches: x = tanh 2x
    (:eq:`eq-fonseca-gap`), about .9575.

    Args:
        steps: of the iteration x to tanh 2x from 1, which contracts.

    Raises:
        ValueError: ``steps`` < 1.
    """
    whole("steps", steps, least=1)
    x = 1.0
    for _ in range(steps):
        x = math.tanh(2 * x)
    return x


def _line(x: Tensor) -> None:
    if x.ndim != 1 or not len(x):
        raise ValueError(f"x must have shape (n,), points on a line; it has {tuple(x.shape)}")
    all_finite("x", x)
