"""The data sets of the explorer, by name."""

from typing import NamedTuple

from diffusionbook.data.toy import (
    checkerboard,
    moons_mixture,
    ring_mixture,
    spiral_mixture,
    trio_mixture,
)
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.shapes import Samples

MIXTURES = {
    "spiral": spiral_mixture,
    "moons": moons_mixture,
    "ring": ring_mixture,
    "trio": trio_mixture,
}
SETS = ("spiral", "moons", "checkerboard", "ring", "trio")


class Toy(NamedTuple):
    """One data set: its law, if that is a mixture, and how to draw from it."""

    name: str
    mixture: GaussianMixture | None

    def draw(self, n: int, generator) -> Samples:
        """(n, 2) float64 independent points."""
        if self.mixture is None:
            return checkerboard(n, generator)
        return self.mixture.sample(n, generator)


def toy(name: str) -> Toy:
    """The data set of this name.

    Raises:
        ValueError: there is none.
    """
    if name not in SETS:
        raise ValueError(f"name must be one of {', '.join(SETS)}; it is {name!r}")
    return Toy(name, MIXTURES[name]() if name in MIXTURES else None)
