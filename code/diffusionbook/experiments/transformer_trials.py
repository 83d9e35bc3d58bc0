"""Which learning rate does each network get? As many trials for the one as for the other."""

from dataclasses import replace

import torch

from diffusionbook.experiments.common.transformers import measured, transformer, u_net

SEEDS = (0,)
RATES = (1e-3, 2e-3, 4e-3)
STEPS = 600
NETS = {"unet": u_net, "transformer": transformer}
RECIPES = tuple(make(STEPS, RATES[0]) for make in NETS.values())
TINY = {"STEPS": 2, "RATES": (1e-3,), "IMAGES": 20, "TIMES": (0.3,)}


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """Keys like ``unet lr=0.002 error``: the mean squared error of v on held-out images."""
    numbers = {}
    for name, make in NETS.items():
        for rate in RATES:
            found = measured(replace(make(STEPS, rate), seed=seed), {}, device)
            numbers[f"{name} lr={rate:g} error"] = found["error"]
    return numbers
