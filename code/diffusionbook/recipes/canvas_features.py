"""The classifier of canvases in whose features samples are compared while the book is written."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor, nn

from diffusionbook.data import canvases, mnist
from diffusionbook.nets.number_classifiers import (
    ResidualNumberClassifier,
    digits_of,
    number_cross_entropy,
)
from diffusionbook.randomness import randn, seeded

NUMBERS = range(100)  # a judge must know them all, and the held-out ones as well as the others
TOGETHER = 20_000  # canvases that are composed at once


@dataclass(frozen=True)
class CanvasFeatures:
    """A residual classifier that reads both digits of a canvas.

    Attributes:
        width: channels of its first half.
        features: length of the vector before the logits.
        canvases: how many it is trained on.

    The other fields are those of every :class:`~diffusionbook.zoo.recipe.Recipe`.
    """

    arithmetic: ClassVar[str] = "float32"
    evaluations: ClassVar[int] = 1  # nothing about it is random

    name: str = "canvas-features"
    title: str = "a classifier of canvases whose features compare samples with data"
    width: int = 32
    features: int = 64
    canvases: int = 240_000
    steps: int = 5_000
    cpu_seconds: float | None = None
    batch: int = 128
    lr: float = 2e-3
    warmup: float = 0.05
    ema: float = 0.99
    precision: str = "float16"
    seed: int = 10

    def model(self) -> nn.Module:
        return ResidualNumberClassifier(self.width, self.features, seed=self.seed)

    def example(self) -> tuple[Tensor, ...]:
        return (randn((4, 1, 64, 64), seeded(0), torch.float32),)

    def data(self, root: Path | None) -> tuple[Tensor, ...]:
        """Canvases as bytes, a quarter of what they take otherwise, and their numbers."""
        parts = [canvases.load("train", min(TOGETHER, self.canvases - k), NUMBERS,
                               seed=self.seed + k // TOGETHER, root=root, stand_in=False)
                 for k in range(0, self.canvases, TOGETHER)]
        return (torch.cat([(mnist.to_unit(part.images) * 255).round().byte() for part in parts]),
                torch.cat([part.numbers for part in parts]))

    def loss(self, model, x: Tensor, y: Tensor, *, generator: torch.Generator) -> Tensor:
        return number_cross_entropy(model(x / 127.5 - 1), y)

    @torch.no_grad()
    def evaluate(self, model: nn.Module, seed: int, root: Path | None) -> dict[str, float]:
        """Of 10,000 canvases of test digits, the share whose digits it reads."""
        test = canvases.load("test", 10_000, NUMBERS, root=root, stand_in=False)
        found = torch.cat([model(x).argmax(2) for x in test.images.split(250)])
        right = found == digits_of(test.numbers)
        return {"tens": float(right[:, 0].double().mean()),
                "ones": float(right[:, 1].double().mean()),
                "both": float(right.all(1).double().mean())}


RECIPE = CanvasFeatures()
TINY = {"CanvasFeatures.evaluate 10_000": 20}
