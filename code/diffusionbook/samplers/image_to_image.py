"""Image to image: noise data part of the way, and let a sampler bring it back."""

import torch
from torch import Tensor

from diffusionbook.denoisers.model import Denoiser
from diffusionbook.samplers.grids import check_grid
from diffusionbook.samplers.loop import Stepper, sample
from diffusionbook.shapes import Labels, Samples, Times, as_time, check_samples


def partway(
    stepper: Stepper, model: Denoiser, x0: Samples, noise: Samples, t: Times, grid: Tensor, *,
    y: Labels | None = None, generator: torch.Generator | None = None,
) -> Samples:
    r"""Noise ``x0`` to time t and sample back from there, told perhaps another label.

    The sampler takes the times of its own ``grid`` that lie below t. With t = 0 nothing happens;
    with t = 1 on a path that ends in pure noise, what comes back is a fresh sample that knows
    nothing of ``x0``. For Gaussian data and an exact model :eq:`eq-kept` says how much is kept.

    Args:
        stepper: the rule for one step; of order 1 or above, with or without fresh noise.
        model: any denoiser, guided or not.
        x0: (b, *d) data.
        noise: (b, *d) standard normal.
        t: how far to go, one number in [0, 1].
        grid: as for :func:`~diffusionbook.samplers.loop.sample`, from noise to data.
        y: (b,) what the model is told.
        generator: source of the fresh noise of stochastic steppers.

    Raises:
        ValueError: t is more than one number or outside [0, 1], the shapes differ, or what
            :func:`~diffusionbook.samplers.loop.sample` refuses.

    Source: Meng et al., "SDEdit", arXiv 2108.01073, there with a stochastic sampler.
    """
    check_samples("x0", x0)
    if noise.shape != x0.shape:
        raise ValueError(f"noise must have the shape of x0, {tuple(x0.shape)}; it has "
                         f"{tuple(noise.shape)}")
    time, grid = as_time(t), check_grid(grid)
    if time.ndim:
        raise ValueError(f"t must be one number; its shape is {tuple(time.shape)}")
    if not time:
        return x0
    x_t = model.path.interpolate(x0, noise, time)
    below = grid[grid < time]
    times = grid if len(below) == len(grid) else torch.cat([time[None], below])
    return sample(stepper, model, x_t, times, y=y, generator=generator)
