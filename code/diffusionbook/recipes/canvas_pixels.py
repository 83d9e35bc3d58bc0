"""Chapter 5's rival of the latent model: the same network on the canvases' own pixels, folded."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor

from diffusionbook.data import canvases
from diffusionbook.denoisers.model import Denoiser, NetDenoiser
from diffusionbook.losses import denoising_loss, logit_normal_time
from diffusionbook.nets.numbers import NumberUNet
from diffusionbook.paths.gaussian import GaussianPath, Linear
from diffusionbook.randomness import randn, seeded
from diffusionbook.shapes import Labels, Samples

NEAR = 0.05  # time below which the weight of an error in x0 no longer grows


def as_velocity(t: Tensor, path: GaussianPath) -> Tensor:
    """The weight that turns an error of x0 into one of the velocity, kept finite near the data."""
    return t.clamp(min=NEAR) ** -2


@dataclass(frozen=True)
class CanvasPixels:
    """A U-Net on the linear path that is told two digits.

    Attributes:
        channels: of the network, on the places that the fold leaves and on half as many.
        blocks: residual blocks on the way down, on each.
        patch: side of the square of pixels that is folded into one place.
        param: what the network predicts, "x0" or "velocity".
        shift: of the logit-normal times of training, towards noise where above 1
            (:eq:`eq-shift`).
        label_dropout: the share of numbers that are hidden in training.
        canvases: how many it is trained on, of the trained numbers only.

    The other fields are those of every :class:`~diffusionbook.zoo.recipe.Recipe`. How its samples
    are drawn is no part of training: :class:`~diffusionbook.zoo.recipe.Guided`.
    """

    arithmetic: ClassVar[str] = "fastest"
    evaluations: ClassVar[int] = 1  # canvas-quality draws more
    sampler: ClassVar[str] = "dpmpp2m"
    sampler_steps: ClassVar[int] = 20
    guidance: ClassVar[float] = 3.0
    low: ClassVar[float] = 0.1
    high: ClassVar[float] = 0.85

    name: str = "canvas-pixels"
    title: str = "canvases, a U-Net on folded pixels"
    channels: tuple[int, int] = (32, 64)
    blocks: tuple[int, int] = (1, 2)
    patch: int = 4
    param: str = "x0"
    shift: float = 1.25
    label_dropout: float = 0.1
    canvases: int = 60_000
    steps: int = 8_700
    cpu_seconds: float | None = None
    batch: int = 64
    lr: float = 1e-3
    warmup: float = 0.03
    ema: float = 0.999
    precision: str = "float16"
    seed: int = 0

    def model(self) -> Denoiser:
        net = NumberUNet(self.channels, self.blocks, patch=self.patch, seed=self.seed)
        return NetDenoiser(net, Linear(), self.param)

    def example(self) -> tuple[Tensor, ...]:
        x_t = randn((4, 1, 64, 64), seeded(0), torch.float32)
        return x_t, torch.tensor([0.1, 0.4, 0.7, 0.95]), torch.tensor([47, 3, 99, -1])

    def data(self, root: Path | None) -> tuple[Tensor, ...]:
        found = canvases.load("train", self.canvases, root=root, stand_in=False)
        return found.images, found.numbers

    def loss(
        self, model, x0: Samples, y: Labels, *, generator: torch.Generator
    ) -> Tensor:
        hidden = torch.rand(y.shape, generator=generator, device=y.device) < self.label_dropout
        return denoising_loss(
            model, x0, torch.where(hidden, -1, y),
            weight=as_velocity if self.param == "x0" else None,
            time=logit_normal_time(math.log(self.shift)),
            generator=generator,
        )  # fmt: skip

    def drawn(self, model: Denoiser, numbers: Labels, seed: int) -> Samples:
        """Canvases that the model makes of these numbers, guided."""
        from diffusionbook.guidance import cfg, interval
        from diffusionbook.samplers.named import sample_many

        guided = cfg(model, interval(self.guidance, self.low, self.high))
        return sample_many(guided, self.example()[0].shape[1:], len(numbers), numbers,
                           sampler=self.sampler, steps=self.sampler_steps, seed=seed,
                           device=next(model.parameters()).device)

    def evaluate(self, model: Denoiser, seed: int, root: Path | None) -> dict[str, float]:
        """2,000 canvases of the trained numbers, and 2,000 of the held-out ones, in the features
        of ``canvas-features``."""
        from diffusionbook.zoo.canvas_judge import FEATURES, CanvasJudge

        measured = {}
        for suffix, asked in (("", canvases.TRAINED), ("_held_out", canvases.HELD_OUT)):
            numbers = canvases.in_turn(2_000, asked)
            found = CanvasJudge(FEATURES, asked, root).score(self.drawn(model, numbers, seed),
                                                             numbers)
            measured |= {f"{key}{suffix}": value for key, value in found.items()}
        return measured


RECIPE = CanvasPixels()
TINY = {"CanvasPixels.evaluate 2_000": 90, "CanvasPixels.sampler_steps": 2,
        "CANVASES": 180, "CanvasFeatures.evaluate 10_000": 20}
