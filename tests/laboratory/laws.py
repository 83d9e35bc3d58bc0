"""Laws that the tests ask about, as the page has them and as the package does."""

import torch

from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.paths.gaussian import VP, Linear
from diffusionbook.randomness import randn, seeded

PATHS = {"linear": Linear(), "vp": VP()}
THREE = [  # of two labels, unequal, one narrow and tilted, with weights that sum to no 1
    [2.0, -1.0, 0.4, 0.30, 0.12, 0.09, 0],
    [1.0, 0.9, -0.7, 0.02, 0.0, 0.25, 2],
    [0.5, 0.2, 1.3, 0.05, -0.01, 0.04, 0],
]


def double(numbers) -> torch.Tensor:
    return torch.tensor(numbers, dtype=torch.float64)


def mixture(components=THREE, label: int = -1) -> GaussianMixture:
    rows = double([row for row in components if label in (-1, row[6])])
    return GaussianMixture(rows[:, 0], rows[:, 1:3], rows[:, [3, 4, 4, 5]].reshape(-1, 2, 2),
                           rows[:, 6].long())


def points(n: int = 40, seed: int = 0) -> torch.Tensor:
    return 1.5 * randn((n, 2), seeded(seed))


def same(found, wanted, tolerance: float = 1e-10) -> None:
    found = double(found).reshape(wanted.shape)
    assert (found - wanted).abs().max() <= tolerance
