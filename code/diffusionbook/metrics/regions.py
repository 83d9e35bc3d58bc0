"""Precision, recall and coverage: the region a set of images fills, as balls around its members.

Sets are matrices of features, one row an image; distances are Euclidean, in float64, a block of
pairs at a time. Fidelity and diversity come apart here, which one distance between sets mixes.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from diffusionbook.arguments import whole
from diffusionbook.metrics.images import BLOCK, check_features

Real = Float[Tensor, "n d"]
Fake = Float[Tensor, "m d"]


class PrecisionRecall(NamedTuple):
    """Two shares in [0, 1], each a float64 scalar."""

    precision: Tensor  # of fake inside the manifold of real
    recall: Tensor  # of real inside the manifold of fake


def _distances(x: Real, y: Fake) -> Iterator[tuple[slice, Tensor]]:
    """Blocks of rows of the (n, m) matrix of distances, from differences: a copy is at 0."""
    y, step = y.double(), max(1, BLOCK // len(y))
    for start in range(0, len(x), step):
        rows = slice(start, start + step)
        yield rows, torch.cdist(x[rows].double(), y, compute_mode="donot_use_mm_for_euclid_dist")


def _radii(name: str, x: Real, k: int) -> Tensor:
    """(n,) distance of each row to its k-th nearest other row."""
    whole("k", k)
    if not 1 <= k < len(x):
        raise ValueError(f"k must lie in 1 … {len(x) - 1}, as {name} has {len(x)} rows; it is {k}")
    radii = x.new_empty(len(x), dtype=torch.float64)
    for rows, block in _distances(x, x):
        # The row itself, at distance 0, is the first of the sorted list.
        radii[rows] = block.kthvalue(k + 1, dim=1).values
    return radii


def precision_recall(real: Real, fake: Fake, k: int = 3) -> PrecisionRecall:
    """Precision and recall of a generated set (:eq:`eq-precision-recall`).

    The manifold of a set is the union of closed balls, one around each row, that reach to the
    row's k-th nearest other row. One far outlier has a large ball, so both shares can be too high.

    Args:
        real: (n, d) features of data.
        fake: (m, d) features of samples.
        k: which neighbour sets the radius, 1 … min(n, m) - 1.

    Returns:
        precision, the share of fake inside real's manifold, and recall, the share of real inside
        fake's.

    Raises:
        ValueError: if a set is too small for k or not finite, or their numbers of features differ.

    Source: Kynkäänniemi et al., 2019 (arXiv:1904.06991).
    """
    check_features({"real": real, "fake": fake}, least=2)
    around_real, around_fake = _radii("real", real, k), _radii("fake", fake, k)
    realistic = torch.zeros_like(around_fake, dtype=torch.bool)
    recalled = torch.zeros_like(around_real, dtype=torch.bool)
    for rows, block in _distances(real, fake):
        realistic |= (block <= around_real[rows, None]).any(0)
        recalled[rows] = (block <= around_fake).any(1)
    return PrecisionRecall(realistic.double().mean(), recalled.double().mean())


def coverage(real: Real, fake: Fake, k: int = 5) -> Tensor:
    """The share of real whose ball holds at least one fake (:eq:`eq-coverage`).

    The balls are those of :func:`precision_recall` around real, so outliers of the model do not
    raise it. For two draws of one continuous law, n real and m fake, its mean is
    1 - Π_{j=1…k} (n - j) / (n + m - j): that, not 1, is the value to hope for.

    Args:
        real: (n, d) features of data.
        fake: (m, d) features of samples.
        k: which neighbour sets the radius, 1 … n - 1.

    Returns:
        A float64 scalar in [0, 1].

    Raises:
        ValueError: if a set is too small for k or not finite, or their numbers of features differ.

    Source: Naeem et al., 2020 (arXiv:2002.09797).
    """
    check_features({"real": real, "fake": fake}, least=2)
    radii = _radii("real", real, k)
    covered = torch.zeros_like(radii, dtype=torch.bool)
    for rows, block in _distances(real, fake):
        covered[rows] = block.amin(1) <= radii[rows]
    return covered.double().mean()
