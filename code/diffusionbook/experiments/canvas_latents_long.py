"""Canvases from latents once more, with three times the training: 90 processor-minutes in all."""

from dataclasses import replace

import torch

from diffusionbook import zoo
from diffusionbook.experiments.common.canvases import arm
from diffusionbook.recipes.canvas_latent import RECIPE

SEEDS = (0,)
STEPS = 32_000  # as many as cost 77 minutes beside the autoencoder's 13
LONG = replace(RECIPE, name="canvas-latent, 90 minutes", steps=STEPS)
RECIPES = (LONG,)
TINY = {"MARKS": (0.5, 1.0), "SCALES": (2.0,), "SAMPLES": 90, "FEW": 90, "CANVASES": 200,
        "CanvasRecipe.sampler_steps": 2, "CanvasRecipe.canvases": 90, "STEPS": 2}


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """What :func:`~diffusionbook.experiments.common.canvases.arm` measures."""
    return arm(replace(LONG, seed=seed), zoo.load("canvas-vae"))
