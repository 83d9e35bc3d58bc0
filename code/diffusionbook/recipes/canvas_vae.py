"""Chapter 5: the autoencoder that turns a canvas of 4,096 pixels into a latent of 256 numbers."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor

from diffusionbook.data import canvases
from diffusionbook.losses import vae_loss
from diffusionbook.nets.vae import ConvVAE
from diffusionbook.randomness import randn, seeded

LATENTS_MEASURED = 10_000  # canvases over which the scale of the latent is taken


@dataclass(frozen=True)
class CanvasVAE:
    """A convolutional autoencoder with a light divergence term.

    Attributes:
        channels: of the network, on 16 × 16 places and on 8 × 8.
        latents: channels of the latent.
        weight: of the divergence beside the squared error, both summed (:eq:`eq-beta-elbo`).
        canvases: how many it is trained on, of the trained numbers only.

    The other fields are those of every :class:`~diffusionbook.zoo.recipe.Recipe`.
    """

    arithmetic: ClassVar[str] = "fastest"
    evaluations: ClassVar[int] = 3

    name: str = "canvas-vae"
    title: str = "an autoencoder of canvases, 64 × 64 pixels to 4 × 8 × 8 numbers"
    channels: tuple[int, int] = (48, 80)
    latents: int = 4
    weight: float = 0.005
    canvases: int = 60_000
    steps: int = 6_000
    cpu_seconds: float | None = None
    batch: int = 32
    lr: float = 2e-3
    warmup: float = 0.03
    ema: float = 0.999
    precision: str = "float16"
    seed: int = 0

    def model(self) -> ConvVAE:
        return ConvVAE(self.channels, self.latents, seed=self.seed)

    def example(self) -> tuple[Tensor, ...]:
        return (randn((4, 1, 64, 64), seeded(0), torch.float32),)

    def data(self, root: Path | None) -> tuple[Tensor, ...]:
        return (canvases.load("train", self.canvases, root=root, stand_in=False).images,)

    def loss(self, model: ConvVAE, x: Tensor, *, generator: torch.Generator) -> Tensor:
        posterior = model.posterior(x)
        decoded = model.image(posterior.sample(generator))
        return vae_loss(x, decoded, posterior.kl(), weight=self.weight)

    def finish(self, model: ConvVAE, x: Tensor) -> None:
        """Measure the units of the latent, which then are stored with the weights."""
        model.measure_scale(x[:LATENTS_MEASURED])

    @torch.no_grad()
    def evaluate(self, model: ConvVAE, seed: int, root: Path | None) -> dict[str, float]:
        """Of 2,000 canvases of test digits: what a latent costs and what it keeps.

        ``rate`` in nats a canvas, ``distortion`` as the summed squared error of a decoded draw,
        and what ``canvas-features`` sees in the decoded draws: the floor of every latent model.
        """
        from diffusionbook.zoo.canvas_judge import FEATURES, CanvasJudge

        test = canvases.load("test", 2_000, seed=seed, root=root, stand_in=False)
        posterior = model.encode(test.images)
        decoded = model.decode(posterior.sample(seeded(seed)))
        judge = CanvasJudge(FEATURES, root=root)
        rate = sum(float(model.posterior(part).kl().sum()) for part in test.images.split(250))
        measured, real = (judge.score(x, test.numbers) for x in (decoded, test.images))
        return {"rate": rate / len(test.images),
                "distortion": float((decoded - test.images).square().flatten(1).sum(1).mean()),
                **measured, **{f"{key}_real": value for key, value in real.items()
                               if key != "frechet_floor"}}


RECIPE = CanvasVAE()
TINY = {"CanvasVAE.evaluate 2_000": 90, "CanvasVAE.evaluations": 1, "CANVASES": 180,
        "CanvasFeatures.evaluate 10_000": 20}
