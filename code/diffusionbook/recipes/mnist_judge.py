"""The judge: a classifier of another kind, from another seed, used only to report quality."""

from dataclasses import dataclass

from torch import nn

from diffusionbook.nets.classifier import PlainClassifier
from diffusionbook.recipes.mnist_features import MnistFeatures


@dataclass(frozen=True)
class MnistJudge(MnistFeatures):
    """Trained as :class:`MnistFeatures` is, with another network and another seed."""

    name: str = "mnist-judge"
    title: str = "another classifier, which judges samples and chose nothing"
    features: int = 128
    seed: int = 1_000

    def model(self) -> nn.Module:
        return PlainClassifier(self.width, self.features, seed=self.seed)


RECIPE = MnistJudge()
TINY = {}
