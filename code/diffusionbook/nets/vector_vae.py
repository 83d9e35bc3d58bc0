"""Small variational autoencoders whose latent is one vector: linear, dense and convolutional."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from diffusionbook.arguments import whole
from diffusionbook.nets.blocks import conv3
from diffusionbook.nets.posterior import DiagonalGaussian
from diffusionbook.randomness import torch_seeded
from diffusionbook.shapes import check_samples


class VectorVAE(nn.Module):
    """Grey square images ↔ latent vectors, through an encoder and a decoder of any make.

    Args:
        encoder: (b, 1, size, size) → (b, 2 · latents): means, then log variances.
        decoder: (b, latents) → as many numbers as an image has, in any shape.
        size: pixels along an edge of the images.
        latents: length of the latent vector.

    Raises:
        ValueError: ``size`` or ``latents`` is below 1.

    Source: Kingma & Welling, arXiv 1312.6114.
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module, size: int, latents: int) -> None:
        super().__init__()
        whole("size", size, least=1)
        whole("latents", latents, least=1)
        self.encoder, self.decoder, self.size, self.latents = encoder, decoder, size, latents

    def posterior(self, x: Float[Tensor, "b 1 h w"]) -> DiagonalGaussian:
        """What the encoder says of images, (b, latents).

        Raises:
            ValueError: x has another shape or is empty.
        """
        check_samples("x", x, 1, self.size, self.size)
        return DiagonalGaussian(*self.encoder(x).chunk(2, 1))

    def image(self, z: Float[Tensor, "b k"]) -> Float[Tensor, "b 1 h w"]:
        """The mean image of latents z: (b, latents).

        Raises:
            ValueError: z has another shape or is empty.
        """
        check_samples("z", z, self.latents)
        return self.decoder(z).reshape(-1, 1, self.size, self.size)


class OneVariance(nn.Module):
    """The encoder of a linear model: a mean that is affine in the image, and one variance for all.

    Args:
        pixels: of an image.
        latents: length of the latent vector.

    Raises:
        ValueError: one of them is below 1.
    """

    def __init__(self, pixels: int, latents: int) -> None:
        super().__init__()
        whole("pixels", pixels, least=1)
        whole("latents", latents, least=1)
        self.mean = nn.Linear(pixels, latents)
        self.log_variance = nn.Parameter(torch.zeros(latents))

    def forward(self, x: Float[Tensor, "b 1 h w"]) -> Float[Tensor, "b k2"]:
        """x: (b, 1, h, w) → (b, 2 · latents), means and log variances."""
        mean = self.mean(x.flatten(1))
        return torch.cat([mean, self.log_variance.expand_as(mean)], 1)


def linear_vae(size: int, latents: int, seed: int = 0) -> VectorVAE:
    """Affine both ways: the model whose best weights are a formula.

    Its optimum is that of :class:`diffusionbook.exact.linear_vae.LinearVAE`, around the mean image.

    Args:
        size: pixels along an edge of the images.
        latents: length of the latent vector.
        seed: of the initial weights.

    Raises:
        ValueError: ``size`` or ``latents`` is below 1.
    """
    whole("size", size, least=1)
    whole("latents", latents, least=1)
    with torch_seeded(seed):
        return VectorVAE(OneVariance(size**2, latents), nn.Linear(latents, size**2), size, latents)


def mlp_vae(size: int, latents: int, width: int = 256, seed: int = 0) -> VectorVAE:
    """Two hidden layers of SiLU units both ways.

    Args:
        size: pixels along an edge of the images.
        latents: length of the latent vector.
        width: units in each hidden layer.
        seed: of the initial weights.

    Raises:
        ValueError: a number is below 1.
    """
    for name, value in (("size", size), ("latents", latents), ("width", width)):
        whole(name, value, least=1)
    with torch_seeded(seed):
        encoder = nn.Sequential(nn.Flatten(), *_dense(size**2, width, 2 * latents))
        return VectorVAE(encoder, nn.Sequential(*_dense(latents, width, size**2)), size, latents)


def conv_vae(size: int, latents: int, width: int = 32, seed: int = 0) -> VectorVAE:
    """Two convolutions and one dense layer both ways, on patches of 2 × 2 pixels.

    Args:
        size: pixels along an edge of the images; even.
        latents: length of the latent vector.
        width: channels on the patches; twice as many on a quarter of the places.
        seed: of the initial weights.

    Raises:
        ValueError: a number is below 1, or ``size`` is odd.
    """
    for name, value in (("size", size), ("latents", latents), ("width", width)):
        whole(name, value, least=1)
    if size % 2:
        raise ValueError(f"size must be even; it is {size}")
    fine = size // 2
    coarse = (fine + 1) // 2  # places along an edge, on the patches and after one halving
    with torch_seeded(seed):
        encoder = nn.Sequential(
            nn.PixelUnshuffle(2), conv3(4, width), nn.SiLU(),
            conv3(width, 2 * width, stride=2), nn.SiLU(),
            nn.Flatten(), nn.Linear(2 * width * coarse**2, 2 * latents),
        )  # fmt: skip
        decoder = nn.Sequential(
            nn.Linear(latents, 2 * width * coarse**2), nn.SiLU(),
            nn.Unflatten(1, (2 * width, coarse, coarse)),
            nn.ConvTranspose2d(2 * width, width, 3, 2, 1, output_padding=1 - fine % 2), nn.SiLU(),
            conv3(width, 4), nn.PixelShuffle(2),
        )  # fmt: skip
        return VectorVAE(encoder, decoder, size, latents)


def _dense(inputs: int, width: int, outputs: int) -> list[nn.Module]:
    return [nn.Linear(inputs, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(),
            nn.Linear(width, outputs)]
