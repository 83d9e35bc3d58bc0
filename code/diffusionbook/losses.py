"""The training losses of the book: of every denoiser, and of the autoencoder before one."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from diffusionbook.arguments import finite, positive, whole
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.exact.reductions import Reduction, check_reduction
from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import GaussianPath
from diffusionbook.prediction import Param, coefficients
from diffusionbook.randomness import randn, randn_like
from diffusionbook.shapes import Labels, Samples, check_each, check_samples, expand

TimeSampler = Callable[[GaussianPath, int, torch.Generator | None], Tensor]
Weight = Callable[[Tensor, GaussianPath], Tensor]
Coupling = Callable[[Samples, Samples], tuple[Samples, Samples]]


def uniform_time(path: GaussianPath, n: int, generator: torch.Generator | None) -> Tensor:
    """(n,) float64 times: uniform on (0, 1], or on the steps k / T, k = 1 … T, of a chain."""
    whole("n", n, least=0)
    device = None if generator is None else generator.device
    if isinstance(path, Chain):
        k = torch.randint(1, path.steps + 1, (n,), generator=generator, device=device)
        return k.double() / path.steps
    return 1 - torch.rand(n, generator=generator, dtype=torch.float64, device=device)


def logit_normal_time(mean: float = 0.0, std: float = 1.0) -> TimeSampler:
    """Times whose log(t / (1 - t)) is N(mean, std²): most of them in the middle, none at the ends.

    On the linear path that is the noise level sigma / alpha, so a mean of log(a) is the shift by a
    of a mean of 0 (:func:`diffusionbook.paths.shifts.shift`).

    Args:
        mean: of the logit.
        std: of the logit, positive.

    Returns:
        A time sampler for :func:`denoising_loss`, on any path but a chain.

    Raises:
        ValueError: ``mean`` is not finite, or ``std`` is not positive and finite.

    Source: Esser et al., arXiv 2403.03206.
    """
    finite("mean", mean)
    positive("std", std)

    def draw(path: GaussianPath, n: int, generator: torch.Generator | None) -> Tensor:
        return torch.sigmoid(mean + std * randn((n,), generator))

    return draw


def denoising_loss(
    denoiser: Denoiser,
    x0: Samples,
    y: Labels | None = None,
    *,
    loss_in: Param | None = None,
    weight: Weight | None = None,
    time: TimeSampler = uniform_time,
    coupling: Coupling | None = None,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Noise the batch, ask the model, return the mean squared error (:eq:`eq-simple-loss`).

    Args:
        denoiser: any model; its gradient flows.
        x0: (b, *d) data.
        y: (b,) labels, passed to the model.
        loss_in: the row of the prediction table in which the error is measured; default the row
            the model's own answer comes in. It fixes the weighting (:eq:`eq-loss-weight`).
        weight: (t, path) → (b,), an extra factor for each sample's error.
        time: (path, n, generator) → (n,) times.
        coupling: (x0, eps) → (x0, eps), which noise is paired with which data; default: as drawn.
        generator: source of the noise and the times.

    Returns:
        A scalar: the mean over samples and dimensions.

    Raises:
        ValueError: x0 is empty, y does not hold one label for each sample, or what the time
            sampler and the coupling return does not fit x0.
    """
    check_samples("x0", x0)
    check_each("y", y, x0)
    t = time(denoiser.path, x0.shape[0], generator)
    check_each("t", t, x0)
    eps = randn_like(x0, generator)
    if coupling is not None:
        x0, eps = coupling(x0, eps)
        if eps.shape != x0.shape:
            raise ValueError(f"eps must have the shape of x0, {tuple(x0.shape)}; it has "
                             f"{tuple(eps.shape)}")
    c = denoiser.path.at(t, x0)
    prediction = denoiser(c.alpha * x0 + c.sigma * eps, t, y)
    row = prediction.param if loss_in is None else loss_in
    p, q = coefficients(row, c)
    error = (prediction.to(row) - (p * x0 + q * eps)).square()
    if weight is not None:
        error = error * expand(weight(t, denoiser.path), error)
    return error.mean()


def vae_loss(
    x: Samples,
    decoded: Samples,
    kl: Float[Tensor, "b *k"],
    *,
    weight: float,
    error: Reduction = "sum",
    divergence: Reduction = "sum",
) -> Tensor:
    """Squared error + weight · KL divergence: a multiple of minus the beta-ELBO, plus a constant
    (:eq:`eq-beta-elbo`).

    Which beta it is hangs on how the two are reduced, and
    :func:`diffusionbook.exact.reductions.level_of` tells.

    Args:
        x: (b, *d) data.
        decoded: (b, *d) what the decoder makes of one draw from each posterior.
        kl: (b, *k) the divergence of each latent number from the prior, in nats.
        weight: of the divergence, positive.
        error: whether the squared errors of one sample are summed or averaged.
        divergence: whether the divergences of one sample are summed or averaged.

    Returns:
        A scalar: the mean over samples.

    Raises:
        ValueError: x is empty, ``decoded`` has another shape, ``kl`` holds another number of
            samples, ``weight`` is not positive, or a reduction is neither "sum" nor "mean".
    """
    positive("weight", weight)
    check_reduction("error", error)
    check_reduction("divergence", divergence)
    check_samples("x", x)
    if decoded.shape != x.shape:
        raise ValueError(f"decoded must have the shape of x, {tuple(x.shape)}; it has "
                         f"{tuple(decoded.shape)}")
    if kl.shape[:1] != x.shape[:1] or kl.ndim < 2 or not kl.numel():
        raise ValueError(f"kl must hold one number for each latent number of {len(x)} samples, in "
                         f"two dimensions or more; its shape is {tuple(kl.shape)}")
    errors, divergences = (decoded - x).square().flatten(1), kl.flatten(1)
    each = errors.sum(1) if error == "sum" else errors.mean(1)
    rate = divergences.sum(1) if divergence == "sum" else divergences.mean(1)
    return (each + weight * rate).mean()
