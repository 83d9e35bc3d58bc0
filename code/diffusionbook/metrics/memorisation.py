"""Has a model copied its training set? Nearest neighbours of samples in pixels.

Images are flattened to rows of (n, d) matrices; distances are Euclidean, found in float64 by matrix
products of tiles, so that 2,000 samples against 60,000 images need little memory beyond the data.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from diffusionbook.metrics.images import check_features

Samples = Float[Tensor, "n d"]
Data = Float[Tensor, "m d"]
HeldOut = Float[Tensor, "h d"]

TILE = 1024, 2048  # samples and data whose scalar products are held at once: 16 MB in float64


class Neighbours(NamedTuple):
    """For each sample, where its nearest row of the data is."""

    distance: Float[Tensor, " n"]  # float64, in the units of the data
    index: Int[Tensor, " n"]  # its row


def _k_nearest(x: Samples, y: Data, k: int) -> tuple[Tensor, Tensor]:
    """(n, k) distances to the k nearest rows of y, and which rows these are.

    They are found by |x - y|² = |x|² - 2 x·y + |y|², a matrix product; their distances are then
    taken anew from differences, so that a copy is at exactly 0.
    """
    distances, indices = [], []
    for part in x.split(TILE[0]):
        part = part.double()
        best = part.new_full((len(part), k), torch.inf)
        index = torch.zeros(best.shape, dtype=torch.long, device=part.device)
        for start in range(0, len(y), TILE[1]):
            other = y[start : start + TILE[1]].double()
            squared = torch.addmm(other.square().sum(1), part, other.T, alpha=-2)  # less |x|²
            near, place = squared.topk(min(k, len(other)), largest=False)
            best, order = torch.cat([best, near], 1).topk(k, largest=False)
            index = torch.cat([index, place + start], 1).gather(1, order)
        distances.append((part[:, None] - y[index].double()).square().sum(2).sqrt())
        indices.append(index)
    return torch.cat(distances), torch.cat(indices)


def nearest(samples: Samples, data: Data) -> Neighbours:
    """Each sample's nearest row of the data, and how far away it is.

    Args:
        samples: (n, d) flattened images.
        data: (m, d) flattened images, in the same units.

    Returns:
        (n,) distances in float64 and (n,) row numbers; of rows equally near, any one.

    Raises:
        ValueError: if a set is empty or not finite, or their numbers of pixels differ.
    """
    check_features({"samples": samples, "data": data}, least=1)
    distance, index = _k_nearest(samples, data, 1)
    return Neighbours(distance[:, 0], index[:, 0])


def nearest_ratio(samples: Samples, train: Data) -> Float[Tensor, " n"]:
    """Distance to the nearest training image over distance to the second nearest, in [0, 1].

    A new image is about as far from its two nearest neighbours; a copy is much nearer to one. The
    ratio is nan for a copy of an image that the training set holds twice: deduplicate it first.

    Args:
        samples: (n, d) flattened images.
        train: (m, d) flattened images, m >= 2.

    Returns:
        (n,) float64.

    Raises:
        ValueError: if a set is too small or not finite, or their numbers of pixels differ.
    """
    check_features({"samples": samples, "train": train}, least=1)
    check_features({"train": train}, least=2)
    first, second = _k_nearest(samples, train, 2)[0].sort(1).values.T
    return first / second


def memorised(samples: Samples, train: Data, threshold: float = 1 / 3) -> Tensor:
    """The share of samples whose :func:`nearest_ratio` is below the threshold.

    Held-out data in the place of samples give the floor that a model is judged against. Copies that
    are moved or blurred are not seen, nor is a copy of what train holds twice, whose ratio is 0/0;
    :func:`diffusionbook.metrics.copies.copied` sees the moved and the repeated ones.

    Args:
        samples: (n, d) flattened images.
        train: (m, d) flattened images, m >= 2.
        threshold: in (0, 1].

    Returns:
        A float64 scalar in [0, 1].

    Raises:
        ValueError: as :func:`nearest_ratio`, and if the threshold is out of range.

    Source: the criterion of Yoon et al., ICML workshop SPIGM (2023), with the threshold 1/3 in
    pixels as in Gu et al., 2023 (arXiv:2310.02664).
    """
    if not 0 < threshold <= 1:
        raise ValueError(f"threshold must lie in (0, 1]; it is {threshold}")
    return (nearest_ratio(samples, train) < threshold).double().mean()


def data_copying(samples: Samples, train: Data, held_out: HeldOut) -> Tensor:
    """How often a sample is nearer to the training set than held-out data (:eq:`eq-data-copying`).

    The share of pairs (sample, held-out image) in which the sample is the one nearer to its nearest
    training image; ties count half. It is the Mann–Whitney statistic over n·h: 1 for copies to the
    pixel, and for samples of held_out's law 1/2 on average, with variance (n + h + 1) / (12 n h) if
    none tie. Smoothed images are near to everything in pixels, so above 1/2 is a question, not a
    proof. And below it is no acquittal: a copy moved by one pixel is far from its original. See
    :mod:`diffusionbook.metrics.copies`.

    Args:
        samples: (n, d) flattened images.
        train: (m, d) flattened images.
        held_out: (h, d) flattened images that the model was not trained on.

    Returns:
        A float64 scalar in [0, 1].

    Raises:
        ValueError: if a set is empty or not finite, or their numbers of pixels differ.

    Source: Meehan et al., 2020 (arXiv:2004.05675), their test in one cell and without its z-score.
    """
    check_features({"samples": samples, "train": train, "held_out": held_out}, least=1)
    ours, theirs = nearest(samples, train).distance, nearest(held_out, train).distance.sort().values
    lost = torch.searchsorted(theirs, ours, right=False)  # to held-out images that are nearer
    lost_or_tied = torch.searchsorted(theirs, ours, right=True)
    return 1 - (lost + lost_or_tied).double().mean() / (2 * len(theirs))
