r"""Shannon's curve of a Gaussian: how few nats describe it to a given squared error.

Along each principal axis stands a vessel as deep as the variance there. Water is poured in up to
one level: what is under water is given up as error, what rises above it must be described. One
level for all axes is the best there is, so one number draws the whole curve.

Source: Cover & Thomas, Elements of Information Theory (2006), for reverse water-filling.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from diffusionbook.arguments import all_finite, positive


def rate_and_distortion(
    variances: Float[Tensor, " d"], level: float
) -> tuple[float, float]:
    """What the water at ``level`` costs: the rate and the squared error (:eq:`eq-water-filling`).

    Args:
        variances: (d,) of the data along its principal axes, none below 0.
        level: of the water, positive. An axis whose variance it covers is given up altogether.

    Returns:
        The rate in nats for one sample, sum of log(variance / level) / 2 over the axes that rise
        above the water, and the distortion, the sum over all axes of min(level, variance).

    Raises:
        ValueError: no variance, one below 0 or not finite, or a level that is not positive.
    """
    variances = checked(variances)
    positive("level", level)
    above = variances[variances > level]
    return float((above / level).log().sum() / 2), float(variances.clamp(max=level).sum())


def level_at(variances: Float[Tensor, " d"], distortion: float) -> float:
    """The level of the water at which the squared error is ``distortion``; its inverse, exactly.

    Args:
        variances: (d,) of the data along its principal axes, none below 0.
        distortion: the mean of the squared length of x - x', positive, at most the sum of the
            variances.

    Raises:
        ValueError: no variance, one below 0 or not finite, or a distortion out of its range.
    """
    falling = checked(variances).sort(descending=True).values
    total = float(falling.sum())
    if not 0 < distortion <= total:
        raise ValueError(f"distortion must be positive and at most the sum of the variances, "
                         f"{total:g}; it is {distortion}")
    k = torch.arange(1, len(falling) + 1, dtype=torch.float64)
    below = falling.flip(0).cumsum(0).flip(0) - falling  # the sum of those after each
    # With the water at the k-th largest variance the distortion is k of it and all that is smaller.
    above = max(1, int((k * falling + below >= distortion).sum()))
    return (distortion - float(below[above - 1])) / above


def shannon_rate(variances: Float[Tensor, " d"], distortion: float) -> float:
    """The fewest nats for one sample with which a squared error of ``distortion`` can be had.

    Exact for Gaussian data. For other data with these variances it is an upper bound: there are
    better codes, and how much better is not for covariances to say.

    Args:
        variances: (d,) of the data along its principal axes, none below 0.
        distortion: the mean of the squared length of x - x', positive. Where it reaches the sum
            of the variances no nat is needed.

    Raises:
        ValueError: no variance, one below 0 or not finite, or a distortion that is not positive.
    """
    positive("distortion", distortion)
    if distortion >= float(checked(variances).sum()):
        return 0.0
    return rate_and_distortion(variances, level_at(variances, distortion))[0]


def checked(variances: Tensor) -> Float[Tensor, " d"]:
    """``variances`` in float64.

    Raises:
        ValueError: they are not (d,), there is none, or one is below 0 or not finite.
    """
    variances = torch.as_tensor(variances, dtype=torch.float64)
    all_finite("variances", variances)
    if variances.ndim != 1 or not len(variances):
        raise ValueError(f"variances must have shape (d,), with d at least 1; it has "
                         f"{tuple(variances.shape)}")
    least = float(variances.min())
    if least < 0 or math.isinf(float(variances.sum())):
        raise ValueError(f"variances must not be negative, and have a finite sum; the smallest is "
                         f"{least:g}")
    return variances
