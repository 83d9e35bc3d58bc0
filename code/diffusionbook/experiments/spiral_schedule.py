"""What the noise schedule and the reverse variance change, with nothing learned.

The exact denoiser of the spiral, sampled on chains of T = 10 … 1000 steps read off two paths, with
either variance of the reverse step. Nothing is trained: the seeds are of the sampling noise.

A chain read off the cosine path has alpha = 0 at its start, hence beta_T = 1. The exact denoiser
answers there with the mean of the data, so the schedule is used as it is. A network that predicts
eps could not be asked: its x0 would be divided by 0, which is why Nichol & Dhariwal clip beta at
0.999.
"""

import torch

from diffusionbook.data.toy import spiral_mixture
from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.experiments.common.spiral import draw, fresh, mean_w2
from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import VP, Cosine, GaussianPath
from diffusionbook.randomness import randn_like, seeded
from diffusionbook.samplers.ancestral import Ancestral

SEEDS = (0, 1, 2, 3, 4)
RECIPES = ()
CHAINS = (10, 30, 100, 300, 1000)
PATHS = {"vp": VP(), "cosine": Cosine()}
VARIANCES = ("posterior", "beta")
SAMPLES = 4_000
TINY = {"CHAINS": (3,), "SAMPLES": 60}


def ends(
    path: GaussianPath, variance: str, steps: int, seed: int, samples: int = SAMPLES
) -> tuple[float, float]:
    """Sliced W2 to fresh data, if the last step ends with its mean and if it adds noise.

    Args:
        path: variance-preserving.
        variance: of the reverse steps, "posterior" or "beta".
        steps: T.
        seed: of all noise and of the fresh data.
        samples: how many.

    Returns:
        (with the mean of the last step, with noise of variance beta_1 added to it).
    """
    chain, sets = Chain.from_path(path, steps), fresh(samples, seed)
    model = AnalyticDenoiser(spiral_mixture(), path)
    x = draw(model, chain, samples, seed, Ancestral(variance))
    noise = chain.betas[0].sqrt() * randn_like(x, seeded(3_000_000 + seed))
    return mean_w2(x, sets), mean_w2(x + noise, sets)


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """All numbers of one seed; keys like ``vp beta T=10`` and ``vp beta noisy-end T=10``."""
    numbers = {}
    for name, path in PATHS.items():
        for variance in VARIANCES:
            for steps in CHAINS:
                mean, noisy = ends(path, variance, steps, seed)
                numbers[f"{name} {variance} T={steps}"] = mean
                numbers[f"{name} {variance} noisy-end T={steps}"] = noisy
    floor = spiral_mixture().sample(SAMPLES, seeded(2_000_000 + seed))
    return numbers | {"floor": mean_w2(floor, fresh(SAMPLES, seed))}
