"""Two humps on a line: the smallest law for which nothing Gaussian is right."""

import torch

from diffusionbook.exact.gaussians import GaussianMixture


def two_humps() -> GaussianMixture:
    """Two equally probable Gaussians of std 1/2 at -2 and 2, with labels 0 and 1."""
    means = torch.tensor([[-2.0], [2.0]], dtype=torch.float64)
    variances = torch.full((2,), 0.25, dtype=torch.float64)
    return GaussianMixture(torch.ones(2), means, variances, torch.arange(2))
