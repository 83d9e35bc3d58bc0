"""What an encoder answers: a Gaussian with a mean and a variance for each latent number."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from diffusionbook.randomness import randn_like
from diffusionbook.shapes import Samples, check_samples


@dataclass(frozen=True, eq=False)
class DiagonalGaussian:
    """N(mean, diag exp(log_variance)) for each sample of a batch.

    The logarithm of the variance is any number, so a network may answer it as it is.

    Args:
        mean: (b, *d).
        log_variance: (b, *d).

    Raises:
        ValueError: the two differ in shape, or hold no sample.

    Source: Kingma & Welling, arXiv 1312.6114.
    """

    mean: Samples
    log_variance: Samples

    def __post_init__(self) -> None:
        check_samples("mean", self.mean)
        if self.log_variance.shape != self.mean.shape:
            raise ValueError(f"log_variance must have the shape of mean, {tuple(self.mean.shape)}; "
                             f"it has {tuple(self.log_variance.shape)}")

    @property
    def std(self) -> Samples:
        """(b, *d) the standard deviations."""
        return (self.log_variance / 2).exp()

    def sample(self, generator: torch.Generator | None) -> Samples:
        """(b, *d) mean + std · eps: one draw, through which gradients flow to both
        (:eq:`eq-reparametrised`)."""
        return self.mean + self.std * randn_like(self.mean, generator)

    def kl(self) -> Samples:
        """(b, *d) the KL divergence of each number from N(0, 1), in nats (:eq:`eq-vae-kl`).

        (mean² + variance - 1 - log variance) / 2, never below 0. Nothing is summed: their sum over
        d is the rate of a sample, their mean over b tells which numbers are in use.
        """
        l = self.log_variance
        return (self.mean.square() + l.expm1() - l) / 2

    def log_prob(self, z: Samples) -> Tensor:
        """(b,) the log density at z: (b, *d), in nats.

        Raises:
            ValueError: z has another shape.
        """
        if z.shape != self.mean.shape:
            raise ValueError(f"z must have the shape of mean, {tuple(self.mean.shape)}; it has "
                             f"{tuple(z.shape)}")
        away = (z - self.mean) / self.std
        each = away.square() + self.log_variance + math.log(2 * math.pi)
        return -each.flatten(1).sum(1) / 2
