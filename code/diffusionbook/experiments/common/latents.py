"""Chapter 5's latents for chapter 7: a transformer in the place of the U-Net, and what both are
measured by."""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from diffusionbook.data import canvases
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.nets.dit import DiT
from diffusionbook.nets.vae import ConvVAE
from diffusionbook.paths.gaussian import Linear
from diffusionbook.randomness import randn_like, seeded, step_seed, torch_seeded
from diffusionbook.recipes.canvas_latent import LATENT, RECIPE, CanvasLatent
from diffusionbook.samplers.named import parts
from diffusionbook.shapes import Labels, Samples
from diffusionbook.zoo.canvas_recipe import CanvasRecipe
from diffusionbook.zoo.latent import LatentDenoiser
from diffusionbook.zoo.recipe import Recipe

NUMBERS = 100  # 00 … 99, and as a label one more: no number
IMAGES = 1_000  # whose latents are noised
TIMES = (0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95)  # middles of equal stretches
SHORT = {"ema": 0.99, "title": "a short run"}


class TwoDigits(nn.Module):
    """A number's vector: one of its tens and one of its ones, as the U-Net of chapter 5 is told
    (:eq:`eq-two-digits`).

    Args:
        width: of the vector.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        # the last row of each: no number
        self.tens, self.ones = (nn.Embedding(11, width) for _ in range(2))

    def forward(self, y: Int[Tensor, " b"]) -> Float[Tensor, "b width"]:
        """y: (b,) numbers 0 … 99, or 100 for none → (b, width)."""
        return self.tens(y // 10) + self.ones(torch.where(y == NUMBERS, 10, y % 10))


@dataclass(frozen=True)
class LatentDiT(CanvasRecipe):
    """A transformer on latents of canvases; its data and loss are those of the U-Net.

    Attributes:
        patch, width, depth, heads: of the network.

    The other fields are those of :class:`~diffusionbook.zoo.canvas_recipe.CanvasRecipe`.
    """

    name: str = "canvas-latent, a transformer"
    title: str = "a short run"
    autoencoder: str = RECIPE.autoencoder
    patch: int = 2
    width: int = 128
    depth: int = 6
    heads: int = 4
    steps: int = 1

    example = CanvasLatent.example
    data = CanvasLatent.data
    loss = CanvasLatent.loss

    def model(self) -> LatentDenoiser:
        net = DiT(self.patch, self.width, self.depth, self.heads, LATENT[0], NUMBERS, self.seed)
        with torch_seeded(step_seed(self.seed, 1)):
            net.label = TwoDigits(self.width)
        return LatentDenoiser(net, Linear(), "velocity")


def transformer(steps: int, lr: float, **shape: int) -> LatentDiT:
    """A short training of the transformer."""
    return LatentDiT(steps=steps, lr=lr, **shape, **SHORT)


def u_net(steps: int, lr: float) -> CanvasLatent:
    """Chapter 5's recipe, cut short."""
    return replace(RECIPE, name="canvas-latent, short", steps=steps, lr=lr, **SHORT)


@torch.no_grad()
def velocity_error(model: Denoiser, z0: Samples, numbers: Labels, t: float, seed: int) -> float:
    """The mean squared error of the velocity per number of a latent, told what they show.

    Args:
        model: any denoiser on the linear path.
        z0: (n, *d) latents in standard units.
        numbers: (n,) that they show.
        t: in (0, 1).
        seed: of the noise, which is the same for all models.
    """
    generator, total = seeded(seed), 0.0
    for part in parts(len(z0)):
        eps = randn_like(z0[part], generator)
        answer = model(model.path.interpolate(z0[part], eps, t), t, numbers[part])
        total += float((answer.velocity - (eps - z0[part])).square().sum())
    return total / z0.numel()


def held_out(autoencoder: ConvVAE, seed: int) -> tuple[Samples, Labels]:
    """Latents of canvases of test digits, drawn once from their posteriors, and the numbers."""
    test = canvases.load("test", IMAGES, stand_in=False)
    with torch.no_grad():
        return autoencoder.encode(test.images).sample(seeded(seed)), test.numbers


def error(model: Denoiser, z0: Samples, numbers: Labels, seed: int) -> float:
    """The error of the velocity, each stretch of t counted by its length."""
    found = [velocity_error(model, z0, numbers, t, seed) for t in TIMES]
    return sum(found) / len(found)


def look_flops(recipe: Recipe) -> float:
    """Of one look at one latent, forwards, in millions."""
    z, t, y = (x[:1] for x in recipe.example())
    net = recipe.model().net
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net(z, t, y)
    return counter.get_total_flops() / 1e6
