"""Digits whose noise is chosen by optimal transport: does the model still read its labels?

Each of the 60,000 images is given a noise, by plans over 1 to 1,024 of them that do not look at
labels, or by plans within the labels of 1,024. The flow of chapter 4, as it is shipped, is trained
on with these pairs. It sees few of them twice, so a plan may be over more images than a batch has.
Judges read the samples.
"""

import time
from copy import deepcopy
from dataclasses import replace

import torch
from torch import Tensor

from diffusionbook import zoo
from diffusionbook.data.mnist import all_labels
from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.experiments.common.digits import draw_fast, judges, scores
from diffusionbook.losses import denoising_loss
from diffusionbook.machine.precision import fastest
from diffusionbook.randomness import randn_like, seeded
from diffusionbook.recipes.mnist_flow import RECIPE as FLOW
from diffusionbook.shapes import Labels, Samples
from diffusionbook.transport.optimal.couplings import cheapest, in_groups, within_labels
from diffusionbook.zoo.by_recipe import trained

SEEDS = (0, 1, 2)
STEPS = 400
SIZES = (1, 16, 128, 1_024)  # images that a plan is over
WITHIN = 1_024  # images, of all labels, among which plans within labels are made
SHORT = replace(FLOW, name="mnist-flow, trained on", title="the shipped flow, trained on",
                steps=STEPS, batch=64, lr=1e-3, ema=0.99)
RECIPES = (SHORT,)
EVALUATIONS = (2, 4, 16)
SAMPLES = 1_000
IMAGES = 60_000
TINY = {"SIZES": (1, 4), "WITHIN": 20, "STEPS": 2, "EVALUATIONS": (2,), "SAMPLES": 20,
        "IMAGES": 40}


def noise_for(x0: Samples, y: Labels, size: int | None, seed: int) -> Samples:
    """A noise for each image: by plans over ``size`` of them, or within labels for None."""
    eps = randn_like(x0, seeded(seed))
    if size == 1:
        return eps
    if size is None:
        groups = zip(x0.split(WITHIN), y.split(WITHIN), eps.split(WITHIN), strict=True)
        return torch.cat([within_labels(cheapest, labels)(images, noise)[1]
                          for images, labels, noise in groups])
    return in_groups(cheapest, size)(x0, eps)[1]


def loss(model, x0: Tensor, y: Labels, eps: Tensor, *, generator: torch.Generator) -> Tensor:
    """The recipe's loss, labels hidden now and then, with the noise that each image was given."""
    hidden = torch.rand(y.shape, generator=generator, device=y.device) < SHORT.label_dropout
    return denoising_loss(model, x0, torch.where(hidden, -1, y),
                          coupling=lambda x0, _: (x0, eps), generator=generator)


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """Keys like ``plan 16 accuracy judge n=16`` and ``plan within frechet judge n=4``, n being the
    number of Euler's steps, and ``shipped accuracy judge n=16`` before all; ``plan 16 length`` is
    the mean squared distance of the pairs, ``plan 16 plan seconds`` what the plans took."""
    seen_by, labels = judges(), all_labels(SAMPLES)
    recipe, flow = replace(SHORT, seed=seed), zoo.load("mnist-flow")
    x0, y = (part[:IMAGES] for part in recipe.data(None))

    def judged(name: str, model: NetDenoiser) -> dict[str, float]:
        found = {}
        for n in EVALUATIONS:
            samples = draw_fast(model, labels, sampler="euler", steps=n, seed=seed)
            found |= {f"{name} {key} {judge} n={n}": value for (judge, key), value in
                      scores(seen_by, samples, labels, ("frechet", "accuracy")).items()}
        return found

    numbers = judged("shipped", flow)
    for size in (*SIZES, None):
        name, began = f"plan {'within' if size is None else size}", time.process_time()
        eps = noise_for(x0, y, size, seed)
        numbers |= {f"{name} plan seconds": time.process_time() - began,
                    f"{name} length": float((x0 - eps).square().flatten(1).sum(1).mean())}
        model = deepcopy(flow).requires_grad_(True).to(device)
        model = trained(recipe, model, (x0, y, eps), loss, arithmetic=fastest(device)).model
        numbers |= judged(name, model.cpu())
    return numbers
