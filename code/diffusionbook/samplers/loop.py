r"""Samplers: from noise at t = 1 back to data at t = 0, one step at a time.

A stepper moves x from time t to an earlier time s with one or two looks at the model. None of
them evaluates the model at t = 0, none switches gradients off (the caller does, with
``torch.no_grad()``), and each declares the ``order`` that the tests measure.
"""

from collections import deque
from collections.abc import Iterator
from typing import ClassVar, Protocol, runtime_checkable

import torch
from torch import Tensor

from diffusionbook.denoisers.model import Denoiser
from diffusionbook.samplers.grids import check_grid
from diffusionbook.shapes import Labels, Samples, check_each, check_samples, full_precision


@runtime_checkable
class Stepper(Protocol):
    """One step of a sampler. ``memory`` is what a multistep method carries to its next step.

    ``step`` takes x: (b, *d) from time t to an earlier time s, two scalar tensors; y: (b,) labels
    are passed to the model. It returns x at s, (b, *d), and the memory for the step after.
    """

    order: ClassVar[int]

    def step(
        self,
        model: Denoiser,
        x: Samples,
        t: Tensor,
        s: Tensor,
        *,
        y: Labels | None = None,
        generator: torch.Generator | None = None,
        memory: object = None,
    ) -> tuple[Samples, object]: ...


def trajectory(
    stepper: Stepper,
    model: Denoiser,
    noise: Samples,
    grid: Tensor,
    *,
    y: Labels | None = None,
    generator: torch.Generator | None = None,
) -> Iterator[tuple[float, Samples]]:
    """Yield (t, x_t) from the start of ``grid`` to its end, the start included.

    Args:
        stepper: the rule for one step.
        model: any denoiser.
        noise: (b, *d), the state at ``grid[0]``. All states have its dtype, but at least float32:
            what a small step adds would be lost in half precision.
        grid: (n + 1,) decreasing times, see :mod:`diffusionbook.samplers.grids`.
        y: (b,) labels, passed to the model.
        generator: source of the fresh noise of stochastic steppers.

    Raises:
        ValueError: ``noise`` is empty, ``grid`` is no such list, or what the stepper and the model
            raise. It comes when states are asked for, not at the call.
    """
    check_samples("noise", noise)
    check_each("y", y, noise)
    grid = check_grid(grid)
    x, memory = full_precision(noise), None
    yield float(grid[0]), x
    for t, s in zip(grid[:-1], grid[1:], strict=True):
        x, memory = stepper.step(model, x, t, s, y=y, generator=generator, memory=memory)
        yield float(s), x


def sample(
    stepper: Stepper,
    model: Denoiser,
    noise: Samples,
    grid: Tensor,
    *,
    y: Labels | None = None,
    generator: torch.Generator | None = None,
) -> Samples:
    """The end of :func:`trajectory`: (b, *d) samples at ``grid[-1]``.

    Raises:
        ValueError: as :func:`trajectory` does.
    """
    end = deque(trajectory(stepper, model, noise, grid, y=y, generator=generator), maxlen=1)
    return end[0][1]
