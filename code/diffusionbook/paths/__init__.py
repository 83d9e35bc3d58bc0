"""Gaussian paths: how data turns into noise as t goes from 0 to 1."""

from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import (
    VE,
    VP,
    Coefficients,
    Cosine,
    GaussianPath,
    Linear,
    same_mixture,
)
from diffusionbook.paths.shifts import shift

__all__ = [
    "Chain", "Coefficients", "Cosine", "GaussianPath", "Linear", "VE", "VP", "same_mixture",
    "shift",
]  # fmt: skip
