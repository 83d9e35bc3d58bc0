"""The judge of canvases: of another make, from another seed, used only to report quality."""

from dataclasses import dataclass

from torch import nn

from diffusionbook.nets.number_classifiers import PlainNumberClassifier
from diffusionbook.recipes.canvas_features import CanvasFeatures


@dataclass(frozen=True)
class CanvasJudge(CanvasFeatures):
    """Trained as :class:`CanvasFeatures` is, with another network, seed and canvases."""

    name: str = "canvas-judge"
    title: str = "another classifier of canvases, which judges samples and chose nothing"
    width: int = 24
    features: int = 128
    lr: float = 3e-3
    seed: int = 1_010

    def model(self) -> nn.Module:
        return PlainNumberClassifier(self.width, self.features, seed=self.seed)


RECIPE = CanvasJudge()
TINY = {"CanvasFeatures.evaluate 10_000": 20}
