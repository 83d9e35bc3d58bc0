"""Two shipped models of digits, a transformer and a U-Net, on the same 10,000 draws of noise.

The difference of their Fréchet distances has a standard error by the jackknife: both are measured
again ten times, each time without the same tenth of the draws.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from diffusionbook import zoo
from diffusionbook.data.mnist import all_labels
from diffusionbook.experiments.common.digits import draw_fast, judges
from diffusionbook.guidance import cfg, interval
from diffusionbook.metrics.images import frechet, label_accuracy
from diffusionbook.zoo.judge import as_seen, look

SEEDS = (0,)  # of the sampling noise
MODELS = ("mnist-unet", "mnist-dit")
RECIPES = tuple(zoo.find(name) for name in MODELS)
SAMPLES = 10_000
GROUPS = 10
TINY = {"SAMPLES": 60, "GROUPS": 3, "MnistUNet.sampler_steps": 2, "MnistDiT.sampler_steps": 2}


def jackknife(values: Float[Tensor, " g"]) -> float:
    """The standard error of a statistic, from its values without each of g groups."""
    g = len(values)
    return float(((g - 1) / g * (values - values.mean()).square().sum()).sqrt())


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """Keys like ``mnist-dit frechet judge``, ``mnist-dit accuracy judge``; of transformer less
    U-Net, ``difference judge`` and its ``error judge``; ``floor judge``, of real digits."""
    seen_by, labels, drawn = judges(), all_labels(SAMPLES), {}
    group = torch.arange(SAMPLES) // 10 % GROUPS  # as many of each label in every group
    for recipe in RECIPES:
        model = cfg(zoo.load(recipe.name), interval(recipe.guidance, recipe.low, recipe.high))
        drawn[recipe.name] = as_seen(draw_fast(model, labels, sampler=recipe.sampler,
                                               steps=recipe.sampler_steps, seed=seed))
    numbers = {}
    for judge_name, judge in seen_by.items():
        without = {}
        for name, images in drawn.items():
            features, logits = look(judge.classifier, images)
            numbers[f"{name} frechet {judge_name}"] = float(frechet(features, judge.features))
            numbers[f"{name} accuracy {judge_name}"] = float(label_accuracy(logits, labels))
            without[name] = torch.stack([frechet(features[group != k], judge.features)
                                         for k in range(GROUPS)])
        first, second = MODELS
        numbers[f"difference {judge_name}"] = (numbers[f"{second} frechet {judge_name}"]
                                               - numbers[f"{first} frechet {judge_name}"])
        numbers[f"error {judge_name}"] = jackknife(without[second] - without[first])
        numbers[f"floor {judge_name}"] = judge.floor(SAMPLES)
    return numbers
