"""Small autoencoders of small digits: 14 × 14 pixels, the means of 2 × 2 of MNIST's."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import torch
from jaxtyping import Float
from torch import Tensor

from diffusionbook.data import mnist
from diffusionbook.losses import vae_loss
from diffusionbook.nets.vector_vae import VectorVAE, conv_vae, linear_vae, mlp_vae

SIZE = 14
LATENTS = 100
VARIANCE = 0.3  # of the decoder's noise in each pixel, tau²
NETS = {"linear": linear_vae, "mlp": mlp_vae, "conv": conv_vae}
STEPS = {"mlp": 8_000, "conv": 5_000}


def small_digits(
    split: Literal["train", "test"], root: Path | None = None
) -> Float[Tensor, "n 1 14 14"]:
    """MNIST's images at half their size, (n, 1, 14, 14) in [-1, 1]."""
    return torch.nn.functional.avg_pool2d(mnist.real(split, root).images, 2)


@dataclass(frozen=True)
class DigitVAE:
    """How one of them is trained.

    Attributes:
        net: a key of :data:`NETS`.
        weight: of the divergence beside the summed squared error, 2 · beta · tau².

    The other fields are those of every :class:`~diffusionbook.zoo.recipe.Recipe`.
    """

    arithmetic: ClassVar[str] = "float32"

    name: str
    net: str
    steps: int
    weight: float
    cpu_seconds: float | None = None
    batch: int = 128
    lr: float = 2e-3
    warmup: float = 0.05
    ema: float = 0.99
    seed: int = 0

    def model(self) -> VectorVAE:
        return NETS[self.net](SIZE, LATENTS, seed=self.seed)

    def data(self, root: Path | None) -> tuple[Tensor, ...]:
        return (small_digits("train", root),)

    def loss(self, model: VectorVAE, x: Tensor, *, generator: torch.Generator) -> Tensor:
        posterior = model.posterior(x)
        decoded = model.image(posterior.sample(generator))
        return vae_loss(x, decoded, posterior.kl(), weight=self.weight)


def recipe(net: str, beta: float = 1.0, seed: int = 0) -> DigitVAE:
    """Of the net with this name, "mlp" or "conv", at this beta."""
    return DigitVAE(f"digit-vae, {net}", net, STEPS[net], 2 * beta * VARIANCE, seed=seed)
