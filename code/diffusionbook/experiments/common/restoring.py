"""What the experiment on damaged digits and its chapter share: operators, methods, measures."""

from collections.abc import Callable

import torch
from torch import Tensor

from diffusionbook.data.mnist import SIZE
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.guidance.inverse import dps, null_space, pigdm
from diffusionbook.guidance.operators import Blur, Downsample, Mask, Operator
from diffusionbook.randomness import randn_like, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.ancestral import DDIM
from diffusionbook.samplers.loop import Stepper, sample
from diffusionbook.samplers.named import starting_noise
from diffusionbook.samplers.nudged import Nudged
from diffusionbook.shapes import Labels, Samples
from diffusionbook.zoo.judge import Judge, as_seen, look

STD = 0.2  # of the observation's noise, in units in which paper is -1 and ink is 1
LOOKS = 25  # at the model, as many as steps of the sampler
START = 0.995
TOGETHER = 60  # samples that are drawn at once: their graphs take memory

SIZE_OF_NUDGE = 4.0  # zeta of DPS as released, for as many looks, chosen by eye on one digit

Restore = Callable[[Denoiser, Operator, Tensor], tuple[Stepper, Denoiser]]
METHODS: dict[str, Restore] = {
    "DPS": lambda model, operator, observed: (
        DDIM(1.0), dps(model, operator, observed, STD)),
    "DPS, released": lambda model, operator, observed: (
        Nudged(DDIM(1.0), operator, observed, SIZE_OF_NUDGE), model),
    "ΠGDM": lambda model, operator, observed: (
        DDIM(1.0), pigdm(model, operator, observed, STD)),
    "null-space": lambda model, operator, observed: (
        DDIM(1.0), null_space(model, operator, observed)),
}


def operators() -> dict[str, Operator]:
    """Three kinds of damage: the lower half is gone; means of 4 × 4 pixels; blurred."""
    upper = torch.zeros(SIZE, dtype=torch.bool)
    upper[:, : SIZE[1] // 2] = True
    bell = torch.exp(-torch.arange(-2.0, 3).square() / 2)
    bell = bell / bell.sum()
    return {"half": Mask(upper), "means": Downsample(4, SIZE),
            "blur": Blur(bell[:, None] * bell, SIZE)}


def damaged(operator: Operator, images: Samples, seed: int) -> Tensor:
    """What is observed of images: A x0 and noise; ``(n, *out_shape)``."""
    seen = operator(images)
    return seen + STD * randn_like(seen, seeded(seed))


@torch.no_grad()
def restored(
    model: Denoiser, operator: Operator, observed: Tensor, restore: Restore, *, each: int,
    seed: int,
) -> Tensor:
    """(n, each, 1, 28, 28): samples for each of n observations.

    Args:
        model: it is told no label.
        operator, observed: A, and ``(n, *out_shape)``.
        restore: one of :data:`METHODS`.
        each: samples for an observation.
        seed: of all noise.
    """
    many = observed.repeat_interleave(each, 0)
    noise, generator = starting_noise(len(many), SIZE, seed), seeded(seed + 1)
    grid, drawn = grids.uniform(LOOKS, t_max=START), []
    for k in range(0, len(many), TOGETHER):
        part = slice(k, k + TOGETHER)
        stepper, guided = restore(model, operator, many[part])
        drawn.append(sample(stepper, guided, noise[part], grid, generator=generator))
    return torch.cat(drawn).unflatten(0, (-1, each))


def likeliest(
    pool: Tensor, operator: Operator, observed: Tensor, best: int, each: int
) -> Tensor:
    """(n, each, *d): of every ``best`` samples of a pool the one that fits best.

    All n observations, ``(n, *out_shape)``, look at the same pool, ``(each · best, *d)`` or more.
    """
    seen = operator(pool[: each * best]).flatten(1)
    misfits = torch.cdist(observed.flatten(1), seen).unflatten(1, (each, best))
    chosen = misfits.argmin(2) + best * torch.arange(each)
    return pool[chosen]


def measures(
    samples: Tensor, operator: Operator, observed: Tensor, images: Samples, labels: Labels,
    judge: Judge,
) -> dict[str, float]:
    """How well samples fit the observation and the original.

    ``misfit`` is the root mean square of observed - A x over the noise's std, so the original's is
    about 1. ``read`` is the share of samples in which the judge sees the original's label.
    ``spread`` is the variance of a pixel among the samples of one observation; ``error`` is the
    squared error of their mean. For draws of the right posterior, original and samples are alike,
    so ``error`` is (1 + 1 / each) ``spread`` on average; ``overconfidence`` is their ratio, 1 for
    the right posterior and larger for one that is too narrow or off.

    Args:
        samples: (n, each, 1, 28, 28), of two or more for each observation.
        operator, observed: A, and ``(n, *out_shape)``.
        images: (n, 1, 28, 28) the originals.
        labels: (n,) theirs.
        judge: who reads.
    """
    n, each = samples.shape[:2]
    flat = samples.flatten(0, 1)
    off = (observed.repeat_interleave(each, 0) - operator(flat)).square().mean().sqrt()
    _, logits = look(judge.classifier, as_seen(flat))
    right = logits.argmax(1) == labels.repeat_interleave(each)
    spread = samples.double().var(1).mean()
    error = (samples.double().mean(1) - images).square().mean()
    return {"misfit": float(off) / STD, "read": float(right.double().mean()),
            "spread": float(spread), "error": float(error),
            "overconfidence": float(error / spread) / (1 + 1 / each)}
