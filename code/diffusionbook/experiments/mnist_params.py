"""Which row of the prediction table should the network predict, and in which should it be scored?

All networks start from the same weights and see the same batches. Their errors are then given in
one unit, that of v. Three are trained with the plain squared error in their own row, so two things
differ between them: what they return, and how much each time weighs in the loss. Two more return x0
and v and are scored in the row of the other, which tells the two apart.
"""

from functools import partial

import torch

from diffusionbook.data.mnist import all_labels
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.experiments.common.digits import (
    TRAINED_IN,
    draw_fast,
    errors,
    held_out,
    short,
    train,
)
from diffusionbook.prediction import Prediction
from diffusionbook.shapes import Labels, Samples, Times
from diffusionbook.zoo.judge import FEATURES, Judge

SEEDS = (0, 1, 2)
ROWS = ("x0", "eps", "v")
TRAININGS = {
    **{row: (row, row) for row in ROWS},
    "x0 scored in v": ("x0", "v"),
    "v scored in x0": ("v", "x0"),
}
RECIPES = tuple(short(row) for row in ROWS)
SAMPLES = 1_000
LOOKS = 20
TINY = {"SAMPLES": 20, "LOOKS": 2, "STEPS": 2, "IMAGES": 20, "TIMES": (0.3,)}


class Clipped:
    """A denoiser whose guess of the image has no pixel beyond paper and ink."""

    def __init__(self, model: Denoiser) -> None:
        self.model, self.path = model, model.path

    def __call__(self, x_t: Samples, t: Times, y: Labels | None = None) -> Prediction:
        guess = self.model(x_t, t, y).x0.clamp(-1, 1)
        return Prediction(guess, "x0", x_t, torch.as_tensor(t), self.path)


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """All numbers of one training seed; keys like ``v error t=0.3`` and ``v frechet``.

    The error is the mean squared error of v per pixel on held-out images. ``frechet`` and
    ``accuracy`` are of samples with labels and without guidance, in the features of
    ``mnist-features``; ``clipped frechet`` and ``clipped accuracy`` of samples of the same network
    whose guesses are clipped to the range of pixels at each look.
    """
    judge, labels, (x0, _) = Judge(FEATURES), all_labels(SAMPLES), held_out()
    numbers = {}
    for name, (row, scored) in TRAININGS.items():
        recipe = short(row, seed)
        model = train(recipe, device, loss=partial(recipe.loss, loss_in=scored))
        found = errors(model, x0, seed)
        for how, drawn in {"": model, "clipped ": Clipped(model)}.items():
            samples = draw_fast(drawn, labels, sampler="dpmpp2m", steps=LOOKS, seed=seed,
                                arithmetic=TRAINED_IN)
            scores = judge.score(samples, labels)
            found |= {f"{how}{key}": scores[key] for key in ("frechet", "accuracy")}
        numbers |= {f"{name} {key}": value for key, value in found.items()}
    return numbers
