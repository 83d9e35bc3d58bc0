"""When does a classifier that steers stop measuring digits? Its own reward beside an independent
judge, over the strength of steering, with what helps."""

import math

import torch
from torch import Tensor

from diffusionbook import zoo
from diffusionbook.data.mnist import all_labels
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.experiments.common.digits import judges
from diffusionbook.experiments.common.steering import Guide, log_probs, steered, verdicts
from diffusionbook.experiments.mnist_guidance_variants import log_prob_of
from diffusionbook.guidance.classifier import classifier_guidance
from diffusionbook.guidance.rewards import ClassifierReward
from diffusionbook.guidance.steering import steer
from diffusionbook.recipes import mnist_noisy_classifier
from diffusionbook.recipes.mnist_unet import RECIPE
from diffusionbook.shapes import Labels, Samples
from diffusionbook.zoo.judge import Judge

SEEDS = (0,)  # of the sampling noise
RECIPES = (RECIPE, mnist_noisy_classifier.RECIPE)
SAMPLES = 500
SCALES = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
HELD = 100.0  # the scale at which what may help is tried
BUDGETS = (2.3, 6.0, 20.0)  # nats; the label itself takes log 10
UNTIL = (0.5, 0.25)  # steering ends at this t
NOISY = (1.0, 3.0)  # scales of the classifier of noisy digits
BEST = (3, 8)  # of as many; 3 cost about what steering one does
NEAR = 0.02  # the time at which the noisy classifier is asked about a guess without noise
TINY = {"SAMPLES": 20, "LOOKS": 3, "SCALES": (1.0,), "BUDGETS": (2.3,), "UNTIL": (0.5,),
        "NOISY": (1.0,), "BEST": (2,)}


def by_features(seen_by: dict[str, Judge], scale: float) -> Guide:
    """Steering by the classifier of clean digits, on the model's guess."""
    net = seen_by["features"].classifier

    def guide(model: Denoiser, labels: Labels) -> Denoiser:
        return steer(model, ClassifierReward(net, labels), scale)

    return guide


def by_two(seen_by: dict[str, Judge], scale: float) -> Guide:
    """The mean of two classifiers' log-probabilities: the second was trained on noisy digits."""
    net, noisy = seen_by["features"].classifier, zoo.load("mnist-noisy-classifier")

    def almost_clean(x: Samples) -> Tensor:
        return noisy(x, x.new_full((len(x),), NEAR))

    def guide(model: Denoiser, labels: Labels) -> Denoiser:
        one, other = ClassifierReward(net, labels), ClassifierReward(almost_clean, labels)
        return steer(model, lambda x: (one(x) + other(x)) / 2, scale)

    return guide


def by_noisy(scale: float) -> Guide:
    """Chapter 3's way: the classifier is asked about the noisy digit, not about the guess."""
    log_prob = log_prob_of(zoo.load("mnist-noisy-classifier"))

    def guide(model: Denoiser, labels: Labels) -> Denoiser:
        return classifier_guidance(model, log_prob, scale)

    return guide


def unguided(model: Denoiser, labels: Labels) -> Denoiser:
    """The model itself."""
    return model


def best_of(n: int, pool: Tensor, labels: Labels, judge: Judge) -> Samples:
    """For each label the one of n samples that the judge finds it in most surely.

    Args:
        n: how many to choose from.
        pool: (m, 1, 28, 28) samples, of which each label takes n of its own.
        labels: (b,), 0 … 9.
        judge: who chooses.
    """
    rows = torch.arange(len(labels))[:, None] * n + torch.arange(n)
    said = log_probs(judge, pool[rows.flatten()], labels.repeat_interleave(n))[1]
    return pool[rows[torch.arange(len(labels)), said.reshape(rows.shape).argmax(1)]]


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """Keys like ``scale=3 accuracy judge``, ``budget=6 nats``, ``best=8 frechet judge``.

    All trajectories start from the same noise. Labels are 0 … 9 in turn, and the model is told none
    of them. ``nats`` is the mean price of a sample, see
    :class:`~diffusionbook.experiments.common.steering.Spending`; the best of n take
    log n - (n - 1) / n.
    """
    model, labels, seen_by = zoo.load("mnist-unet"), all_labels(SAMPLES), judges()
    numbers = {f"real frechet {name}": float(found["frechet"] - found["frechet_floor"])
               for name, judge in seen_by.items() for found in [judge.score_real(SAMPLES, seed)]}
    arms = [(f"scale={s:g}", by_features(seen_by, s), {}) for s in SCALES]
    arms += [(f"noisy={s:g}", by_noisy(s), {}) for s in NOISY]
    arms += [(f"two={HELD:g}", by_two(seen_by, HELD), {})]
    arms += [(f"budget={b:g}", by_features(seen_by, HELD), {"budget": b}) for b in BUDGETS]
    arms += [(f"until={t:g}", by_features(seen_by, HELD), {"until": t}) for t in UNTIL]
    for name, guide, options in arms:
        images, nats = steered(model, labels, guide, seed=seed, **options)
        numbers |= {f"{name} {key}": value
                    for key, value in verdicts(seen_by, images, labels).items()}
        numbers[f"{name} nats"] = float(nats.double().mean())
    pool, _ = steered(model, all_labels(SAMPLES * max(BEST)), unguided, seed=seed)
    plain = verdicts(seen_by, pool[:SAMPLES], labels, balanced=False)
    numbers |= {f"plain {key}": value for key, value in plain.items()}
    for n in BEST:
        images = best_of(n, pool, labels, seen_by["features"])
        numbers |= {f"best={n} {key}": value
                    for key, value in verdicts(seen_by, images, labels).items()}
        numbers[f"best={n} nats"] = math.log(n) - (n - 1) / n
    return numbers
