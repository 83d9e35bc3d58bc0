"""Pairs by rank within batches of two standard normal laws: how far they are from the best."""

import math

import torch

from diffusionbook.arguments import inside, whole


def minibatch_correlation(n: int) -> float:
    """The mean of x y when n draws of N(0, 1) and n others are paired by rank (:eq:`eq-minibatch`).

    It is the mean square of the expected order statistics, which are integrals over a Beta law;
    the trapezium rule is exact here to rounding.

    Args:
        n: how many there are in a batch, up to 100,000.

    Raises:
        ValueError: ``n`` is below 1, above 100,000, or no whole number.
    """
    whole("n", n, least=1)
    inside("n", n, 1, 100_000)
    z = torch.linspace(-12, 12, 4_801, dtype=torch.float64)
    below, above = torch.special.log_ndtr(z), torch.special.log_ndtr(-z)
    density = -(z**2) / 2 - math.log(2 * math.pi) / 2
    total = 0.0
    for ranks in torch.arange(1, n + 1, dtype=torch.float64).split(512):
        k = ranks[:, None]
        ways = math.lgamma(n + 1) - torch.lgamma(k) - torch.lgamma(n + 1 - k)
        chance = (ways + density + (k - 1) * below + (n - k) * above).exp()
        total += float(torch.trapezoid(z * chance, z, dim=1).square().sum())
    return total / n


def minibatch_cost(n: int) -> float:
    """The mean squared length of these pairs' lines, 2 (1 − correlation); 0 would be optimal.

    Raises:
        ValueError: as :func:`minibatch_correlation`.
    """
    return 2 * (1 - minibatch_correlation(n))
