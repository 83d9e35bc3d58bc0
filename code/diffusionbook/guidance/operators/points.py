"""Operators on samples of any shape: some combinations of their numbers, or some of them."""

import torch
from jaxtyping import Bool
from torch import Tensor

from diffusionbook.guidance.operators.operator import constant
from diffusionbook.shapes import Samples, check_samples


class Matrix:
    """Points times a matrix.

    Args:
        a: (m, d).

    Raises:
        ValueError: if ``a`` is no matrix, empty or not finite.
    """

    def __init__(self, a: Tensor) -> None:
        if a.ndim != 2 or a.numel() == 0:
            raise ValueError(f"a must have shape (m, d); it has {tuple(a.shape)}")
        self.a = constant("a", a)
        self.in_shape, self.out_shape = (a.shape[1],), (a.shape[0],)

    def __call__(self, x: Samples) -> Tensor:
        check_samples("x", x, *self.in_shape)
        return x @ self.a.to(x).mT

    def adjoint(self, y: Tensor) -> Samples:
        check_samples("y", y, *self.out_shape)
        return y @ self.a.to(y)


class Mask:
    """Some of a sample's numbers, in order; the others are not seen.

    Args:
        keep: True where a number is seen, in the shape of a sample.

    Raises:
        ValueError: if ``keep`` does not hold truth values, or keeps nothing.
    """

    row_square = 1.0

    def __init__(self, keep: Bool[Tensor, "*d"]) -> None:
        if keep.dtype != torch.bool:
            raise ValueError(f"keep must hold truth values; its dtype is {keep.dtype}")
        with torch.inference_mode(False):
            self.index = keep.flatten().nonzero()[:, 0]
        if len(self.index) == 0:
            raise ValueError("keep must be True somewhere; nothing is kept")
        self.in_shape, self.out_shape = tuple(keep.shape), (len(self.index),)

    def __call__(self, x: Samples) -> Tensor:
        check_samples("x", x, *self.in_shape)
        return x.flatten(1).index_select(1, self.index.to(x.device))

    def adjoint(self, y: Tensor) -> Samples:
        check_samples("y", y, *self.out_shape)
        blank = y.new_zeros(len(y), *self.in_shape).flatten(1)
        return blank.index_copy(1, self.index.to(y.device), y).reshape(-1, *self.in_shape)
