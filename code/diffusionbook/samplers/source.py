r"""Source optimisation: descend on the noise, through the whole sampler."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint as recomputed

from diffusionbook.arguments import positive, whole
from diffusionbook.denoisers.differentiate import outside_inference
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.guidance.rewards import Reward, checked
from diffusionbook.samplers.grids import check_grid
from diffusionbook.samplers.loop import Stepper
from diffusionbook.samplers.transition import check_deterministic
from diffusionbook.shapes import Labels, Samples, check_each, check_samples, full_precision


class Optimised(NamedTuple):
    """Where the descent came."""

    noise: Samples
    """(b, *d) the source."""
    x: Samples
    """(b, *d) what the sampler makes of it."""
    losses: Tensor
    """(steps + 1, b): ``|noise|^2 / 2 - reward``, or - reward alone, at the start and after each
    step."""


def optimise_source(
    stepper: Stepper,
    model: Denoiser,
    reward: Reward,
    noise: Samples,
    grid: Tensor,
    *,
    steps: int,
    lr: float,
    momentum: float = 0.0,
    prior: bool = True,
    checkpoint: bool = True,
    y: Labels | None = None,
) -> Optimised:
    """Minimise ``|z|^2 / 2 - reward(x(z))`` over the noise z, by gradient descent
    (:eq:`eq-source-optimum`).

    A mode of the noise's law given the reward is found, and never a draw of it: for a sampler that
    is affine in z and a reward that is a log-likelihood of Gaussian noise, all z come to one point,
    whose x is the posterior *mean*.

    Args:
        stepper: a deterministic one.
        model: any denoiser that lets gradients through.
        reward: (b, *d) → (b,), in nats, of the samples.
        noise: (b, *d) where the descent starts.
        grid: (n + 1,) decreasing times.
        steps: of the descent; each runs the sampler forwards and back.
        lr: how far to go along the gradient.
        momentum: share of the step before that is added to each step, in [0, 1).
        prior: whether ``|z|^2 / 2`` is in the loss. Without it z may leave the shell where noise
            lives, and samples the law of the data.
        checkpoint: keep one x_t for each step of the sampler, and compute the model's inside
            again on the way back: a third more time, and much less memory.
        y: (b,) labels for the model.

    Raises:
        ValueError: the stepper draws noise, ``steps`` is not whole or below 1, ``lr`` is not
            positive, ``momentum`` is outside [0, 1), or the reward is not one finite number a
            sample or is cut off from x.
        FloatingPointError: the descent diverged; ``lr`` is too large.

    Source: Ben-Hamu et al., "D-Flow", arXiv 2402.14017.
    """
    check_deterministic(stepper)
    check_samples("noise", noise)
    check_each("y", y, noise)
    whole("steps", steps, least=1)
    positive("lr", lr)
    if not 0 <= momentum < 1:
        raise ValueError(f"momentum must lie in [0, 1); it is {momentum}")
    asked, times = checked(reward), check_grid(grid)

    @outside_inference
    def run(z: Samples) -> tuple[Samples, Samples, Tensor]:
        """Samples, the gradient of the loss, and the loss."""
        with torch.enable_grad():
            z = z.detach().requires_grad_()
            x = _sampled(stepper, model, z, times, y, checkpoint)
            loss = -asked(x)
            if prior:
                loss = loss + z.flatten(1).square().sum(1) / 2
            (gradient,) = torch.autograd.grad(loss.sum(), z)
        return x.detach(), gradient, loss.detach()

    z, move, losses = full_precision(noise.detach()), torch.zeros_like(noise), []
    x, gradient, loss = run(z)
    for _ in range(steps):
        losses.append(loss)
        move = momentum * move - lr * gradient
        z = z + move
        if not bool(z.isfinite().all()):
            raise FloatingPointError(f"the descent diverged after {len(losses)} steps; lr is "
                                     f"{lr}, make it smaller")
        x, gradient, loss = run(z)
    return Optimised(z, x, torch.stack([*losses, loss]))


def _sampled(
    stepper: Stepper, model: Denoiser, x: Samples, grid: Tensor, y: Labels | None, cheap: bool
) -> Samples:
    """The sampler's end, with its graph; ``cheap`` keeps only the state of each step."""
    memory = None
    for t, s in zip(grid[:-1], grid[1:], strict=True):
        def step(x, memory, t=t, s=s):
            return stepper.step(model, x, t, s, y=y, memory=memory)

        if cheap:
            x, memory = recomputed(step, x, memory, use_reentrant=False)
        else:
            x, memory = step(x, memory)
    return x
