"""Damaged test digits, restored by four methods: do the samples fit what was seen, can they be
read, and are they as uncertain as they should be?"""

import torch
from torch import Tensor

from diffusionbook import zoo
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.experiments.common.digits import held_out
from diffusionbook.experiments.common.restoring import (
    METHODS,
    damaged,
    likeliest,
    measures,
    operators,
    restored,
)
from diffusionbook.guidance.operators import Operator
from diffusionbook.recipes.mnist_unet import RECIPE
from diffusionbook.samplers.ancestral import DDIM
from diffusionbook.samplers.loop import Stepper
from diffusionbook.zoo.judge import JUDGE, Judge

SEEDS = (0,)  # of the sampling noise and of the observations'
RECIPES = (RECIPE,)
DIGITS = 60  # of the test set
EACH = 4  # samples for each of them
BEST = (3, 100)  # of as many samples without guidance; 3 cost about what one of DPS does
TINY = {"DIGITS": 4, "EACH": 2, "LOOKS": 3, "BEST": (2,)}


def unaware(model: Denoiser, operator: Operator, observed: Tensor) -> tuple[Stepper, Denoiser]:
    """The model itself, which knows of no observation."""
    return DDIM(1.0), model


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """Keys like ``half DPS misfit``, ``means best of 3 read``, ``blur original read``."""
    model, judge = zoo.load("mnist-unet"), Judge(JUDGE)
    images, labels = held_out(DIGITS)
    numbers, kinds = {}, operators()
    pool = restored(model, kinds["half"], damaged(kinds["half"], images[:1], seed), unaware,
                    each=EACH * max(BEST), seed=seed + 2)[0]
    for name, operator in kinds.items():
        observed = damaged(operator, images, seed)
        found = {method: restored(model, operator, observed, restore, each=EACH, seed=seed)
                 for method, restore in METHODS.items()}
        found |= {f"best of {best}": likeliest(pool, operator, observed, best, EACH)
                  for best in BEST}
        for method, samples in found.items():
            measured = measures(samples, operator, observed, images, labels, judge)
            numbers |= {f"{name} {method} {key}": value for key, value in measured.items()}
    return numbers
