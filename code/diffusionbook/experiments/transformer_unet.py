"""A transformer against a U-Net: at equal arithmetic, at equal time, and with other patches.

The U-Net makes 600 steps. A transformer with patches of 4 is trained twice: for as much
arithmetic, counted, and for as much processor time, by the ratio that ``transformer-costs``
measures. Patches of 2 and of 7 are trained for as much time. The rate, 0.004, did best for both
networks in ``transformer-trials``; patches of 2 and of 7 take it over.
"""

from dataclasses import replace

import torch

from diffusionbook.experiments.common.digits import judges
from diffusionbook.experiments.common.transformers import measured, transformer, u_net

SEEDS = (0, 1, 2)
STEPS = {"unet": 600, "same arithmetic": 1_025, "same time": 717, "same time, patch 2": 148,
         "same time, patch 7": 1_934}
ARMS = {
    "unet": u_net(STEPS["unet"], 4e-3),
    "same arithmetic": transformer(STEPS["same arithmetic"], 4e-3),
    "same time": transformer(STEPS["same time"], 4e-3),
    "same time, patch 2": transformer(STEPS["same time, patch 2"], 4e-3, patch=2),
    "same time, patch 7": transformer(STEPS["same time, patch 7"], 4e-3, patch=7),
}
RECIPES = tuple(ARMS.values())
TINY = {"SAMPLES": 20, "LOOKS": 2, "IMAGES": 20, "TIMES": (0.3,),
        "STEPS": {"unet": 2, "same arithmetic": 2, "same time": 2, "same time, patch 2": 2,
                  "same time, patch 7": 2}}


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """Keys like ``same time frechet judge``, ``unet error``, ``unet cpu seconds``."""
    seen_by, numbers = judges(), {}
    for name, recipe in ARMS.items():
        found = measured(replace(recipe, seed=seed), seen_by, device)
        numbers |= {f"{name} {key}": value for key, value in found.items()}
    return numbers
