"""How many steps does a chain need? The spiral by DDPM with T = 10 … 1000 steps.

alpha_bar(k / T) is read from one continuous path, so one network serves every T. Next to it stand
the exact denoiser, which shows what the steps alone cost, and the Monte Carlo floor: the distance
between fresh draws.
"""

import torch

from diffusionbook.data.toy import spiral_mixture
from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.experiments.common.spiral import draw, fresh, mean_mmd, mean_w2, train
from diffusionbook.paths.chain import Chain
from diffusionbook.randomness import seeded
from diffusionbook.recipes.spiral_mlp import RECIPE

SEEDS = (0, 1, 2, 3, 4)
RECIPES = (RECIPE,)
CHAINS = (10, 30, 100, 300, 1000)
SAMPLES = 4_000
TINY = {"CHAINS": (3,), "SAMPLES": 60, "KERNEL_SAMPLES": 30, "SpiralMLP.steps": 3}


def distances(
    model: Denoiser, steps: int, seed: int, samples: int = SAMPLES
) -> tuple[float, float]:
    """(sliced W2, squared MMD) of a chain's samples to fresh data.

    Args:
        model: a denoiser on a variance-preserving path with continuous time.
        steps: T.
        seed: of the sampling noise and of the fresh data.
        samples: how many.
    """
    points = draw(model, Chain.from_path(model.path, steps), samples, seed)
    sets = fresh(samples, seed)
    return mean_w2(points, sets), mean_mmd(points, sets)


def floor(seed: int, samples: int = SAMPLES) -> tuple[float, float]:
    """The same distances for samples that are fresh themselves."""
    points, sets = spiral_mixture().sample(samples, seeded(2_000_000 + seed)), fresh(samples, seed)
    return mean_w2(points, sets), mean_mmd(points, sets)


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """All numbers of one training seed; keys like ``network sliced_w2 T=100``."""
    network, _ = train(seed, device)
    exact = AnalyticDenoiser(spiral_mixture(), network.path)
    numbers = dict(zip(("floor sliced_w2", "floor mmd"), floor(seed), strict=True))
    for name, model in (("network", network), ("exact", exact)):
        for steps in CHAINS:
            w2, squared = distances(model, steps, seed)
            numbers[f"{name} sliced_w2 T={steps}"] = w2
            numbers[f"{name} mmd T={steps}"] = squared
    return numbers
