"""Digits whose noise is chosen by optimal transport: does the model still read its labels?

The flow of chapter 4, trained for less, on plans over 1 to 128 pairs that do not look at labels,
and on plans within each label. Judges read the samples.
"""

from dataclasses import replace

import torch
from torch import Tensor

from diffusionbook.data.mnist import all_labels
from diffusionbook.experiments.common.digits import draw_fast, judges, scores, train
from diffusionbook.losses import Coupling, denoising_loss
from diffusionbook.recipes.mnist_flow import RECIPE as FLOW
from diffusionbook.shapes import Labels
from diffusionbook.transport.optimal.couplings import cheapest, in_groups, within_labels

SEEDS = (0, 1, 2)
STEPS = 2_000
SIZES = (1, 8, 32, 128)  # pairs that a plan is over; the batch has 128
SHORT = replace(FLOW, name="mnist-flow, short", title="a short run", steps=STEPS, batch=128,
                ema=0.995)
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
    """Keys like ``plan 32 accuracy judge n=16`` and ``plan within frechet judge n=4``; n is the
    number of Euler's steps."""
    seen_by, labels, numbers = judges(), all_labels(SAMPLES), {}
    for size in (*SIZES, None):
        model = train(replace(SHORT, seed=seed), device, loss=loss_with(size))
        for n in EVALUATIONS:
            samples = draw_fast(model, labels, sampler="euler", steps=n, seed=seed)
            found = scores(seen_by, samples, labels, ("frechet", "accuracy"))
            name = "within" if size is None else size
            numbers |= {f"plan {name} {key} {judge} n={n}": value
                        for (judge, key), value in found.items()}
    return numbers
