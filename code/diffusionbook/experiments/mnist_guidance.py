"""What does the guidance scale buy, and what does it cost? Digits at eight scales."""

import torch

from diffusionbook import zoo
from diffusionbook.data.mnist import all_labels
from diffusionbook.experiments.common.digits import draw_fast, judges, real_scores, scores
from diffusionbook.guidance import cfg
from diffusionbook.recipes.mnist_unet import RECIPE

SEEDS = (0, 1, 2)  # of the sampling noise
RECIPES = (RECIPE,)
SCALES = (0.0, 0.5, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0)
SAMPLES = 1_000
TINY = {"SCALES": (0.0, 1.0, 2.0), "SAMPLES": 20, "MnistUNet.sampler_steps": 2}


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """Keys like ``judge frechet w=2``; ``judge real frechet`` is the floor.

    All scales start from the same noise and ask for the same labels; "features" and "judge" are
    the two classifiers.
    """
    model, labels, seen_by = zoo.load("mnist-unet"), all_labels(SAMPLES), judges()
    real = real_scores(seen_by, SAMPLES, seed)
    numbers = {f"{judge} real {key}": value for (judge, key), value in real.items()}
    for w in SCALES:
        samples = draw_fast(cfg(model, w), labels, sampler=RECIPE.sampler,
                            steps=RECIPE.sampler_steps, seed=seed)
        numbers |= {f"{judge} {key} w={w:g}": value
                    for (judge, key), value in scores(seen_by, samples, labels).items()}
    return numbers
