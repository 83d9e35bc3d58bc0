"""What the experiments of chapter 7 share: short trainings of transformers and of the U-Net."""

from dataclasses import replace

import torch

from diffusionbook.data.mnist import all_labels
from diffusionbook.experiments.common.digits import draw_fast, errors, held_out, scores
from diffusionbook.machine.precision import fastest
from diffusionbook.recipes.mnist_dit import RECIPE as TRANSFORMER
from diffusionbook.recipes.mnist_unet import RECIPE as UNET
from diffusionbook.zoo.by_recipe import trained
from diffusionbook.zoo.judge import Judge
from diffusionbook.zoo.recipe import Recipe

SAMPLES = 1_000
LOOKS = 20
SHORT = {"batch": 64, "ema": 0.99, "title": "a short run"}


def transformer(steps: int, lr: float, **shape: int) -> Recipe:
    """The shipped transformer's recipe, cut short, with another shape."""
    name = "mnist-dit, short" + "".join(f", {key} {value}" for key, value in shape.items())
    return replace(TRANSFORMER, name=name, steps=steps, lr=lr, **shape, **SHORT)


def u_net(steps: int, lr: float) -> Recipe:
    """The U-Net's, cut as short."""
    return replace(UNET, name="mnist-unet, short", steps=steps, lr=lr, **SHORT)


def measured(recipe: Recipe, seen_by: dict[str, Judge], device: torch.device) -> dict[str, float]:
    """Train by a recipe; errors on held-out images and, if anybody judges, of its samples.

    Like the shipped models it is trained in the arithmetic that is faster on this machine.

    Returns:
        ``cpu seconds`` of training; ``error t=0.3`` and so on, the mean squared error of v a pixel,
        and ``error``, its mean over the times; ``bfloat16``, 1 where that was the faster; of
        samples with labels and without guidance, ``frechet judge``, ``recall judge`` and so on.
    """
    arithmetic = fastest(device)
    model, records = trained(recipe, recipe.model().to(device), recipe.data(None),
                             arithmetic=arithmetic)
    model, (x0, _), labels = model.cpu(), held_out(), all_labels(SAMPLES)
    found = errors(model, x0, recipe.seed)
    found["error"] = sum(found.values()) / len(found)
    found["bfloat16"] = float(arithmetic == "bfloat16")
    found["cpu seconds"] = records[-1].cpu_seconds
    if seen_by:
        images = draw_fast(model, labels, sampler="dpmpp2m", steps=LOOKS, seed=recipe.seed)
        found |= {f"{key} {name}": value for (name, key), value in
                  scores(seen_by, images, labels, ("frechet", "recall", "accuracy")).items()}
        found |= {f"frechet_floor {name}": judge.floor(SAMPLES)
                  for name, judge in seen_by.items()}
    return found
