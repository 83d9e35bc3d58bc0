"""Chapter 5's rival of the latent model: the same network on the canvases' own pixels, folded."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from diffusionbook.data import canvases
from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.nets.numbers import NumberUNet
from diffusionbook.paths.gaussian import GaussianPath, Linear
from diffusionbook.randomness import randn, seeded
from diffusionbook.shapes import Labels, Samples
from diffusionbook.zoo.canvas_recipe import CanvasRecipe

NEAR = 0.05  # time below which the weight of an error in x0 no longer grows


def as_velocity(t: Tensor, path: GaussianPath) -> Tensor:
    """The weight that turns an error of x0 into one of the velocity, kept finite near the data
    (:eq:`eq-velocity-of-x0`)."""
    return t.clamp(min=NEAR) ** -2


@dataclass(frozen=True)
class CanvasPixels(CanvasRecipe):
    """A U-Net on pixels.

    Attributes:
        channels: of the network, on the places that the fold leaves and on half as many.
        blocks: residual blocks on the way down, on each.
        patch: side of the square of pixels that is folded into one place.
        param: what the network predicts, "x0" or "velocity".

    The other fields are those of :class:`~diffusionbook.zoo.canvas_recipe.CanvasRecipe`.
    """

    name: str = "canvas-pixels"
    title: str = "canvases, a U-Net on folded pixels"
    channels: tuple[int, int] = (32, 64)
    blocks: tuple[int, int] = (1, 2)
    patch: int = 4
    param: str = "x0"
    shift: float = 1.25
    steps: int = 8_700

    def model(self) -> NetDenoiser:
        net = NumberUNet(self.channels, self.blocks, patch=self.patch, seed=self.seed)
        return NetDenoiser(net, Linear(), self.param)

    def example(self) -> tuple[Tensor, ...]:
        x_t = randn((4, 1, 64, 64), seeded(0), torch.float32)
        return x_t, torch.tensor([0.1, 0.4, 0.7, 0.95]), torch.tensor([47, 3, 99, -1])

    def data(self, root: Path | None) -> tuple[Tensor, ...]:
        found = canvases.load("train", self.canvases, root=root, stand_in=False)
        return found.images, found.numbers

    def loss(self, model, x0: Samples, y: Labels, *, generator: torch.Generator) -> Tensor:
        return self.error(model, x0, y, generator,
                          weight=as_velocity if self.param == "x0" else None)


RECIPE = CanvasPixels()
TINY = {"CanvasRecipe.evaluate 2_000": 90, "CanvasRecipe.sampler_steps": 2,
        "CANVASES": 180, "CanvasFeatures.evaluate 10_000": 20}
