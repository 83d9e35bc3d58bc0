"""A variational autoencoder for images: a grid of a few numbers for each 8 × 8 pixels.

Images are folded before they are convolved and unfolded after, as in the U-Net: each patch of
4 × 4 pixels is one place. The latent has one place for four of these.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from diffusionbook.arguments import all_finite, whole
from diffusionbook.nets.blocks import ResBlock, conv3, group_norm
from diffusionbook.nets.latent_scale import LatentScale
from diffusionbook.nets.posterior import DiagonalGaussian
from diffusionbook.randomness import torch_seeded
from diffusionbook.shapes import check_samples

FOLD = 4  # pixels along an edge of a patch
PART = 250  # images that are encoded or decoded together


class ConvVAE(nn.Module):
    """Images ↔ latents of an eighth of their size in each direction.

    Training asks for the :meth:`posterior` of images and decodes a draw with :meth:`image`,
    in the units that the encoder chose. After training :meth:`measure_scale` fixes the units of
    the latents, and :meth:`encode` and :meth:`decode` work with latents of mean 0 and std 1, the
    data of a latent model.

    Args:
        channels: (fine, coarse): of the network on patches of 4 × 4 pixels and on the latent's
            places, multiples of 8.
        latents: channels of the latent.
        blocks: (fine, coarse): residual blocks on each, in the encoder and in the decoder.
        size: pixels along an edge of the images, a multiple of 8.
        image_channels: of the images; 1 for grey ones.
        seed: of the initial weights.

    Attributes:
        scale: the units of the latent, stored with the weights.
        latent_shape: (latents, size / 8, size / 8).

    Raises:
        ValueError: a number is below 1, channels are no multiples of 8, or 8 does not divide
            ``size``.

    Source: Kingma & Welling, arXiv 1312.6114; Rombach et al., arXiv 2112.10752, for its place
    before a diffusion model.
    """

    def __init__(
        self, channels: tuple[int, int] = (48, 80), latents: int = 4,
        blocks: tuple[int, int] = (1, 2), size: int = 64, image_channels: int = 1, seed: int = 0,
    ) -> None:
        super().__init__()
        whole("channels", *channels, least=1)
        whole("blocks", *blocks, least=1)
        for name, value in (("latents", latents), ("size", size),
                            ("image_channels", image_channels)):
            whole(name, value, least=1)
        if any(c % 8 for c in channels):
            raise ValueError(f"channels must be multiples of 8; they are {tuple(channels)}")
        if size % (2 * FOLD):
            raise ValueError(f"size must be a multiple of {2 * FOLD}; it is {size}")
        fine, coarse = channels
        self.image_shape = (image_channels, size, size)
        self.latent_shape = (latents, size // (2 * FOLD), size // (2 * FOLD))
        pixels = image_channels * FOLD**2
        self.scale = LatentScale(latents)
        with torch_seeded(seed):
            self.encoder = nn.Sequential(
                nn.PixelUnshuffle(FOLD), conv3(pixels, fine), *_blocks(fine, blocks[0]),
                conv3(fine, coarse, stride=2), *_blocks(coarse, blocks[1]),
                group_norm(coarse), nn.SiLU(), conv3(coarse, 2 * latents),
            )  # fmt: skip
            self.decoder = nn.Sequential(
                conv3(latents, coarse), *_blocks(coarse, blocks[1]),
                nn.Upsample(scale_factor=2, mode="nearest"), conv3(coarse, fine),
                *_blocks(fine, blocks[0]),
                group_norm(fine), nn.SiLU(), conv3(fine, pixels), nn.PixelShuffle(FOLD),
            )  # fmt: skip

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        """x: (b, c, size, size) → what is left of it: the mean image of its mean latent.

        Raises:
            ValueError: x has another shape or is empty.
        """
        return self.image(self.posterior(x).mean)

    def posterior(self, x: Float[Tensor, "b c h w"]) -> DiagonalGaussian:
        """What the encoder says of images, in its own units.

        Raises:
            ValueError: x has another shape or is empty.
        """
        check_samples("x", x, *self.image_shape)
        return DiagonalGaussian(*self.encoder(x).chunk(2, 1))

    def image(self, z: Float[Tensor, "b k i j"]) -> Float[Tensor, "b c h w"]:
        """The mean image of latents in the encoder's own units.

        Raises:
            ValueError: z has another shape or is empty.
        """
        check_samples("z", z, *self.latent_shape)
        return self.decoder(z)

    @torch.no_grad()
    def measure_scale(self, images: Float[Tensor, "n c h w"]) -> None:
        """Measure the mean and the std of the latents of ``images``, in each channel.

        Raises:
            ValueError: the images have another shape, there is none, or one is not finite.
        """
        check_samples("images", images, *self.image_shape)
        all_finite("images", images)
        self.scale.measure(map(self.posterior, images.split(PART)))

    @torch.no_grad()
    def encode(self, images: Float[Tensor, "n c h w"]) -> DiagonalGaussian:
        """The posterior of images in standard units: draw from it what a latent model trains on.

        No gradient flows, and many images are encoded in parts.

        Raises:
            ValueError: the images have another shape, there is none, one is not finite, or the
                scale is not measured.
        """
        check_samples("images", images, *self.image_shape)
        all_finite("images", images)
        parts = [self.scale.standard(self.posterior(part)) for part in images.split(PART)]
        return DiagonalGaussian(torch.cat([part.mean for part in parts]),
                                torch.cat([part.log_variance for part in parts]))

    def decode(self, z: Float[Tensor, "n k i j"]) -> Float[Tensor, "n c h w"]:
        """The mean images of latents in standard units, such as a latent model samples.

        Gradients flow; many latents are decoded in parts.

        Raises:
            ValueError: z has another shape than this autoencoder's latents, or is empty, or the
                scale is not measured. (Latents of another autoencoder of the same shape pass.)
        """
        check_samples("z", z, *self.latent_shape)
        return torch.cat([self.image(self.scale.restore(part)) for part in z.split(PART)])


class _Block(ResBlock):
    """A residual block that is told nothing."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, channels, 1)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        return super().forward(x, x.new_zeros(len(x), 1))


def _blocks(channels: int, count: int) -> list[nn.Module]:
    return [_Block(channels) for _ in range(count)]
