"""Chapter 5: canvases from noise, made in the latent space of ``canvas-vae``."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from diffusionbook.data import canvases
from diffusionbook.nets.numbers import NumberUNet
from diffusionbook.nets.posterior import DiagonalGaussian
from diffusionbook.paths.gaussian import Linear
from diffusionbook.randomness import randn, seeded
from diffusionbook.shapes import Labels, Samples
from diffusionbook.zoo.canvas_recipe import CanvasRecipe
from diffusionbook.zoo.latent import LatentDenoiser

LATENT = (4, 8, 8)  # of canvas-vae


@dataclass(frozen=True)
class CanvasLatent(CanvasRecipe):
    """A U-Net on latents that predicts the velocity.

    It is trained on fresh draws from the posteriors of the canvases, in standard units.

    Attributes:
        autoencoder: the name of the model that makes latents of canvases and canvases of latents.
        channels: of the network, on 8 × 8 places and on 4 × 4.
        blocks: residual blocks on the way down, on each.

    The other fields are those of :class:`~diffusionbook.zoo.canvas_recipe.CanvasRecipe`.
    """

    name: str = "canvas-latent"
    title: str = "canvases of two digits, a U-Net in the latent space of canvas-vae"
    autoencoder: str = "canvas-vae"
    channels: tuple[int, int] = (48, 96)
    blocks: tuple[int, int] = (1, 2)
    steps: int = 10_800

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
        return self.error(model, z0, y, generator)

    def finish(self, model: LatentDenoiser, *data: Tensor) -> None:
        """Keep with the weights whose latents they are trained on."""
        from diffusionbook.zoo.store import load

        model.bind(load(self.autoencoder))

    def drawn(self, model: LatentDenoiser, numbers: Labels, seed: int) -> Samples:
        """Canvases, decoded from latents that the model makes of these numbers, guided."""
        from diffusionbook.zoo.store import load

        autoencoder = load(self.autoencoder)
        model.check(autoencoder)
        with torch.no_grad():
            return autoencoder.decode(super().drawn(model, numbers, seed))


RECIPE = CanvasLatent()
TINY = {"CanvasRecipe.evaluate 2_000": 90, "CanvasRecipe.sampler_steps": 2,
        "CanvasVAE.evaluate 2_000": 90, "CanvasVAE.evaluations": 1,
        "CANVASES": 180, "CanvasFeatures.evaluate 10_000": 20}
