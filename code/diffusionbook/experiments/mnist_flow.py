"""Flow and diffusion at equal training steps: digits against evaluations, with three samplers.

Both models are one network, trained for the same number of steps on the same data; they differ in
the path and in the row that is predicted. No guidance.
"""

import torch

from diffusionbook import zoo
from diffusionbook.data.mnist import all_labels
from diffusionbook.experiments.common.digits import draw_fast, judges, real_scores, scores

SEEDS = (0, 1, 2)  # of the sampling noise
MODELS = {"flow": "mnist-flow", "diffusion": "mnist-unet-quick"}
RECIPES = tuple(zoo.find(name) for name in MODELS.values())
EVALUATIONS = (4, 8, 16, 32)
COST = {"euler": 1, "heun": 2, "dpmpp2m": 1}  # evaluations of one step
SAMPLES = 1_000
TINY = {"EVALUATIONS": (2,), "SAMPLES": 20}


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """Keys like ``flow heun frechet judge n=8``, where n is the number of evaluations, and
    ``real frechet judge``, the floor. Heun's last step takes one evaluation, so it uses n - 1."""
    seen_by, labels = judges(), all_labels(SAMPLES)
    real = real_scores(seen_by, SAMPLES, seed, ("frechet",))
    numbers = {f"real {key} {judge}": value for (judge, key), value in real.items()}
    for kind, name in MODELS.items():
        model = zoo.load(name)
        for sampler, cost in COST.items():
            for n in EVALUATIONS:
                samples = draw_fast(
                    model, labels, sampler=sampler, steps=n // cost, seed=seed)
                found = scores(seen_by, samples, labels, ("frechet", "accuracy"))
                numbers |= {f"{kind} {sampler} {key} {judge} n={n}": value
                            for (judge, key), value in found.items()}
    return numbers
