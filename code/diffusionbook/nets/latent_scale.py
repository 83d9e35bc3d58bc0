"""The units of a latent: mean 0 and standard deviation 1 in each channel, measured on data.

A path is built for data of about that size. Latents of another size are a problem at another
signal-to-noise ratio (:func:`diffusionbook.paths.shifts.shift`), and a training that does not know
it spends its times in the wrong place.
"""

import math
from collections.abc import Iterable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from diffusionbook.arguments import all_finite, whole
from diffusionbook.nets.posterior import DiagonalGaussian
from diffusionbook.shapes import check_samples


class LatentScale(nn.Module):
    """A mean and a standard deviation for each channel, kept with the weights
    (:eq:`eq-latent-scale`).

    New ones are not measured, which a std of 0 says, and refuse to be used. The numbers are
    buffers: they are stored with the weights and trained by nobody.

    Args:
        channels: of the latent.

    Attributes:
        mean: (channels,).
        std: (channels,), 0 before it is measured.

    Raises:
        ValueError: ``channels`` is below 1.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        whole("channels", channels, least=1)
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("std", torch.zeros(channels))

    @property
    def measured(self) -> bool:
        """Whether it may be used."""
        return bool((self.std > 0).all())

    @torch.no_grad()
    def measure(self, posteriors: Iterable[DiagonalGaussian]) -> None:
        """Set mean and std to those of draws from ``posteriors``: (b, channels, h, w) in parts.

        No draw is made: the variance of a draw is that of the means, plus the mean variance.

        Raises:
            ValueError: there is none, one has other channels or is not finite, or a channel is the
                same everywhere.
        """
        count, first, second = 0, 0.0, 0.0
        for posterior in posteriors:
            check_samples("posteriors", posterior.mean, len(self.mean), "h", "w")
            mean = posterior.mean.double()
            all_finite("posteriors", mean)
            all_finite("posteriors", posterior.log_variance)
            square = mean.square() + posterior.log_variance.double().exp()
            count += mean.numel() // len(self.mean)
            first, second = first + mean.sum((0, 2, 3)), second + square.sum((0, 2, 3))
        if not count:
            raise ValueError("posteriors must hold at least one batch; there is none")
        first, second = first / count, second / count
        variance = second - first.square()
        if not bool((variance > 1e-12 * second).all()):
            raise ValueError(f"posteriors must differ in each channel; the variances are "
                             f"{variance.tolist()}")
        self.mean.copy_(first)
        self.std.copy_(variance.sqrt())

    def standard(self, posterior: DiagonalGaussian) -> DiagonalGaussian:
        """The law of (z - mean) / std for z drawn from ``posterior``, (b, channels, h, w).

        Raises:
            ValueError: it has other channels, or nothing was measured.
        """
        mean, std = self._for("posterior", posterior.mean)
        return DiagonalGaussian((posterior.mean - mean) / std,
                                posterior.log_variance - 2 * std.log())

    def restore(self, z: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        """mean + std · z, back in the units of the encoder.

        Raises:
            ValueError: z has other channels, or nothing was measured.
        """
        mean, std = self._for("z", z)
        return mean + std * z

    def half_log_snr_shift(self) -> float:
        """log std, averaged over the channels: by how much the half-log-SNR of the latents lies
        off on a path that takes them for standard (0 for latents that were standard already).

        Raises:
            ValueError: nothing was measured.
        """
        self._check()
        return math.fsum(self.std.double().log().tolist()) / len(self.std)

    def _for(self, name: str, z: Tensor) -> tuple[Tensor, Tensor]:
        check_samples(name, z, len(self.mean), "h", "w")
        self._check()
        return self.mean.to(z)[:, None, None], self.std.to(z)[:, None, None]

    def _check(self) -> None:
        if not self.measured:
            raise ValueError("the scale of this latent is not measured, so latents have no unit: "
                             "call measure_scale with images, or load weights that hold it")
