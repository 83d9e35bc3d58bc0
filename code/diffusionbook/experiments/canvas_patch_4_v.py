"""Canvases from pixels in patches of 4 × 4 by a network that predicts the velocity and not x0: the
rival of :mod:`~diffusionbook.experiments.canvas_patch_4`, all else equal."""

from dataclasses import replace

import torch

from diffusionbook.experiments.common.canvases import arm
from diffusionbook.recipes.canvas_pixels import RECIPE

SEEDS = (0,)
VELOCITY = replace(RECIPE, name="canvas-pixels, velocity", param="velocity")
RECIPES = (VELOCITY,)
TINY = {"MARKS": (0.5, 1.0), "SCALES": (2.0,), "SAMPLES": 90, "FEW": 90, "CANVASES": 200,
        "CanvasRecipe.sampler_steps": 2,
        "CanvasPixels.steps": 2, "CanvasRecipe.canvases": 90}


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """What :func:`~diffusionbook.experiments.common.canvases.arm` measures."""
    return arm(replace(VELOCITY, seed=seed))
