"""What does a larger transformer gain in as many steps? Four widths, one depth."""

from dataclasses import replace

import torch

from diffusionbook.experiments.common.transformers import measured, transformer

SEEDS = (0, 1, 2)
STEPS = 600
SIZES = {width: transformer(STEPS, 2e-3, width=width) for width in (48, 80, 128, 192)}
RECIPES = tuple(SIZES.values())
TINY = {"STEPS": 2, "IMAGES": 20, "TIMES": (0.3,)}


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """Keys like ``width 48 error``: the mean squared error of v on held-out images."""
    numbers = {}
    for width, recipe in SIZES.items():
        found = measured(replace(recipe, seed=seed), {}, device)
        numbers |= {f"width {width} {key}": found[key] for key in ("error", "cpu seconds")}
    return numbers
