"""Chapter 4's digits: the network, data and training steps of ``mnist-unet-quick``, on straight
lines."""

from dataclasses import dataclass
from typing import ClassVar

from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.nets.unet import UNet
from diffusionbook.paths.gaussian import Linear
from diffusionbook.recipes import mnist_unet_quick
from diffusionbook.recipes.mnist_unet import MnistUNet


@dataclass(frozen=True)
class MnistFlow(MnistUNet):
    """A U-Net that predicts the velocity on the linear path.

    The fields are those of :class:`~diffusionbook.recipes.mnist_unet.MnistUNet`. Guidance acts at
    the same signal-to-noise ratios as there, which the linear path reaches at other times.
    """

    low: ClassVar[float] = 0.137
    high: ClassVar[float] = 0.755

    name: str = "mnist-flow"
    title: str = "digits of MNIST, flow matching at the training cost of mnist-unet-quick"
    param: str = "velocity"
    steps: int = 6_807  # as many as mnist-unet-quick made; its processor time was less
    batch: int = mnist_unet_quick.RECIPE.batch
    ema: float = mnist_unet_quick.RECIPE.ema

    def model(self) -> NetDenoiser:
        return NetDenoiser(UNet(self.channels, self.blocks, seed=self.seed), Linear(), self.param)


RECIPE = MnistFlow()
TINY = {"MnistUNet.evaluate 2_000": 20, "MnistUNet.sampler_steps": 2, "MnistUNet.evaluations": 1}
