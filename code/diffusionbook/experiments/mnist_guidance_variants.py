"""Other ways to guide the digits, beside plain guidance and none: what does each trade?"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from diffusionbook import zoo
from diffusionbook.data.mnist import all_labels
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.experiments.common.digits import draw_fast, judges, scores
from diffusionbook.guidance import (
    Projected,
    Rescaled,
    autoguidance,
    cfg,
    classifier_guidance,
    interval,
)
from diffusionbook.recipes import mnist_noisy_classifier, mnist_unet_weak
from diffusionbook.recipes.mnist_unet import RECIPE
from diffusionbook.shapes import Labels, Samples, Times, as_time

SEEDS = (0, 1, 2)  # of the sampling noise
RECIPES = (RECIPE, mnist_unet_weak.RECIPE, mnist_noisy_classifier.RECIPE)
SAMPLES = 1_000
TINY = {"SAMPLES": 20, "MnistUNet.sampler_steps": 2}


def log_prob_of(classifier: nn.Module) -> Callable[[Samples, Times, Labels], Tensor]:
    """(x_t, t, y) → (b,), the log-probability that a classifier of noisy digits gives y."""

    def log_prob(x_t: Samples, t: Times, y: Labels) -> Tensor:
        time = as_time(t).to(x_t).expand(len(x_t))
        return classifier(x_t, time).float().log_softmax(1).gather(1, y[:, None])[:, 0]

    return log_prob


def variants(
    model: Denoiser, weak: Denoiser, log_prob: Callable[[Samples, Times, Labels], Tensor]
) -> dict[str, Denoiser]:
    """Guided models by name, as the chapter's table has them."""
    return {
        "none": cfg(model, 1.0),
        "w = 1.75": cfg(model, 1.75),
        "interval, w = 1.75": cfg(model, interval(1.75, 0.1, 0.8)),
        "interval, w = 3": cfg(model, interval(3.0, 0.1, 0.7)),
        "w = 3": cfg(model, 3.0),
        "rescaled, w = 3": cfg(model, 3.0, combine=Rescaled(0.7)),
        "projected, w = 3": cfg(model, 3.0, combine=Projected()),
        "autoguidance, w = 1.5": autoguidance(model, weak, 1.5),
        "autoguidance, w = 2": autoguidance(model, weak, 2.0),
        "classifier, s = 1": classifier_guidance(model, log_prob, 1.0),
        "classifier, s = 3": classifier_guidance(model, log_prob, 3.0),
    }


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """Keys like ``judge frechet w = 3``; same noise, labels and classifiers as mnist-guidance."""
    seen_by, labels, numbers = judges(), all_labels(SAMPLES), {}
    log_prob = log_prob_of(zoo.load("mnist-noisy-classifier"))
    guided = variants(zoo.load("mnist-unet"), zoo.load("mnist-unet-weak"), log_prob)
    for variant, model in guided.items():
        samples = draw_fast(model, labels, sampler=RECIPE.sampler,
                            steps=RECIPE.sampler_steps, seed=seed)
        numbers |= {f"{judge} {key} {variant}": value
                    for (judge, key), value in scores(seen_by, samples, labels).items()}
    return numbers
