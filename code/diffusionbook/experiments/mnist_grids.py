"""What a multistep solver owes to its times: DDIM and DPM-Solver++ on one grid and on the other."""

from collections.abc import Callable

import torch
from torch import Tensor

from diffusionbook import zoo
from diffusionbook.data.mnist import SIZE, all_labels
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.experiments.common.digits import judges, real_scores, scores
from diffusionbook.machine.precision import computing_in
from diffusionbook.paths.gaussian import GaussianPath
from diffusionbook.samplers import grids
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.named import SAMPLERS, parts, starting_noise
from diffusionbook.shapes import Labels, Samples

SEEDS = (0, 1, 2)  # of the sampling noise
MODELS = ("mnist-unet", "mnist-unet-quick", "mnist-flow")
RECIPES = tuple(zoo.find(name) for name in MODELS)
SOLVERS = ("ddim", "dpmpp2m")
GRIDS: dict[str, Callable[[int, GaussianPath], Tensor]] = {
    "t": lambda n, path: grids.uniform(n),
    "log-SNR": grids.uniform_log_snr,
}
LOOKS = (4, 8)
SAMPLES = 1_000
TINY = {"LOOKS": (2,), "SAMPLES": 20}


@torch.no_grad()
def draw_fast(model: Denoiser, labels: Labels, *, solver: str, grid: Tensor, seed: int) -> Samples:
    """(n, 1, 28, 28) samples on this grid, from the noise that every sampler starts from."""
    noise = starting_noise(len(labels), SIZE, seed)
    with computing_in("bfloat16", "cpu"):
        return torch.cat([sample(SAMPLERS[solver], model, noise[p], grid, y=labels[p])
                          for p in parts(len(labels))])


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """Keys like ``mnist-unet ddim t frechet judge n=4``: equal steps of t, four of them.

    Samples have labels and no guidance; all start from the same noise.
    """
    seen_by, labels = judges(), all_labels(SAMPLES)
    real = real_scores(seen_by, SAMPLES, seed, ("frechet",))
    numbers = {f"real {key} {judge}": value for (judge, key), value in real.items()}
    for name in MODELS:
        model = zoo.load(name)
        for solver in SOLVERS:
            for spacing, times in GRIDS.items():
                for n in LOOKS:
                    samples = draw_fast(
                        model, labels, solver=solver, grid=times(n, model.path), seed=seed)
                    found = scores(seen_by, samples, labels, ("frechet",))
                    numbers |= {f"{name} {solver} {spacing} {key} {judge} n={n}": value
                                for (judge, key), value in found.items()}
    return numbers
