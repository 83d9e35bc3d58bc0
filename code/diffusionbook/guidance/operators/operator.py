"""What a linear operator is, its matrix and its pseudo-inverse."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from diffusionbook.arguments import all_finite
from diffusionbook.shapes import Samples, check_samples

Shape = tuple[int, ...]


@runtime_checkable
class Operator(Protocol):
    """What guidance asks of a linear operator."""

    @property
    def in_shape(self) -> Shape:
        """Of one sample."""

    @property
    def out_shape(self) -> Shape:
        """Of one observation."""

    def __call__(self, x: Samples) -> Tensor:
        """A x: ``(b, *in_shape)`` → ``(b, *out_shape)``."""

    def adjoint(self, y: Tensor) -> Samples:
        """A' y: ``(b, *out_shape)`` → ``(b, *in_shape)``."""


def dense(operator: Operator) -> Tensor:
    """The (m, d) float64 matrix of an operator between flattened samples and observations."""
    d = torch.Size(operator.in_shape).numel()
    return operator(torch.eye(d).double().reshape(d, *operator.in_shape)).flatten(1).mT


def pseudo_inverse(operator: Operator) -> Callable[[Tensor], Samples]:
    """A⁺: the smallest sample whose observation is as near as can be; ``(b, *out)`` → ``(b, *in)``.

    An operator may say that its rows are at right angles and all of squared length c, as
    ``row_square``: then A⁺ = A' / c. All others are written out as a matrix of m × d numbers.
    """
    square = getattr(operator, "row_square", None)
    if square is not None:
        return lambda y: operator.adjoint(y) / square
    back = torch.linalg.pinv(dense(operator))

    def apply(y: Tensor) -> Samples:
        check_samples("y", y, *operator.out_shape)
        return (y.flatten(1) @ back.to(y).mT).reshape(-1, *operator.in_shape)

    return apply


def constant(name: str, value: Tensor) -> Tensor:
    """A copy that gradients can be taken around, even where it was made in inference mode.

    Raises:
        ValueError: if it is not finite.
    """
    all_finite(name, value)
    with torch.inference_mode(False):
        return value.detach().clone()
