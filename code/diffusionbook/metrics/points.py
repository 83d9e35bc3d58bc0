"""Distances between two sets of samples. Each has a Monte Carlo floor: two fresh draws of the
same law are not at distance 0, so a model is judged against that floor, never against 0."""

import torch
from jaxtyping import Float
from torch import Tensor

from diffusionbook.arguments import all_finite, inside, positive, whole
from diffusionbook.randomness import randn

Points = Float[Tensor, "n d"]
OtherPoints = Float[Tensor, "m d"]


def _check(x: Points, y: OtherPoints) -> None:
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1]:
        raise ValueError(
            f"x and y must have shapes (n, d) and (m, d); they have {tuple(x.shape)} and "
            f"{tuple(y.shape)}"
        )
    if 0 in (*x.shape, *y.shape):
        raise ValueError(
            f"x and y must hold samples; their shapes are {tuple(x.shape)} and {tuple(y.shape)}"
        )
    all_finite("x", x)
    all_finite("y", y)


def sliced_w2(x: Points, y: Points, generator: torch.Generator, directions: int = 256) -> Tensor:
    """Sliced 2-Wasserstein distance between two equally large samples (:eq:`eq-sliced-w2`).

    On a line the optimal pairing is by rank, so the distance is that of sorted lists; the slice
    averages its square over random directions.

    Args:
        x: (n, d) samples.
        y: (n, d) samples.
        generator: source of the directions.
        directions: how many lines to project on.

    Returns:
        A scalar in the units of x: the root of the mean squared distance.

    Raises:
        ValueError: if x and y are not both (n, d), with the same n and the same d, if they are
            empty or not finite, or if ``directions`` < 1.

    Source: Bonneel et al., Journal of Mathematical Imaging and Vision 51 (2015).
    """
    _check(x, y)
    if len(x) != len(y):
        raise ValueError(f"x and y must have the same length; they have {len(x)} and {len(y)}")
    whole("directions", directions, least=1)
    theta = randn((x.shape[1], directions), generator)
    theta = theta / theta.norm(dim=0)
    a, b = (z.double() @ theta for z in (x, y))
    return (a.sort(0).values - b.sort(0).values).square().mean().sqrt()


def mmd(x: Points, y: OtherPoints, bandwidth: float) -> Tensor:
    """Unbiased squared maximum mean discrepancy with a Gaussian kernel (:eq:`eq-mmd`).

    Unbiased means that for two draws of one law it is 0 on average, so it can be negative.

    Args:
        x: (n, d) samples.
        y: (m, d) samples.
        bandwidth: the kernel's standard deviation, in the units of x.

    Returns:
        A scalar, float64.

    Raises:
        ValueError: if x and y are not (n, d) and (m, d) with the same d, if one of them holds
            fewer than two samples or one that is not finite, or if ``bandwidth`` or its square
            is not positive and finite.

    Source: Gretton et al., Journal of Machine Learning Research 13 (2012).
    """
    _check(x, y)
    positive("bandwidth", bandwidth)
    inside("bandwidth", bandwidth, 1e-150, 1e150)  # where its square is a number, too
    n, m = len(x), len(y)
    if n < 2 or m < 2:
        raise ValueError(f"x and y must hold two or more samples each; they hold {n} and {m}")

    def total(a: Points, b: OtherPoints) -> Tensor:
        return torch.exp(-torch.cdist(a.double(), b.double()).square() / (2 * bandwidth**2)).sum()

    within = (total(x, x) - n) / (n * (n - 1)) + (total(y, y) - m) / (m * (m - 1))
    return within - 2 * total(x, y) / (n * m)
