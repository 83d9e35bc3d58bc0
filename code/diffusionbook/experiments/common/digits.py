"""What the experiments on digits share: short training runs, errors on held-out images, samples."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from diffusionbook.data import mnist
from diffusionbook.data.mnist import SIZE
from diffusionbook.denoisers.model import Denoiser, NetDenoiser
from diffusionbook.machine.precision import Arithmetic, computing_in
from diffusionbook.prediction import coefficients
from diffusionbook.randomness import randn_like, seeded
from diffusionbook.recipes.mnist_unet import RECIPE, MnistUNet
from diffusionbook.samplers.named import parts, sample_many
from diffusionbook.shapes import Labels, Samples
from diffusionbook.zoo.by_recipe import trained
from diffusionbook.zoo.judge import FEATURES, JUDGE, Judge

STEPS = 600  # of a short run: about a hundred processor seconds
TIMES = (0.01, 0.03, 0.07, 0.15, 0.3, 0.45, 0.6, 0.75, 0.88, 0.95, 0.985)
IMAGES = 1_000
# On every machine the same, so that the numbers are of one kind. Training is in float32, which no
# processor is slow at: without units for it bfloat16 takes many times as long.
TRAINED_IN, DRAWN_IN = "float32", "bfloat16"
MEASURES = ("frechet", "kid", "precision", "recall", "coverage", "accuracy")


def short(param: str, seed: int = 0, steps: int = STEPS) -> MnistUNet:
    """The flagship's recipe, cut to a run of minutes, with another row of the table to predict."""
    return replace(RECIPE, name=f"mnist-unet, short, {param}", title="a short run",
                   param=param, steps=steps, batch=64, ema=0.99, seed=seed)


def train(
    recipe: MnistUNet,
    device: torch.device,
    change: Callable[[nn.Module], None] | None = None,
    loss: Callable[..., Tensor] | None = None,
) -> NetDenoiser:
    """The averaged model at the end of a recipe's training, on the CPU.

    Args:
        recipe: what to train.
        device: where.
        change: called with the network before training starts, to break it.
        loss: default: the recipe's.
    """
    model = recipe.model()
    if change is not None:
        change(model.net)
    return trained(recipe, model.to(device), recipe.data(None), loss,
                   arithmetic=TRAINED_IN).model.cpu()


@torch.no_grad()
def v_error(model: Denoiser, x0: Samples, t: float, seed: int) -> float:
    """The mean squared error of v per pixel on these images, without labels (:eq:`eq-v-error`).

    Whatever the model predicts is converted to v. On a path with alpha² + sigma² = 1 this is the
    error of x0 over sigma², and the error of eps over alpha².

    Args:
        model: any denoiser.
        x0: (n, *d) images.
        t: in (0, 1).
        seed: of the noise, which is the same for all models.
    """
    generator, total = seeded(seed), 0.0
    for part in parts(len(x0)):
        eps = randn_like(x0[part], generator)
        p, q = coefficients("v", model.path.at(t, eps))
        answer = model(model.path.interpolate(x0[part], eps, t), t)
        total += float((answer.v - p * x0[part] - q * eps).square().sum())
    return total / x0.numel()


def held_out(n: int = IMAGES, root: Path | None = None) -> tuple[Samples, Labels]:
    """The first n images of the test set, which no model has seen, and their labels."""
    test = mnist.real("test", root)
    return test.images[:n], test.labels[:n]


def judges() -> dict[str, Judge]:
    """Both classifiers, by the names that they have in results."""
    return {"features": Judge(FEATURES), "judge": Judge(JUDGE)}


def scores(
    seen_by: dict[str, Judge], images: Samples, labels: Labels, keys: Sequence[str] = MEASURES
) -> dict[tuple[str, str], float]:
    """What each judge says of samples: (name of the judge, key) → value."""
    return _named({name: judge.score(images, labels) for name, judge in seen_by.items()}, keys)


def real_scores(
    seen_by: dict[str, Judge], n: int, seed: int, keys: Sequence[str] = MEASURES
) -> dict[tuple[str, str], float]:
    """The same of ``n`` real images."""
    return _named({name: judge.score_real(n, seed) for name, judge in seen_by.items()}, keys)


def _named(
    found: dict[str, dict[str, float]], keys: Sequence[str]
) -> dict[tuple[str, str], float]:
    return {(name, key): values[key] for name, values in found.items() for key in keys}


def errors(
    model: Denoiser, x0: Samples, seed: int, times: Sequence[float] = TIMES
) -> dict[str, float]:
    """The error of v at each time; keys like ``error t=0.3``."""
    return {f"error t={t}": v_error(model, x0, t, seed) for t in times}


def draw_fast(
    model: Denoiser, labels: Labels, *, sampler: str, steps: int, seed: int,
    arithmetic: Arithmetic = DRAWN_IN,
) -> Samples:
    """Samples for these labels."""
    with computing_in(arithmetic, "cpu"):
        return sample_many(model, SIZE, len(labels), labels, sampler=sampler, steps=steps,
                           seed=seed)
