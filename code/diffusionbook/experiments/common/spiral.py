"""What the experiments on the spiral share: training, chains, and distances to fresh data."""

import statistics
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from diffusionbook.data.toy import spiral_mixture
from diffusionbook.denoisers.exact import AnalyticDenoiser, EmpiricalDenoiser
from diffusionbook.denoisers.model import Denoiser, NetDenoiser
from diffusionbook.metrics.points import mmd, sliced_w2
from diffusionbook.paths.chain import Chain
from diffusionbook.randomness import randn, seeded
from diffusionbook.recipes.spiral_mlp import RECIPE
from diffusionbook.samplers import grids
from diffusionbook.samplers.ancestral import Ancestral
from diffusionbook.samplers.loop import Stepper, sample
from diffusionbook.shapes import Samples
from diffusionbook.zoo.by_recipe import trained

SETS = 4
BANDWIDTH = 0.2
KERNEL_SAMPLES = 2_000


def train(
    seed: int, device: torch.device, steps: int = RECIPE.steps
) -> tuple[NetDenoiser, Samples]:
    """The recipe's model, trained with another seed, and the training set it saw, (n, 2)."""
    recipe = replace(RECIPE, seed=seed, steps=steps)
    model, (points,) = recipe.model().to(device), recipe.data(Path())
    return trained(recipe, model, (points,)).model.cpu(), points


def on(chain: Chain, model: Denoiser) -> Denoiser:
    """The same model on a chain that was read off its path."""
    if isinstance(model, NetDenoiser):
        return NetDenoiser(model.net, chain, model.param)
    if isinstance(model, EmpiricalDenoiser):
        return EmpiricalDenoiser(model.data, chain)
    return AnalyticDenoiser(model.mixture, chain)


@torch.no_grad()
def draw(
    model: Denoiser, chain: Chain, n: int, seed: int, stepper: Stepper | None = None
) -> Samples:
    """(n, 2) samples, from the end of the chain to its start.

    Models that are drawn with one seed see the same noise, so their difference is less noisy than
    each of them.

    Args:
        model: any model on the path that ``chain`` was read off.
        chain: its steps.
        n: how many samples.
        seed: of all noise.
        stepper: default: DDPM's reverse step with the posterior variance.
    """
    generator = seeded(seed)
    noise = randn((n, 2), generator, torch.float32)
    return sample(stepper or Ancestral(), on(chain, model), noise, grids.all_steps(chain),
                  generator=generator)


def fresh(n: int, seed: int) -> list[Samples]:
    """Four independent sets of ``n`` draws from the spiral; other seeds give other sets."""
    return [spiral_mixture().sample(n, seeded(1_000_000 + SETS * seed + k)) for k in range(SETS)]


def mean_w2(samples: Samples, sets: Sequence[Samples]) -> float:
    """The mean sliced W2 of ``samples`` to sets of the same size; always on the same lines."""
    return statistics.fmean(float(sliced_w2(samples, points, seeded(0))) for points in sets)


def mean_mmd(samples: Samples, sets: Sequence[Samples]) -> float:
    """The mean squared MMD, unbiased, of the first 2,000 samples to the first 2,000 of each set."""
    few = [points[:KERNEL_SAMPLES] for points in (samples, *sets)]
    return statistics.fmean(float(mmd(few[0], points, BANDWIDTH)) for points in few[1:])
