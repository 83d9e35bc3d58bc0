"""Digits whose noise is chosen by optimal transport: does the model still read its labels?

The flow of chapter 4, trained for less, on plans over 1 to 64 pairs that do not look at labels,
and on plans within each label. Judges read the samples.
"""

from dataclasses import replace

import torch
from torch import Tensor

from diffusionbook.data.mnist import all_labels
from diffusionbook.experiments.common.digits import draw_fast, judges, scores
from diffusionbook.losses import Coupling, denoising_loss
from diffusionbook.machine.precision import fastest
from diffusionbook.recipes.mnist_flow import RECIPE as FLOW
from diffusionbook.shapes import Labels
from diffusionbook.transport.optimal.couplings import cheapest, in_groups, within_labels
from diffusionbook.zoo.by_recipe import trained

SEEDS = (0, 1, 2)
STEPS = 600
SIZES = (1, 4, 16, 64)  # pairs that a plan is over; the batch has 64
SHORT = replace(FLOW, name="mnist-flow, short", title="a short run", steps=STEPS, batch=64,
                lr=4e-3, ema=0.99)
RECIPES = (SHORT,)
EVALUATIONS = (2, 4, 16)
SAMPLES = 1_000
TINY = {"SIZES": (1, 4), "STEPS": 2, "EVALUATIONS": (2,), "SAMPLES": 20}


def paired(size: int | None, labels: Labels) -> Coupling:
    """The plan over groups of ``size``; None: over the samples of each label."""
    return within_labels(cheapest, labels) if size is None else in_groups(cheapest, size)


def loss_with(size: int | None):
    """The recipe's loss, labels hidden now and then, with a plan that sees all or none of them."""

    def loss(model, x0: Tensor, y: Labels, *, generator: torch.Generator) -> Tensor:
        hidden = torch.rand(y.shape, generator=generator, device=y.device) < SHORT.label_dropout
        return denoising_loss(model, x0, torch.where(hidden, -1, y), coupling=paired(size, y),
                              generator=generator)

    return loss


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """Keys like ``plan 16 accuracy judge n=16`` and ``plan within frechet judge n=4``, n being the
    number of Euler's steps; ``plan 64 cpu seconds`` of training, plans included."""
    seen_by, labels, numbers = judges(), all_labels(SAMPLES), {}
    recipe = replace(SHORT, seed=seed)
    for size in (*SIZES, None):
        name = "within" if size is None else size
        model, records = trained(recipe, recipe.model().to(device), recipe.data(None),
                                 loss_with(size), arithmetic=fastest(device))
        numbers[f"plan {name} cpu seconds"] = records[-1].cpu_seconds
        for n in EVALUATIONS:
            samples = draw_fast(model.cpu(), labels, sampler="euler", steps=n, seed=seed)
            found = scores(seen_by, samples, labels, ("frechet", "accuracy"))
            numbers |= {f"plan {name} {key} {judge} n={n}": value
                        for (judge, key), value in found.items()}
    return numbers
