"""How many looks at the network does a good sample take? Three samplers, 5 to 100 looks."""

import torch

from diffusionbook import zoo
from diffusionbook.data.mnist import all_labels
from diffusionbook.experiments.common.digits import draw_fast
from diffusionbook.recipes.mnist_unet import RECIPE
from diffusionbook.zoo.judge import FEATURES, Judge

SEEDS = (0, 1, 2)  # of the sampling noise
RECIPES = (RECIPE,)
LOOKS = {"ddpm": (5, 10, 20, 50, 100), "ddim": (5, 10, 20, 50), "dpmpp2m": (5, 10, 20, 50)}
SAMPLES = 1_000
TINY = {"LOOKS": {"ddpm": (2,), "ddim": (2,), "dpmpp2m": (2,)}, "SAMPLES": 20}


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """Keys like ``ddim frechet n=20`` and ``ddim accuracy n=20``; ``real frechet`` is the floor.

    Samples have labels and no guidance; all samplers start from the same noise.
    """
    model, judge, labels = zoo.load("mnist-unet"), Judge(FEATURES), all_labels(SAMPLES)
    numbers = {"real frechet": judge.score_real(SAMPLES, seed)["frechet"]}
    for sampler, counts in LOOKS.items():
        for n in counts:
            samples = draw_fast(model, labels, sampler=sampler, steps=n, seed=seed)
            scores = judge.score(samples, labels)
            for key in ("frechet", "accuracy"):
                numbers[f"{sampler} {key} n={n}"] = scores[key]
    return numbers
