"""Reflow: draw pairs from a flow, and train the next flow on the straight lines between them.

The first flow was trained on noise and data that know nothing of each other, so its lines cross,
and it bends to make up for it. Its own ODE pairs every noise with one data point, and these tracks
do not cross. Lines between the pairs are a better starting point (:eq:`eq-pair-loss`).
"""

from typing import NamedTuple

import torch
from torch import Tensor

from diffusionbook.arguments import whole
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.losses import TimeSampler, Weight, denoising_loss, uniform_time
from diffusionbook.prediction import Param
from diffusionbook.samplers.loop import Stepper, sample
from diffusionbook.shapes import Labels, Samples, check_each, check_samples


class Pairs(NamedTuple):
    """Data and the noise that belongs to it, row by row; ``batches(*pairs, size=…)`` draws some."""

    x0: Samples
    eps: Samples


@torch.no_grad()
def reflow_pairs(
    model: Denoiser, noise: Samples, stepper: Stepper, grid: Tensor, y: Labels | None = None,
    batch: int = 10_000,
) -> Pairs:
    """Follow the model's ODE from every noise to its data point.

    The pairs have the marginals of the model: noise as it was given, data as it is sampled, with
    the model's errors and the stepper's.

    Args:
        model: any denoiser.
        noise: (n, *d) standard normal.
        stepper: a deterministic one; with fresh noise on the way a pair would be no pair.
        grid: decreasing times that begin where alpha is 0, or almost.
        y: (n,) labels, passed to the model.
        batch: how many at a time.

    Raises:
        ValueError: ``noise`` is empty, y does not hold one label for each, ``batch`` < 1, or what
            the sampler raises.

    Source: Liu et al., arXiv 2209.03003.
    """
    whole("batch", batch, least=1)
    check_samples("noise", noise)
    check_each("y", y, noise)
    labels = [None] * len(noise) if y is None else y.split(batch)
    parts = [sample(stepper, model, eps, grid, y=own)
             for eps, own in zip(noise.split(batch), labels, strict=False)]
    return Pairs(torch.cat(parts), noise)


def pair_loss(
    denoiser: Denoiser,
    x0: Samples,
    eps: Samples,
    y: Labels | None = None,
    *,
    loss_in: Param | None = None,
    weight: Weight | None = None,
    time: TimeSampler = uniform_time,
    generator: torch.Generator | None = None,
) -> Tensor:
    """The training loss where the noise comes with the data (:eq:`eq-pair-loss`).

    With pairs drawn independently it is conditional flow matching's loss (:eq:`eq-cfm-loss`) and
    with pairs from :func:`reflow_pairs` that of reflow; nothing else differs.

    Args:
        denoiser: any model; its gradient flows.
        x0: (b, *d) data.
        eps: (b, *d) the noise that belongs to each.
        y: (b,) labels, passed to the model.
        loss_in: as in :func:`diffusionbook.losses.denoising_loss`.
        weight: likewise.
        time: likewise.
        generator: source of the times.

    Returns:
        A scalar: the mean over samples and dimensions.
    """
    return denoising_loss(
        denoiser, x0, y, loss_in=loss_in, weight=weight, time=time,
        coupling=lambda data, _: (data, eps), generator=generator,
    )  # fmt: skip
