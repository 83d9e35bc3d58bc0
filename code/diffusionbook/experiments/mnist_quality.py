"""How good are the shipped digits? Two models at their default settings, and real digits beside.

Two classifiers look. ``mnist-features`` was there while the models were made; ``mnist-judge`` has
never been used to choose anything.
"""

import torch

from diffusionbook import zoo
from diffusionbook.data import mnist
from diffusionbook.data.mnist import all_labels
from diffusionbook.experiments.common.digits import draw_fast, judges, real_scores, scores
from diffusionbook.guidance import cfg, interval
from diffusionbook.metrics.memorisation import data_copying, memorised
from diffusionbook.randomness import seeded
from diffusionbook.shapes import Samples
from diffusionbook.zoo.judge import as_seen

SEEDS = (0, 1, 2, 3, 4)  # of the sampling noise
MODELS = ("mnist-unet", "mnist-unet-quick")
RECIPES = tuple(zoo.find(name) for name in MODELS)
SAMPLES = 2_000
COPIES = 1_000  # samples that are held against the training set
TINY = {"SAMPLES": 20, "COPIES": 20, "MnistUNet.sampler_steps": 2}


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """Keys like ``mnist-unet frechet judge``, ``real recall features``, ``held out memorised``."""
    seen_by, labels = judges(), all_labels(SAMPLES)
    train, test = mnist.real("train"), mnist.real("test")
    fresh = test.images[torch.randperm(len(test.images), generator=seeded(seed))[:COPIES]]
    real = real_scores(seen_by, SAMPLES, seed)
    numbers = {f"real {key} {judge}": value for (judge, key), value in real.items()}
    numbers["held out memorised"] = _memorised(fresh, train.images)
    for recipe in RECIPES:
        model = cfg(zoo.load(recipe.name), interval(recipe.guidance, recipe.low, recipe.high))
        samples = draw_fast(model, labels, sampler=recipe.sampler,
                            steps=recipe.sampler_steps, seed=seed)
        numbers |= {f"{recipe.name} {key} {judge}": value
                    for (judge, key), value in scores(seen_by, samples, labels).items()}
        few = as_seen(samples[:COPIES])
        numbers[f"{recipe.name} memorised"] = _memorised(few, train.images)
        copying = data_copying(few.flatten(1), train.images.flatten(1), fresh.flatten(1))
        numbers[f"{recipe.name} data copying"] = float(copying)
    return numbers


def _memorised(images: Samples, train: Samples) -> float:
    return float(memorised(images.flatten(1), train.flatten(1)))
