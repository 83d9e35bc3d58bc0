"""Canvases from patches of 4 × 4 once more, trained for 90 processor-minutes."""

from dataclasses import replace

import torch

from diffusionbook.experiments.common.canvases import arm
from diffusionbook.recipes.canvas_pixels import RECIPE

SEEDS = (0,)
STEPS = 20_000  # as many as cost what the longest training of the latent model does
LONG = replace(RECIPE, name="canvas-pixels, 90 minutes", steps=STEPS)
RECIPES = (LONG,)
TINY = {"MARKS": (0.5, 1.0), "SCALES": (2.0,), "SAMPLES": 90, "FEW": 90, "CANVASES": 200,
        "CanvasRecipe.sampler_steps": 2, "CanvasRecipe.canvases": 90, "STEPS": 2}


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """What :func:`~diffusionbook.experiments.common.canvases.arm` measures."""
    return arm(replace(LONG, seed=seed))
