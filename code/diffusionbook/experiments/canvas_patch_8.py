"""Canvases from pixels in patches of 8 × 8: the latent model's network at its cost a look, on a
fold that nobody learned."""

from dataclasses import replace

import torch

from diffusionbook.experiments.common.canvases import arm
from diffusionbook.recipes.canvas_pixels import RECIPE

SEEDS = (0, 1)
CHANNELS = (48, 96)  # the latent model's
STEPS = 15_400  # as many as cost what those of patch 4 do
PATCH_8 = replace(RECIPE, name="canvas-pixels, patch 8", channels=CHANNELS, patch=8, steps=STEPS)
RECIPES = (PATCH_8,)
TINY = {"MARKS": (0.5, 1.0), "SCALES": (2.0,), "SAMPLES": 90, "FEW": 90, "CANVASES": 200,
        "CanvasRecipe.sampler_steps": 2,
        "CanvasRecipe.canvases": 90, "STEPS": 2}


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """What :func:`~diffusionbook.experiments.common.canvases.arm` measures."""
    return arm(replace(PATCH_8, seed=seed))
