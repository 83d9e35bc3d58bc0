"""The training loss of every model in the book."""

from collections.abc import Callable

import torch
from torch import Tensor

from diffusionbook.arguments import whole
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import GaussianPath
from diffusionbook.prediction import Param, coefficients
from diffusionbook.randomness import randn_like
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
