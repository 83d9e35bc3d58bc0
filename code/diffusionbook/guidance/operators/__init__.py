"""Linear operators: what an observation sees of a sample, with their adjoints.

An operator A turns samples of ``in_shape`` into observations of ``out_shape``. Its adjoint A' goes
back, with <A x, y> = <x, A' y> for all x and y: what a residual in the observation says about the
sample. It is no inverse; that is the business of
:func:`~diffusionbook.guidance.operators.operator.pseudo_inverse`.
"""

from diffusionbook.guidance.operators.images import Blur, Colour, ColumnSums, Downsample, RowSums
from diffusionbook.guidance.operators.operator import Operator, constant, dense, pseudo_inverse
from diffusionbook.guidance.operators.points import Mask, Matrix

__all__ = [
    "Blur", "Colour", "ColumnSums", "Downsample", "Mask", "Matrix", "Operator", "RowSums",
    "constant", "dense", "pseudo_inverse",
]  # fmt: skip
