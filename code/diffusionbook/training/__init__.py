"""Training: one loop for every model of the book, and all it needs to be taken up again."""

from diffusionbook.training.checkpoint import Checkpoint, Progress, Saved, check_finite
from diffusionbook.training.ema import EMA
from diffusionbook.training.loop import Record, batches, fit, warmup_cosine

__all__ = [
    "Checkpoint", "EMA", "Progress", "Record", "Saved", "batches", "check_finite", "fit",
    "warmup_cosine",
]  # fmt: skip
