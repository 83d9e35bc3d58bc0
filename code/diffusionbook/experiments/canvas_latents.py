"""Canvases from latents, at the training cost of the pixels: the autoencoder's is counted in."""

from dataclasses import replace

import torch

from diffusionbook import zoo
from diffusionbook.experiments.common.canvases import arm
from diffusionbook.recipes.canvas_latent import RECIPE

SEEDS = (0, 1, 2)
RECIPES = (RECIPE,)
TINY = {"MARKS": (0.5, 1.0), "SCALES": (2.0,), "SAMPLES": 90, "FEW": 90, "CANVASES": 200,
        "CanvasRecipe.sampler_steps": 2, "CanvasRecipe.canvases": 90, "CanvasLatent.steps": 2}


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """What :func:`~diffusionbook.experiments.common.canvases.arm` measures."""
    return arm(replace(RECIPE, seed=seed), zoo.load("canvas-vae"))
