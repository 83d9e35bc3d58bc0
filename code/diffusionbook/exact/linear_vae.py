r"""The linear variational autoencoder, whose best weights are a formula.

Its encoder answers N(V x, diag D), its decoder N(W z, variance I), and its prior is N(0, I). Only
the covariance of the data enters. Along each principal axis of variance lambda the loss has one
minimum, and all of it hangs on one number, **level** = beta · variance: an axis with lambda above
it is *active*, with w² = lambda - level and D = level / lambda; an axis with lambda up to it
**collapses**: w = 0, and the encoder answers the prior. Its rate and squared error are those of
water that stands at that level, Shannon's best (:mod:`diffusionbook.exact.water_filling`).

Source: Lucas et al., "Don't blame the ELBO!", arXiv 1911.02469, for collapse in linear models;
Tipping & Bishop, "Probabilistic principal component analysis" (1999), for beta = 1.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from diffusionbook.arguments import all_finite, positive, whole
from diffusionbook.exact.gaussians import GaussianMixture


class LinearVAE:
    """The minimum of the beta-ELBO over all linear encoders and decoders, for centred data
    (:eq:`eq-linear-vae`).

    Args:
        cov: (d, d) the covariance of the data.
        latents: how many latent numbers, 1 … d.
        variance: of the decoder's noise, in each coordinate; positive. It is not trained.
        beta: the weight of the KL divergence, positive; 1 is the ELBO.

    Attributes:
        level: beta · variance, the height of the water.
        variances: (d,) of the data along its principal axes, the largest first.
        axes: (d, d) these axes, as columns.

    Raises:
        ValueError: ``cov`` is no covariance, there are less than 1 or more than d latents, or
            ``variance`` or ``beta`` is not positive and finite.
    """

    def __init__(
        self, cov: Float[Tensor, "d d"], latents: int, variance: float, beta: float = 1.0
    ) -> None:
        positive("variance", variance)
        positive("beta", beta)
        if cov.ndim != 2 or cov.shape[0] != cov.shape[1] or not len(cov):
            raise ValueError(f"cov must have shape (d, d); it has {tuple(cov.shape)}")
        all_finite("cov", cov)
        law = GaussianMixture.normal(torch.zeros(len(cov)), cov)  # refuses what is no covariance
        whole("latents", latents, least=1)
        if latents > law.dim:
            raise ValueError(f"latents must be at most the {law.dim} coordinates of the data; it "
                             f"is {latents}")
        self.latents, self.variance, self.beta = latents, variance, beta
        self.level = beta * variance
        variances, axes = torch.linalg.eigh(law.covs[0])
        self.variances, self.axes = variances.clamp(min=0).flip(0), axes.flip(1)

    @property
    def active(self) -> Tensor:
        """(latents,) bool: whose axis has a variance above the level; the others collapsed."""
        return self.variances[: self.latents] > self.level

    @property
    def decoder_variances(self) -> Float[Tensor, " k"]:
        """(latents,) the eigenvalues of W'W: max(lambda - level, 0)."""
        return (self.variances[: self.latents] - self.level).clamp(min=0)

    @property
    def posterior_variances(self) -> Float[Tensor, " k"]:
        """(latents,) D: level / lambda where the axis is active, and 1, the prior's, elsewhere."""
        return (self.level / self.variances[: self.latents]).clamp(max=1)

    @property
    def decoder(self) -> Float[Tensor, "d k"]:
        """(d, latents) W, up to the order and the signs of its columns. They are principal axes:
        the likelihood would not see a rotation of the latent, but a diagonal posterior does."""
        return self.axes[:, : self.latents] * self.decoder_variances.sqrt()

    @property
    def encoder(self) -> Float[Tensor, "k d"]:
        """(latents, d) V = (W'W + level I)⁻¹ W', which fits that decoder."""
        return (self.decoder / (self.decoder_variances + self.level)).T

    @property
    def divergences(self) -> Float[Tensor, " k"]:
        """(latents,) mean KL divergence of each latent from the prior, in nats."""
        lost = self.variances[: self.latents] / self.level
        return lost.clamp(min=1).log() / 2

    @property
    def rate(self) -> float:
        """Their sum: the nats that the latent tells of one sample."""
        return float(self.divergences.sum())

    @property
    def distortion(self) -> float:
        """Mean squared length of x - W z: the level for each active axis, lambda for the others."""
        kept = self.variances[: self.latents].clamp(max=self.level)
        return float(kept.sum() + self.variances[self.latents :].sum())

    def measured_on(self, cov: Float[Tensor, "d d"]) -> tuple[float, float]:
        """(rate, distortion) of these weights on other data, such as those of a test set.

        Args:
            cov: (d, d) their covariance, around the mean of the data that the weights are for.

        Raises:
            ValueError: ``cov`` is no covariance of so many coordinates.
        """
        if cov.shape != self.axes.shape:
            raise ValueError(f"cov must have shape {tuple(self.axes.shape)}; it has "
                             f"{tuple(cov.shape)}")
        all_finite("cov", cov)
        law = GaussianMixture.normal(torch.zeros(len(cov)), cov)
        w, v, d = self.decoder, self.encoder, self.posterior_variances
        told = v @ law.covs[0] @ v.T
        missed = torch.eye(len(self.axes), dtype=w.dtype) - w @ v
        error = (missed @ law.covs[0] @ missed.T).trace() + (d * w.square().sum(0)).sum()
        return float((told.diagonal() + d - 1 - d.log()).sum() / 2), float(error)

    @property
    def elbo(self) -> float:
        """Mean lower bound on log p(x), in nats, whatever beta it was trained with
        (:eq:`eq-elbo-vae`)."""
        constant = len(self.variances) * math.log(2 * math.pi * self.variance) / 2
        return -constant - self.distortion / (2 * self.variance) - self.rate

    @property
    def log_likelihood(self) -> float:
        """Mean of log p(x) for Gaussian data, in nats; with beta = 1 the bound reaches it
        (:eq:`eq-linear-likelihood`).

        With beta = 1 this is probabilistic PCA with that noise at its best.
        """
        model = torch.full_like(self.variances, self.variance)
        model[: self.latents] += self.decoder_variances
        return float(-((2 * math.pi * model).log() + self.variances / model).sum() / 2)

    def samples_cov(self, noise: bool = True) -> Float[Tensor, "d d"]:
        """The covariance of W z + noise for z from the prior: W W' + variance I (:eq:`eq-smooth`).

        Args:
            noise: whether the decoder's noise is drawn. Without it, as all systems decode, what
                comes out is the mean alone, which varies less than the data do: it looks smooth.
        """
        cov = self.decoder @ self.decoder.T
        return cov + self.variance * torch.eye(len(cov), dtype=cov.dtype) if noise else cov
