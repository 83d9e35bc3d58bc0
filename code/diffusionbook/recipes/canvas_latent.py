"""Chapter 5: canvases from noise, made in the latent space of ``canvas-vae``."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor

from diffusionbook.data import canvases
from diffusionbook.losses import denoising_loss, logit_normal_time
from diffusionbook.nets.numbers import NumberUNet
from diffusionbook.nets.posterior import DiagonalGaussian
from diffusionbook.paths.gaussian import Linear
from diffusionbook.randomness import randn, seeded
from diffusionbook.shapes import Labels, Samples
from diffusionbook.zoo.latent import LatentDenoiser

LATENT = (4, 8, 8)  # of canvas-vae


@dataclass(frozen=True)
class CanvasLatent:
    """A U-Net on latents that predicts the velocity on the linear path and is told two digits.

    It is trained on fresh draws from the posteriors of the canvases, in standard units.

    Attributes:
        autoencoder: the name of the model that makes latents of canvases and canvases of latents.
        channels: of the network, on 8 × 8 places and on 4 × 4.
        blocks: residual blocks on the way down, on each.
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

    name: str = "canvas-latent"
    title: str = "canvases of two digits, a U-Net in the latent space of canvas-vae"
    autoencoder: str = "canvas-vae"
    channels: tuple[int, int] = (48, 96)
    blocks: tuple[int, int] = (1, 2)
    shift: float = 1.0
    label_dropout: float = 0.1
    canvases: int = 60_000
    steps: int = 10_800
    cpu_seconds: float | None = None
    batch: int = 64
    lr: float = 1e-3
    warmup: float = 0.03
    ema: float = 0.999
    precision: str = "float16"
    seed: int = 0

    def model(self) -> LatentDenoiser:
        net = NumberUNet(self.channels, self.blocks, LATENT[0], patch=1, seed=self.seed)
        return LatentDenoiser(net, Linear(), "velocity")

    def example(self) -> tuple[Tensor, ...]:
        z_t = randn((4, *LATENT), seeded(0), torch.float32)
        return z_t, torch.tensor([0.1, 0.4, 0.7, 0.95]), torch.tensor([47, 3, 99, -1])

    def data(self, root: Path | None) -> tuple[Tensor, ...]:
        """The means and log-variances of the posteriors, (n, 4, 8, 8) each, and the numbers."""
        from diffusionbook.zoo.store import load

        found = canvases.load("train", self.canvases, root=root, stand_in=False)
        posterior = load(self.autoencoder).encode(found.images)
        return posterior.mean, posterior.log_variance, found.numbers

    def loss(
        self, model, mean: Samples, log_variance: Samples, y: Labels, *,
        generator: torch.Generator,
    ) -> Tensor:
        z0 = DiagonalGaussian(mean, log_variance).sample(generator)
        hidden = torch.rand(y.shape, generator=generator, device=y.device) < self.label_dropout
        return denoising_loss(model, z0, torch.where(hidden, -1, y),
                              time=logit_normal_time(math.log(self.shift)), generator=generator)

    def finish(self, model: LatentDenoiser, *data: Tensor) -> None:
        """Keep with the weights whose latents they are trained on."""
        from diffusionbook.zoo.store import load

        model.bind(load(self.autoencoder))

    def evaluate(self, model: LatentDenoiser, seed: int, root: Path | None) -> dict[str, float]:
        """2,000 guided and decoded samples of the trained numbers, and 2,000 of the held-out ones,
        in the features of ``canvas-features``."""
        from diffusionbook.guidance import cfg, interval
        from diffusionbook.samplers.named import sample_many
        from diffusionbook.zoo.canvas_judge import FEATURES, CanvasJudge
        from diffusionbook.zoo.store import load

        autoencoder = load(self.autoencoder)
        model.check(autoencoder)
        guided, measured = cfg(model, interval(self.guidance, self.low, self.high)), {}
        for suffix, asked in (("", canvases.TRAINED), ("_held_out", canvases.HELD_OUT)):
            numbers = canvases.in_turn(2_000, asked)
            z = sample_many(guided, LATENT, 2_000, numbers, sampler=self.sampler,
                            steps=self.sampler_steps, seed=seed,
                            device=next(model.parameters()).device)
            with torch.no_grad():
                found = CanvasJudge(FEATURES, asked, root).score(autoencoder.decode(z), numbers)
            measured |= {f"{key}{suffix}": value for key, value in found.items()}
        return measured


RECIPE = CanvasLatent()
TINY = {"CanvasLatent.evaluate 2_000": 90, "CanvasLatent.sampler_steps": 2,
        "CanvasVAE.evaluate 2_000": 90, "CanvasVAE.evaluations": 1,
        "CANVASES": 180, "CanvasFeatures.evaluate 10_000": 20}
