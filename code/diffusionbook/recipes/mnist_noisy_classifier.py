"""Chapter 3's classifier of noisy digits: p(y | x_t), for classifier guidance."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor, nn

from diffusionbook.data import mnist
from diffusionbook.losses import uniform_time
from diffusionbook.nets.classifier import ResidualClassifier, cross_entropy
from diffusionbook.paths.gaussian import Cosine
from diffusionbook.randomness import randn, randn_like, seeded
from diffusionbook.recipes.mnist_features import MnistFeatures

TIMES = (0.2, 0.5, 0.7)


@dataclass(frozen=True)
class MnistNoisyClassifier(MnistFeatures):
    """A residual classifier that sees images at all noise levels and is told which."""

    evaluations: ClassVar[int] = 5

    name: str = "mnist-noisy-classifier"
    title: str = "a classifier of noisy digits, for classifier guidance"
    steps: int = 3_000
    seed: int = 2_000

    def model(self) -> nn.Module:
        return ResidualClassifier(self.width, self.features, time_conditional=True, seed=self.seed)

    def example(self) -> tuple[Tensor, ...]:
        times = torch.tensor([0.1, 0.4, 0.7, 0.95])
        return randn((4, 1, 28, 28), seeded(0), torch.float32), times

    def loss(self, model, x0: Tensor, y: Tensor, *, generator: torch.Generator) -> Tensor:
        t = uniform_time(Cosine(), len(x0), generator)
        x_t = Cosine().interpolate(x0, randn_like(x0, generator), t)
        return cross_entropy(model(x_t, t.to(x_t)), y)

    @torch.no_grad()
    def evaluate(self, model: nn.Module, seed: int, root: Path | None) -> dict[str, float]:
        """The share of the noised test set that it names rightly, at three times."""
        test, generator, found = mnist.real("test", root), seeded(seed), {}
        for time in TIMES:
            x_t = Cosine().interpolate(test.images, randn_like(test.images, generator), time)
            guess = torch.cat([model(x, torch.full((len(x),), time)).argmax(1)
                               for x in x_t.split(500)])
            found[f"accuracy at t = {time}"] = float((guess == test.labels).double().mean())
        return found


RECIPE = MnistNoisyClassifier()
TINY = {"MnistNoisyClassifier.evaluations": 1}
