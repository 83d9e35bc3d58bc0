"""Conjugate gradients: A x = b from products with A alone, for every sample of a batch at once."""

from collections.abc import Callable

import torch
from torch import Tensor

from diffusionbook.arguments import all_finite, positive, whole


def conjugate_gradients(
    apply: Callable[[Tensor], Tensor], right: Tensor, tolerance: float, most: int,
    strict: bool = True,
) -> Tensor:
    """Solve apply(x) = right for a symmetric positive definite matrix, one for each sample.

    Args:
        apply: (b, m) → (b, m), the product with each sample's matrix.
        right: (b, m).
        tolerance: of ``|right - apply(x)|``, relative to ``|right|``.
        most: products that may be taken; without rounding, m are enough.
        strict: whether to refuse what is not solved. If not, each sample stops where a direction
            has no positive curvature, or after ``most`` products, and gets the best x on its way;
            that may be 0.

    Returns:
        (b, m).

    Raises:
        ValueError: ``right`` is not finite, or ``tolerance`` or ``most`` is not positive; or, where
            strict, a matrix turns out not to be positive definite, or the tolerance is not reached.

    Source: Hestenes & Stiefel, Journal of Research of the National Bureau of Standards 49 (1952).
    """
    positive("tolerance", tolerance)
    whole("most", most, least=1)
    all_finite("right", right)
    found, rest, direction = torch.zeros_like(right), right, right
    square = _dot(rest, rest)
    best, least, enough = found, square, tolerance**2 * square
    going = square > enough
    for _ in range(most):
        if not bool(going.any()):
            break
        product = apply(direction)
        curvature = torch.where(going, _dot(direction, product), 1.0)
        if strict and not bool((curvature > 0).all()):
            share = curvature / torch.where(going, _dot(direction, direction), 1.0)
            raise ValueError(f"apply must be positive definite; its curvature along a direction is "
                             f"{float(share.min()):g}")
        going = going & (curvature > 0)
        step = torch.where(going, square / torch.where(going, curvature, 1.0), 0.0)
        found, rest = found + step * direction, rest - step * product
        before, square = square, _dot(rest, rest)
        turn = torch.where(going, square / torch.where(going, before, 1.0), 0.0)
        direction = rest + turn * direction
        best = torch.where(square < least, found, best)
        least = torch.minimum(square, least)
        going = going & (square > enough)
    if strict and bool((least > enough).any()):
        left = (least / _dot(right, right)).max().sqrt()
        raise ValueError(f"apply must be solved for in {most} products to the tolerance "
                         f"{tolerance:g}; {float(left):.1e} of |right| is left")
    return best


def _dot(a: Tensor, b: Tensor) -> Tensor:
    return (a * b).sum(1, keepdim=True)
