"""Score distillation: points that climb the model's density at all noise levels at once."""

import torch
from torch import Tensor

from diffusionbook.arguments import positive, whole
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.randomness import randn_like
from diffusionbook.shapes import Labels, Samples, as_time, check_each, check_samples, full_precision


@torch.no_grad()
def distil(
    model: Denoiser,
    x: Samples,
    *,
    steps: int,
    lr: float,
    times: tuple[float, float] = (0.02, 0.98),
    y: Labels | None = None,
    generator: torch.Generator | None = None,
) -> Samples:
    """Move each point by ``lr`` sigma (eps - predicted eps) at random times, again and again.

    The mean of that is lr sigma^2 times the score at the noised point: a climb on log p_t, averaged
    over the times. So points come to rest on modes, and they are no samples: of a Gaussian only
    the mean is left. In the original x are the pixels of an image that a scene is drawn as, and the
    gradient goes on into the scene.

    Args:
        model: any denoiser, guided or not.
        x: (b, *d) where the points start.
        steps: how often each is moved. The moves shrink linearly to 0, so that the noise in them
            dies out.
        lr: the first factor of the moves.
        times: they are drawn between these two, one for each point and step.
        y: (b,) labels for the model.
        generator: source of times and noise.

    Raises:
        ValueError: ``x`` is empty, ``steps`` is not whole or below 1, ``lr`` is not positive, or
            ``times`` do not rise inside (0, 1].

    Source: Poole et al., "DreamFusion", arXiv 2209.14988.
    """
    check_samples("x", x)
    check_each("y", y, x)
    whole("steps", steps, least=1)
    positive("lr", lr)
    low, high = check_times(times)
    x = full_precision(x)
    for k in range(steps):
        shares = torch.rand(len(x), generator=generator, dtype=torch.float64, device=x.device)
        t = low + (high - low) * shares
        noise = randn_like(x, generator)
        predicted = model(model.path.interpolate(x, noise, t), t, y).eps
        sigma = model.path.at(t, x).sigma
        x = x + lr * (1 - k / steps) * sigma * (noise - predicted)
    return x


def check_times(times: tuple[float, float]) -> tuple[float, float]:
    """The two, or a refusal of times that do not rise inside (0, 1]."""
    values: Tensor = torch.as_tensor(times, dtype=torch.float64)
    if values.shape != (2,) or not 0 < values[0] < values[1] <= 1:
        raise ValueError(f"times must be two that rise inside (0, 1]; they are {tuple(times)}")
    return tuple(map(float, as_time(values)))
