"""Distances between sets of samples, with what they are when there is nothing to find."""

from diffusionbook.metrics.copies import TwoNearest, copied, moved, nearer, two_nearest_moved
from diffusionbook.metrics.floor import predicted_floor
from diffusionbook.metrics.images import (
    check_features,
    frechet,
    frechet_moments,
    kid,
    label_accuracy,
)
from diffusionbook.metrics.memorisation import (
    Neighbours,
    data_copying,
    memorised,
    nearest,
    nearest_ratio,
)
from diffusionbook.metrics.points import mmd, sliced_w2
from diffusionbook.metrics.regions import PrecisionRecall, coverage, precision_recall

__all__ = [
    "Neighbours", "PrecisionRecall", "TwoNearest", "check_features", "copied", "coverage",
    "data_copying", "frechet", "frechet_moments", "kid", "label_accuracy", "memorised", "mmd",
    "moved", "nearer", "nearest", "nearest_ratio", "precision_recall", "predicted_floor",
    "sliced_w2", "two_nearest_moved",
]  # fmt: skip
