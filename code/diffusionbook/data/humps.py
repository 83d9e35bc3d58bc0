"""Mixtures of a few humps, far enough apart that every point says which one it came from."""

import math

import torch

from diffusionbook.exact.gaussians import GaussianMixture


def two_humps() -> GaussianMixture:
    """On a line: two equal Gaussians of std 1/2, at -2 and 2, with labels 0 and 1."""
    means = torch.tensor([[-2.0], [2.0]], dtype=torch.float64)
    variances = torch.full((2,), 0.25, dtype=torch.float64)
    return GaussianMixture(torch.ones(2), means, variances, torch.arange(2))


def five_humps() -> GaussianMixture:
    """In the plane: five Gaussians of different weight, size and direction, labels 0 to 4.

    Along each axis the whole has a mean near 0 and a std near 1, which is what pseudo-inverse
    guidance takes for granted.
    """
    shapes = (  # weight, centre, stds along its own axes, angle of the first in degrees
        (0.25, (-1.3, -0.7), (0.30, 0.15), 30),
        (0.20, (-0.8, 1.1), (0.22, 0.22), 0),
        (0.15, (0.2, 0.1), (0.15, 0.15), 0),
        (0.25, (1.2, 0.9), (0.32, 0.14), -40),
        (0.15, (1.0, -1.2), (0.25, 0.15), 80),
    )
    weights, means, stds, angles = zip(*shapes, strict=True)
    covs = []
    for each, angle in zip(stds, map(math.radians, angles), strict=True):
        turn = torch.tensor([[math.cos(angle), -math.sin(angle)],
                             [math.sin(angle), math.cos(angle)]], dtype=torch.float64)
        covs.append(turn @ torch.diag(torch.tensor(each, dtype=torch.float64) ** 2) @ turn.T)
    return GaussianMixture(torch.tensor(weights, dtype=torch.float64),
                           torch.tensor(means, dtype=torch.float64), torch.stack(covs),
                           torch.arange(5))
