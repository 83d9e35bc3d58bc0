"""Chapter 7's digits: a transformer on patches, in the place of chapter 2's U-Net."""

from dataclasses import dataclass
from typing import ClassVar

from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.nets.dit import DiT
from diffusionbook.paths.gaussian import Cosine
from diffusionbook.recipes.mnist_unet import MnistUNet


@dataclass(frozen=True)
class MnistDiT:
    """A transformer that predicts v on the cosine path.

    Attributes:
        patch, width, depth, heads: of the network.
        param: what it predicts, a row of the prediction table.
        label_dropout: the share of labels that are hidden in training.

    Data, loss and measures are those of :class:`~diffusionbook.recipes.mnist_unet.MnistUNet`. The
    other fields are those of every :class:`~diffusionbook.zoo.recipe.Recipe`.
    """

    arithmetic: ClassVar[str] = "fastest"
    evaluations: ClassVar[int] = 3
    sampler: ClassVar[str] = "dpmpp2m"
    sampler_steps: ClassVar[int] = 20
    guidance: ClassVar[float] = 1.75
    low: ClassVar[float] = 0.1
    high: ClassVar[float] = 0.8

    name: str = "mnist-dit"
    title: str = "digits of MNIST, a transformer on patches, with and without labels"
    patch: int = 4
    width: int = 128
    depth: int = 6
    heads: int = 4
    param: str = "v"
    label_dropout: float = 0.1
    steps: int = 12_000
    cpu_seconds: float | None = None
    batch: int = 128
    lr: float = 2e-3
    warmup: float = 0.03
    ema: float = 0.999
    precision: str = "float16"
    seed: int = 0

    example = MnistUNet.example
    data = MnistUNet.data
    loss = MnistUNet.loss
    evaluate = MnistUNet.evaluate

    def model(self) -> NetDenoiser:
        net = DiT(self.patch, self.width, self.depth, self.heads, seed=self.seed)
        return NetDenoiser(net, Cosine(), self.param)


RECIPE = MnistDiT()
TINY = {"MnistUNet.evaluate 2_000": 20, "MnistDiT.sampler_steps": 2, "MnistDiT.evaluations": 1}
