"""Conjugate gradients: A x = b from products with A alone, for every sample of a batch at once."""

from collections.abc import Callable

import torch
from torch import Tensor

from diffusionbook.arguments import all_finite, positive, whole


def conjugate_gradients(
    apply: Callable[[Tensor], Tensor], right: Tensor, tolerance: float, most: int
) -> Tensor:
    """Solve apply(x) = right for a symmetric positive definite matrix, one for each sample.

    Args:
        apply: (b, m) → (b, m), the product with each sample's matrix.
        right: (b, m).
        tolerance: of |right - apply(x)|, relative to |right|.
        most: products that may be taken; without rounding, m are enough.

    Returns:
        (b, m).

    Raises:
        ValueError: a direction has no positive curvature, so that the matrix is not positive
            definite; the tolerance is not reached; ``right`` is not finite; or ``tolerance`` or
            ``most`` is not positive.

    Source: Hestenes & Stiefel, Journal of Research of the National Bureau of Standards 49 (1952).
    """
    positive("tolerance", tolerance)
    whole("most", most, least=1)
    all_finite("right", right)
    found, rest, direction = torch.zeros_like(right), right, right
    square = _dot(rest, rest)
    enough = tolerance**2 * square
    for _ in range(most):
        going = square > enough
        if not bool(going.any()):
            return found
        product = apply(direction)
        curvature = torch.where(going, _dot(direction, product), 1.0)
        if not bool((curvature > 0).all()):
            raise ValueError(
                f"apply must be positive definite; along a direction its curvature is "
                f"{float((curvature / _dot(direction, direction).where(going, 1)).min()):g}"
            )
        step = torch.where(going, square / curvature, 0.0)
        found, rest = found + step * direction, rest - step * product
        before, square = square, _dot(rest, rest)
        turn = torch.where(going, square / torch.where(going, before, 1.0), 0.0)
        direction = rest + turn * direction
    if bool((square > enough).any()):
        left = (square / (enough / tolerance**2)).max().sqrt()
        raise ValueError(f"conjugate gradients did not reach the tolerance {tolerance:g} in {most} "
                         f"products; {float(left):.1e} of |right| is left")
    return found


def _dot(a: Tensor, b: Tensor) -> Tensor:
    return (a * b).sum(1, keepdim=True)
