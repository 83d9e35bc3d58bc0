"""How many steps does a chain need? The spiral by DDPM with T = 10 … 1000 steps.

alpha_bar(k / T) is read from one continuous path, so one network serves every T. Next to it stand
the exact denoiser, which shows what the steps alone cost, and the Monte Carlo floor: the distance
between two fresh draws.
"""

from dataclasses import replace
from pathlib import Path

import torch

from diffusionbook import grids
from diffusionbook.data.toy import spiral_mixture
from diffusionbook.denoise import AnalyticDenoiser, Denoiser, NetDenoiser
from diffusionbook.metrics import mmd, sliced_w2
from diffusionbook.paths import DiscretePath, GaussianPath
from diffusionbook.recipes.spiral_mlp import RECIPE
from diffusionbook.samplers import DDIM, sample
from diffusionbook.shapes import randn, seeded
from diffusionbook.train import EMA, batches, fit, warmup_cosine

SEEDS = (0, 1, 2, 3, 4)
RECIPES = (RECIPE,)
CHAINS = (10, 30, 100, 300, 1000)
SAMPLES = 2_000
BANDWIDTH = 0.2


def train(seed: int, device: torch.device, steps: int = RECIPE.steps) -> NetDenoiser:
    """The recipe's model, trained with another seed."""
    recipe = replace(RECIPE, seed=seed, steps=steps)
    model = recipe.model().to(device)
    ema = EMA(model, recipe.ema)
    data, rate = recipe.data(Path()), warmup_cosine(recipe.lr, recipe.warmup)
    for _ in fit(model, batches(*data, size=recipe.batch), recipe.loss,
                 steps=steps, lr=rate, seed=seed, ema=ema):
        pass
    return ema.model.cpu()


@torch.no_grad()
def distances(model: Denoiser, path: GaussianPath, steps: int, seed: int) -> tuple[float, float]:
    """(sliced W2, squared MMD) of a chain's samples to fresh data."""
    generator = seeded(seed)
    noise = randn((SAMPLES, 2), generator, torch.float32)
    chain = DiscretePath.from_path(path, steps)
    samples = sample(DDIM(1.0), on(chain, model), noise, grids.all_steps(chain),
                     generator=generator)
    return compare(samples, seed)


def compare(samples: torch.Tensor, seed: int) -> tuple[float, float]:
    """(sliced W2, squared MMD) of samples to fresh data."""
    generator = seeded(1_000_000 + seed)
    fresh = spiral_mixture().sample(len(samples), generator)
    return float(sliced_w2(samples, fresh, generator)), float(mmd(samples, fresh, BANDWIDTH))


def on(chain: DiscretePath, model: Denoiser) -> Denoiser:
    """The same model on a chain that was read from its path."""
    if isinstance(model, NetDenoiser):
        return NetDenoiser(model.net, chain, model.param)
    return AnalyticDenoiser(spiral_mixture(), chain)


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """All numbers of one training seed; keys like ``network sliced_w2 T=100``."""
    path = RECIPE.model().path
    models = {"network": train(seed, device), "exact": AnalyticDenoiser(spiral_mixture(), path)}
    numbers = {}
    for name, model in models.items():
        for steps in CHAINS:
            w2, squared = distances(model, path, steps, seed)
            numbers[f"{name} sliced_w2 T={steps}"] = w2
            numbers[f"{name} mmd T={steps}"] = squared
    w2, squared = compare(spiral_mixture().sample(SAMPLES, seeded(2_000_000 + seed)), seed)
    return numbers | {"floor sliced_w2": w2, "floor mmd": squared}
