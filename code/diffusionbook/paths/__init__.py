"""Gaussian paths: how data turns into noise as t goes from 0 to 1."""

from diffusionbook.paths.chain import DiscretePath
from diffusionbook.paths.gaussian import (
    VE,
    VP,
    Coefficients,
    Cosine,
    GaussianPath,
    Linear,
    same_mixture,
)

__all__ = [
    "Coefficients", "Cosine", "DiscretePath", "GaussianPath", "Linear", "VE", "VP",
    "same_mixture",
]  # fmt: skip
