"""Data sets: 2-D toys with exact densities, and images."""

from diffusionbook.data import canvases, mnist
from diffusionbook.data.humps import five_humps
from diffusionbook.data.toy import (
    Toy,
    checkerboard,
    moons_mixture,
    ring_mixture,
    spiral_mixture,
    trio_mixture,
)
from diffusionbook.data.two_humps import two_humps

__all__ = [
    "Toy", "canvases", "checkerboard", "five_humps", "mnist", "moons_mixture", "ring_mixture",
    "spiral_mixture", "trio_mixture", "two_humps",
]  # fmt: skip
