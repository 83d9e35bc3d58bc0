"""A mixture of five humps in the plane, and one line through it: a law to be steered."""

import torch

from diffusionbook.exact.gaussians import GaussianMixture

ACROSS = ((0.8, 0.6),)  # the direction that an observation of the plane looks along, (1, 2)
SEEN = (0.4,)  # what it sees there: a line that crosses the smallest hump
LINED = 3  # that hump


def five_humps() -> GaussianMixture:
    """Five Gaussians, each with a label of its own; the two heaviest lie on both sides of the line
    ``ACROSS @ x = SEEN``, the lightest lies on it."""
    weights = [0.30, 0.30, 0.15, 0.10, 0.15]
    means = [[-0.9, -1.4], [1.7, 0.0], [-1.6, 0.7], [0.15, 0.6], [0.55, 1.9]]
    covs = [
        [[0.10, -0.02], [-0.02, 0.11]],
        [[0.12, 0.03], [0.03, 0.09]],
        [[0.09, 0.0], [0.0, 0.09]],
        [[0.04, -0.01], [-0.01, 0.06]],
        [[0.09, 0.0], [0.0, 0.09]],
    ]
    law = (torch.tensor(numbers, dtype=torch.float64) for numbers in (weights, means, covs))
    return GaussianMixture(*law, torch.arange(5))
