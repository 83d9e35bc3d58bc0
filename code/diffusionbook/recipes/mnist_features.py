"""The classifier in whose features samples are compared while the book is written."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor, nn

from diffusionbook.data import mnist
from diffusionbook.data.on_mnist import OnMnist
from diffusionbook.nets.classifier import ResidualClassifier, cross_entropy
from diffusionbook.randomness import randn, seeded


@dataclass(frozen=True)
class MnistFeatures(OnMnist):
    """A residual classifier of clean digits.

    Attributes:
        width: channels of its first half.
        features: length of the vector before the logits.

    The other fields are those of every :class:`~diffusionbook.zoo.recipe.Recipe`.
    """

    arithmetic: ClassVar[str] = "float32"
    evaluations: ClassVar[int] = 1  # nothing about it is random

    name: str = "mnist-features"
    title: str = "a classifier whose features compare samples with data"
    width: int = 32
    features: int = 64
    steps: int = 2_000
    cpu_seconds: float | None = None
    batch: int = 128
    lr: float = 2e-3
    warmup: float = 0.05
    ema: float = 0.99
    precision: str = "float16"
    seed: int = 0

    def model(self) -> nn.Module:
        return ResidualClassifier(self.width, self.features, seed=self.seed)

    def example(self) -> tuple[Tensor, ...]:
        return (randn((4, 1, 28, 28), seeded(0), torch.float32),)

    def loss(self, model, x: Tensor, y: Tensor, *, generator: torch.Generator) -> Tensor:
        return cross_entropy(model(x), y)

    @torch.no_grad()
    def evaluate(self, model: nn.Module, seed: int, root: Path | None) -> dict[str, float]:
        """The share of the test set that it names rightly."""
        test = mnist.real("test", root)
        found = torch.cat([model(x).argmax(1) for x in test.images.split(500)])
        return {"accuracy": float((found == test.labels).double().mean())}


RECIPE = MnistFeatures()
TINY = {}
