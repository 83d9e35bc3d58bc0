"""A transformer on chapter 5's latents against chapter 5's U-Net, at equal time.

Both are trained on the same latents, told the same two digits, for as much processor time. A step
took 122 ms of the U-Net and 101 ms of the transformer: medians of 25, timed in turns in one process
on one thread, in bfloat16. Every seed is the whole procedure: as many trials of the rate for each,
a third as long, then the training at the rate that did best.
"""

from dataclasses import replace
from functools import cache

import torch
from torch import Tensor

from diffusionbook import zoo
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.experiments.common.canvases import Jury, drawn
from diffusionbook.experiments.common.latents import (
    error,
    held_out,
    look_flops,
    transformer,
    u_net,
)
from diffusionbook.machine.precision import fastest
from diffusionbook.zoo.by_recipe import trained
from diffusionbook.zoo.recipe import Recipe

SEEDS = (0, 1, 2)
RATES = (1e-3, 3e-3)
STEPS = {"unet": 1_500, "transformer": 1_800}
SHARE = 3  # a trial is one part in so many of a training
SAMPLES = 1_000
NETS = {"unet": u_net, "transformer": transformer}
RECIPES = tuple(make(STEPS[name], RATES[0]) for name, make in NETS.items())
TINY = {"STEPS": {"unet": 3, "transformer": 3}, "SAMPLES": 90, "IMAGES": 90, "TIMES": (0.3,),
        "CANVASES": 200, "CanvasRecipe.sampler_steps": 2, "CanvasRecipe.canvases": 90}


@cache
def posteriors() -> tuple[Tensor, ...]:
    """What both are trained on, for all seeds: the data of chapter 5's recipe."""
    return RECIPES[0].data(None)


def train(recipe: Recipe, device: torch.device) -> tuple[Denoiser, float]:
    """The averaged model on the CPU, and the processor seconds of its training, in the arithmetic
    that is faster on this machine."""
    model, records = trained(recipe, recipe.model().to(device), posteriors(),
                             arithmetic=fastest(device))
    return model.cpu(), records[-1].cpu_seconds


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """Keys like ``unet lr=0.001 error`` of a trial; ``unet rate``, ``unet error``, ``unet cpu
    seconds``, ``unet flops`` of a look in millions; of samples, ``unet w=1 both judge`` and ``unet
    w=3 frechet_debiased features``; ``bfloat16``, 1 where that was the faster."""
    autoencoder, jury = zoo.load("canvas-vae"), Jury()
    z0, shown = held_out(autoencoder, seed)
    numbers = {"bfloat16": float(fastest(device) == "bfloat16")}
    for name, make in NETS.items():
        tried = {}
        for rate in RATES:
            trial = replace(make(STEPS[name] // SHARE, rate), seed=seed)
            model, _ = train(trial, device)
            tried[rate] = numbers[f"{name} lr={rate:g} error"] = error(model, z0, shown, seed)
        numbers[f"{name} rate"] = best = min(tried, key=tried.get)
        recipe = replace(make(STEPS[name], best), seed=seed)
        model, numbers[f"{name} cpu seconds"] = train(recipe, device)
        numbers[f"{name} error"] = error(model, z0, shown, seed)
        numbers[f"{name} flops"] = look_flops(recipe)
        for scale in (1.0, recipe.guidance):
            images = drawn(model, recipe, jury.asked(SAMPLES), scale, seed + 1, autoencoder)
            numbers |= {f"{name} w={scale:g} {key}": value
                        for key, value in jury.scores(images).items()}
    return numbers
