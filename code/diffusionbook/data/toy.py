"""Data sets in the plane. All but the checkerboard are mixtures, with exact fields."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from diffusionbook.arguments import positive, whole
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.shapes import Samples


def spiral_mixture(components: int = 200, turns: float = 2.0, std: float = 0.06) -> GaussianMixture:
    """The book's spiral: equal round Gaussians of the given std, equally spaced along the curve.

    The curve is Archimedes' spiral r = 2 theta / theta_max from a quarter turn outwards, so it
    reaches radius 2 and its arms are 2 / turns apart, roughly.

    Raises:
        ValueError: if ``components`` < 2, or another number is not positive and finite.
    """
    positive("turns", turns)
    theta_max = 2 * math.pi * (turns + 0.25)
    theta = torch.linspace(math.pi / 2, theta_max, 4001, dtype=torch.float64)
    curve = 2 * (theta / theta_max)[:, None] * torch.stack([theta.cos(), theta.sin()], 1)
    return _along(curve, components, std)


def moons_mixture(components: int = 120, std: float = 0.1) -> GaussianMixture:
    """Two interleaved half circles, with labels 0 and 1.

    Raises:
        ValueError: if ``components`` is odd or below 4, or ``std`` is not positive.
    """
    whole("components", components)
    if components % 2:
        raise ValueError(f"components must be even, half for each moon; it is {components}")
    angle = torch.linspace(0, math.pi, 2001, dtype=torch.float64)
    upper = 1.2 * torch.stack([angle.cos() - 0.5, angle.sin() - 0.25], 1)
    halves = [_along(curve, components // 2, std) for curve in (upper, -upper)]
    return GaussianMixture(
        torch.ones(components),
        torch.cat([half.means for half in halves]),
        torch.cat([half.covs for half in halves]),
        torch.arange(2).repeat_interleave(components // 2),
    )


def ring_mixture(modes: int = 8, radius: float = 1.5, std: float = 0.15) -> GaussianMixture:
    """Equal round Gaussians on a circle, one label each.

    Raises:
        ValueError: if ``modes`` < 1, or another number is not positive and finite.
    """
    whole("modes", modes, least=1)
    positive("radius", radius)
    positive("std", std)
    angle = 2 * math.pi * torch.arange(modes, dtype=torch.float64) / modes
    means = radius * torch.stack([angle.cos(), angle.sin()], 1)
    return GaussianMixture(
        torch.ones(modes),
        means,
        torch.full((modes,), std**2, dtype=torch.float64),
        torch.arange(modes),
    )


def trio_mixture() -> GaussianMixture:
    """Three Gaussians of different weight, size and orientation: nothing about it is symmetric."""
    weights = [0.5, 0.3, 0.2]
    means = [[-1.2, -0.6], [0.9, -0.8], [0.3, 1.2]]
    covs = [
        [[0.10, 0.05], [0.05, 0.08]],
        [[0.30, -0.12], [-0.12, 0.09]],
        [[0.04, 0.0], [0.0, 0.16]],
    ]
    law = (torch.tensor(numbers, dtype=torch.float64) for numbers in (weights, means, covs))
    return GaussianMixture(*law, torch.arange(3))


def checkerboard(n: int, generator: torch.Generator | None) -> Samples:
    """(n, 2) float64 draws, uniform on the eight dark squares of a 4 x 4 board on [-2, 2]^2.

    Raises:
        ValueError: if ``n`` < 1.
    """
    whole("n", n, least=1)
    square = torch.randint(0, 8, (n,), generator=generator)
    row, column = square // 2, 2 * (square % 2)
    corner = torch.stack([column + row % 2, row], 1).double() - 2
    return corner + torch.rand(n, 2, generator=generator, dtype=torch.float64)


def _along(curve: Tensor, components: int, std: float) -> GaussianMixture:
    """A mixture whose means are equally spaced in arc length along a polyline (m, 2)."""
    whole("components", components, least=2)
    positive("std", std)
    length = torch.cat([torch.zeros(1), curve.diff(dim=0).norm(dim=1).cumsum(0)])
    wanted = torch.linspace(0, float(length[-1]), components, dtype=torch.float64)
    i = torch.searchsorted(length, wanted).clamp(1, len(length) - 1)
    share = (wanted - length[i - 1]) / (length[i] - length[i - 1])
    means = torch.lerp(curve[i - 1], curve[i], share[:, None])
    variances = torch.full((components,), std**2, dtype=torch.float64)
    return GaussianMixture(torch.ones(components), means, variances)


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
