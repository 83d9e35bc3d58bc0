"""Copies that pixels do not show: training images moved by a pixel, or held more than once.

:mod:`diffusionbook.metrics.memorisation` compares images pixel by pixel, so a copy that is moved
by one pixel looks new to it. Here a sample may be moved before it is compared. A copy that is
blurred, or changed in its strokes, is as invisible to this module as to the other.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from diffusionbook.arguments import all_finite, whole
from diffusionbook.metrics.images import check_features
from diffusionbook.metrics.memorisation import _k_nearest

Images = Float[Tensor, "n c h w"]
TrainImages = Float[Tensor, "m c h w"]

PAPER = -1.0  # the value of a pixel without ink


class TwoNearest(NamedTuple):
    """The nearest training image of each sample, and the nearest of all others."""

    distance: Float[Tensor, "n 2"]  # float64, in the units of the data
    index: Int[Tensor, "n 2"]


def moved(images: Images, down: int, right: int) -> Images:
    """The images moved by whole pixels; what leaves is lost and what enters is paper.

    Args:
        images: (n, c, h, w) in [-1, 1].
        down: pixels, negative for up; smaller than h in size.
        right: pixels, negative for left; smaller than w in size.

    Raises:
        ValueError: nothing of the images would be left, or they are not finite.
    """
    all_finite("images", images)
    for name, by, size in (("down", down, images.shape[2]), ("right", right, images.shape[3])):
        whole(name, by)
        if not -size < by < size:
            raise ValueError(f"{name} must lie between -{size} and {size}; it is {by}")
    return F.pad(images, (right, -right, down, -down), value=PAPER)


def two_nearest_moved(samples: Images, train: TrainImages, reach: int = 1) -> TwoNearest:
    """The two nearest training images of each sample, which may be moved to be near.

    The distance of a sample and a training image is the least Euclidean one over all moves of the
    sample by up to ``reach`` pixels, down and right.

    Args:
        samples: (n, c, h, w).
        train: (m, c, h, w), m >= 2.
        reach: pixels; 0 compares the images where they are.

    Raises:
        ValueError: if a set is too small or not finite, or their images differ in shape; if
            ``reach`` is negative or as large as an image.
    """
    if samples.ndim != 4 or samples.shape[1:] != train.shape[1:]:
        raise ValueError("samples and train must have shapes (n, c, h, w) and (m, c, h, w); they "
                         f"have {tuple(samples.shape)} and {tuple(train.shape)}")
    whole("reach", reach)
    if reach < 0:
        raise ValueError(f"reach must be 0 or more; it is {reach}")
    rows = train.flatten(1)
    check_features({"samples": samples.flatten(1), "train": rows}, least=1)
    check_features({"train": rows}, least=2)
    by = range(-reach, reach + 1)
    each = torch.cat([moved(samples, down, right) for down in by for right in by]).flatten(1)
    # An image that is the second nearest over all moves is among the two nearest of one of them.
    distance, index = (part.unflatten(0, (-1, len(samples))).transpose(0, 1).flatten(1)
                       for part in _k_nearest(each, rows, 2))
    first, place = distance.min(1)
    nearest = index.gather(1, place[:, None])
    second, place = distance.masked_fill(index == nearest, torch.inf).min(1)
    found = torch.cat([nearest, index.gather(1, place[:, None])], 1)
    return TwoNearest(torch.stack([first, second], 1), found)


def copied(
    samples: Images, train: TrainImages, threshold: float = 1 / 3, reach: int = 1
) -> Tensor:
    """The share of samples that are copies, also of an image that is moved or held twice.

    A copy is nearer to one training image than ``threshold`` times the distance to the next, in
    the distance of :func:`two_nearest_moved`. Training images that are the same count once, so a
    copy of one that is held twice is seen. It does not see blurred copies, nor copies of an image
    that has *nearly* a twin in the training set.

    Args:
        samples: (n, c, h, w).
        train: (m, c, h, w), with at least two different images.
        threshold: in (0, 1].
        reach: as in :func:`two_nearest_moved`.

    Returns:
        A float64 scalar in [0, 1].

    Raises:
        ValueError: as :func:`two_nearest_moved`, and if the threshold is out of range.
    """
    if not 0 < threshold <= 1:
        raise ValueError(f"threshold must lie in (0, 1]; it is {threshold}")
    first, second = two_nearest_moved(samples, train.unique(dim=0), reach).distance.T
    return (first < threshold * second).double().mean()


def nearer(ours: Float[Tensor, " n"], theirs: Float[Tensor, " h"]) -> Tensor:
    """How often one of our distances is below one of theirs, ties counting half.

    With distances to the nearest training image of samples and of held-out images this is
    :func:`~diffusionbook.metrics.memorisation.data_copying`, whatever the distance is.

    Returns:
        A float64 scalar in [0, 1].

    Raises:
        ValueError: if a distance is not finite.
    """
    all_finite("ours", ours)
    all_finite("theirs", theirs)
    less, tied = ours[:, None] < theirs, ours[:, None] == theirs
    return (less.double() + tied.double() / 2).mean()
