"""Which row of the prediction table should the network predict? x0, eps and v, trained alike.

Each network is trained with the plain squared error in its own row, from the same weights on the
same batches. The errors of all are then given in one unit, that of v.
"""

import torch

from diffusionbook.data.mnist import all_labels
from diffusionbook.experiments.common.digits import draw_fast, errors, held_out, short, train
from diffusionbook.zoo.judge import FEATURES, Judge

SEEDS = (0, 1, 2)
ROWS = ("x0", "eps", "v")
RECIPES = tuple(short(row) for row in ROWS)
SAMPLES = 1_000
LOOKS = 20
TINY = {"SAMPLES": 20, "LOOKS": 2, "STEPS": 2, "IMAGES": 20, "TIMES": (0.3,)}


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """All numbers of one training seed; keys like ``v error t=0.3`` and ``v frechet``.

    The error is the mean squared error of v per pixel on held-out images. ``frechet`` and
    ``accuracy`` are of samples with labels and without guidance, in the features of
    ``mnist-features``.
    """
    judge, labels, (x0, _) = Judge(FEATURES), all_labels(SAMPLES), held_out()
    numbers = {}
    for row in ROWS:
        model = train(short(row, seed), device)
        found = errors(model, x0, seed)
        samples = draw_fast(model, labels, sampler="dpmpp2m", steps=LOOKS, seed=seed)
        scores = judge.score(samples, labels)
        found |= {key: scores[key] for key in ("frechet", "accuracy")}
        numbers |= {f"{row} {key}": value for key, value in found.items()}
    return numbers
