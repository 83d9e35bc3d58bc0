"""What has the network learned: the spiral, or the points it was shown?

Three denoisers are compared two by two: the network, the exact one of the mixture, and the exact
one of the training set, which minimises the training loss. Then the same is asked of samples.
"""

import torch

from diffusionbook.data.toy import spiral_mixture
from diffusionbook.denoisers.exact import AnalyticDenoiser, EmpiricalDenoiser
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.experiments.common.spiral import draw, fresh, mean_w2, train
from diffusionbook.paths.chain import Chain
from diffusionbook.randomness import randn_like, seeded
from diffusionbook.recipes.spiral_mlp import RECIPE
from diffusionbook.shapes import Samples

SEEDS = (0, 1, 2, 3, 4)
RECIPES = (RECIPE,)
TIMES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8)
SAMPLES = 4_000
STEPS = 1_000
TINY = {"SAMPLES": 60, "STEPS": 5, "SpiralMLP.steps": 3}


@torch.no_grad()
def field_errors(
    model: Denoiser, data: Samples, seed: int, samples: int = SAMPLES
) -> dict[str, float]:
    """Root-mean-square differences of predicted noise on fresh x_t, for each of ``TIMES``.

    Args:
        model: the network's denoiser.
        data: (n, 2) its training set.
        seed: of the fresh points and their noise.
        samples: how many of them.

    Returns:
        Keys like ``network to mixture t=0.1``, ``network to data t=0.1``, ``data to mixture
        t=0.1``; the mean is over points and both coordinates, so the natural unit is 1.
    """
    path, generator, errors = model.path, seeded(1_000_000 + seed), {}
    exact = AnalyticDenoiser(spiral_mixture(), path)
    memory = EmpiricalDenoiser(data.double(), path)
    x0 = exact.mixture.sample(samples, generator)
    for t in TIMES:
        x_t = path.interpolate(x0, randn_like(x0, generator), t)
        eps = {
            "network": model(x_t.float(), t).eps,
            "mixture": exact(x_t, t).eps,
            "data": memory(x_t, t).eps,
        }
        for a, b in (("network", "mixture"), ("network", "data"), ("data", "mixture")):
            error = (eps[a] - eps[b]).square().mean().sqrt()
            errors[f"{a} to {b} t={t}"] = float(error)
    return errors


def sample_numbers(
    model: Denoiser, data: Samples, seed: int, samples: int = SAMPLES, steps: int = STEPS
) -> dict[str, float]:
    """What three sets of samples are like: the network's, the training set's and fresh ones.

    Args:
        model: the network's denoiser.
        data: (n, 2) its training set.
        seed: of all noise; network and training set are sampled with the same.
        samples: how many of each.
        steps: T of the chain.

    Returns:
        For each set three keys: ``nearest network``, the median distance to the nearest training
        point; ``sliced_w2 network``, to fresh data; ``log_prob network``, the mean log density of
        the mixture at the samples, in nats.
    """
    mixture, chain = spiral_mixture(), Chain.from_path(model.path, steps)
    points = {
        "network": draw(model, chain, samples, seed),
        "data": draw(EmpiricalDenoiser(data, model.path), chain, samples, seed),
        "fresh": mixture.sample(samples, seeded(2_000_000 + seed)),
    }
    sets, numbers = fresh(samples, seed), {}
    for name, x in points.items():
        numbers[f"nearest {name}"] = nearest(x, data)
        numbers[f"sliced_w2 {name}"] = mean_w2(x, sets)
        numbers[f"log_prob {name}"] = float(mixture.log_prob(x).mean())
    return numbers


def nearest(samples: Samples, data: Samples) -> float:
    """The median distance of a sample to the nearest point of ``data``."""
    return float(torch.cdist(samples.double(), data.double()).min(1).values.median())


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """All numbers of one training seed, which also draws the training set."""
    network, data = train(seed, device)
    return field_errors(network, data, seed) | sample_numbers(network, data, seed)
