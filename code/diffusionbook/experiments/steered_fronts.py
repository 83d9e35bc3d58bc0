"""Slant against ink on digits, and both against thin strokes: how far towards more of all do five
ways of steering come, and can the digits be read by a judge that took no part?"""

from collections.abc import Callable

import torch
from torch import Tensor

from diffusionbook import zoo
from diffusionbook.data import mnist
from diffusionbook.data.mnist import SIZE
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.experiments.common.clouds import Metered
from diffusionbook.experiments.common.fronts import ink, slant, thinness
from diffusionbook.pareto.dominance import non_dominated
from diffusionbook.pareto.hypervolume import hypervolume
from diffusionbook.pareto.preferences import even_preferences
from diffusionbook.pareto.scalarise import Tchebycheff, weighted_sum
from diffusionbook.pareto.steering import (
    Balancing,
    Objective,
    Projecting,
    steer_by_rule,
    steer_by_sum,
)
from diffusionbook.randomness import seeded
from diffusionbook.recipes.mnist_unet import RECIPE
from diffusionbook.samplers import grids
from diffusionbook.samplers.ancestral import DDIM
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.named import starting_noise
from diffusionbook.shapes import Samples

SEEDS = (0, 1)  # of the sampling noise
RECIPES = (RECIPE,)
REWARDS = {"slant": slant, "ink": ink, "thinness": thinness}
# about one standard deviation over the training digits, and their means: the reference point
UNITS = {"slant": 0.28, "ink": 34.0, "thinness": 0.61}
MIDDLES = {"slant": 0.11, "ink": 102.0, "thinness": -2.43}
IDEAL = -8.0  # units beyond the mean, in cost: farther than the best digits of each reward
SCALE = 6.0  # nats for a unit
SURE = 0.9  # probability above which the judge can read a digit
PARTS = {2: 10, 3: 4}  # of preferences over as many rewards: eleven and fifteen of them
EACH = 5  # digits for each
LOOKS = 20
START = 0.995
BEST = 3
FRESH = 200  # draws of as many training digits, for what they reach by chance
TINY = {"EACH": 1, "PARTS": {2: 2, 3: 1}, "LOOKS": 3, "FRESH": 3}

Wrap = Callable[[Denoiser, Tensor], Denoiser]


def objectives(m: int = 2) -> list[Objective]:
    """More slant to the right, more ink and, if they are three, thinner strokes; in their units."""
    return [Objective(name, REWARDS[name], unit=UNITS[name]) for name in list(REWARDS)[:m]]


def costs(x: Samples, m: int = 2) -> Tensor:
    """(n, m) float64: how many units of each reward a digit is below the mean digit."""
    with torch.no_grad():
        return torch.stack([(MIDDLES[one.name] - one.of(x)) / one.unit
                            for one in objectives(m)], 1).double()


WAYS: dict[str, Wrap] = {
    "sum": lambda model, w: steer_by_sum(model, _wanted(w), w, weighted_sum, SCALE),
    "tchebycheff": lambda model, w: steer_by_sum(
        model, _wanted(w), w, Tchebycheff(_ideal(w), 0.1), SCALE),
    "pcgrad": lambda model, w: steer_by_rule(model, _wanted(w), w, Projecting(), SCALE),
    "mgda": lambda model, w: steer_by_rule(model, _wanted(w), w, Balancing(), SCALE),
    "plain": lambda model, w: model,
}


def _wanted(preferences: Tensor) -> list[Objective]:
    return objectives(preferences.shape[1])


def _ideal(preferences: Tensor) -> Tensor:
    """In the costs that steering sees, which have no middle."""
    return torch.tensor([IDEAL - MIDDLES[one.name] / one.unit for one in _wanted(preferences)])


@torch.no_grad()
def steered(way: str, preferences: Tensor, seed: int) -> tuple[Samples, Metered]:
    """(n, 1, 28, 28): one digit for each row of (n, m) preferences, and the meter of the model."""
    model = Metered(zoo.load("mnist-unet"))
    noise, generator = starting_noise(len(preferences), SIZE, seed), seeded(seed + 1)
    grid, drawn = grids.uniform(LOOKS, t_max=START), []
    for part, w in zip(noise.split(55), preferences.split(55), strict=True):
        drawn.append(sample(DDIM(1.0), WAYS[way](model, w), part, grid, generator=generator))
    return torch.cat(drawn), model


def best_of(pool: Samples, preferences: Tensor) -> Tensor:
    """For each preference the one of its BEST samples, which lie len(preferences) apart, with the
    least weighted cost."""
    asked = preferences.repeat(len(pool) // len(preferences), 1)
    lost = weighted_sum(costs(pool, asked.shape[1]), asked)
    chosen = lost.reshape(-1, len(preferences)).argmin(0)
    return pool[chosen * len(preferences) + torch.arange(len(preferences))]


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """All numbers of one seed: :func:`front` for two rewards, and for three with ``three`` before
    each key."""
    return front(2, seed) | {f"three {key}": value for key, value in front(3, seed).items()}


def front(m: int, seed: int) -> dict[str, float]:
    """What all ways reach with the first m rewards.

    ``sum volume`` is the volume up to the mean digit in units to the power of m; ``sum legible
    volume`` that of the digits that can be read; ``legible`` their share; ``sum 0.3 slant`` and
    ``ink`` are means in units above the mean digit for a preference, given by its first m - 1
    weights; ``looks`` and ``gradients`` are for each sample. ``training volume`` is that of all
    training digits, and ``chance volume`` the mean of as many at random, with its ``std``.
    """
    w, worst = even_preferences(m, PARTS[m]), torch.zeros(m).double()
    rows, judge, numbers = w.repeat_interleave(EACH, 0).float(), zoo.load("mnist-judge"), {}
    digits = {}
    for way in WAYS:
        asked = rows.repeat(BEST, 1) if way == "plain" else rows
        x, model = steered(way, asked, seed)
        digits[way] = x[: len(rows)]
        name = "best" if way == "plain" else way
        if way == "plain":
            digits["best"] = best_of(x, rows)
        numbers[f"{name} looks"] = model.evaluations / len(rows)
        numbers[f"{name} gradients"] = model.gradients / len(rows)
    for name, x in digits.items():
        found = costs(x, m)
        with torch.no_grad():
            legible = judge(zoo.as_seen(x)).softmax(1).amax(1) > SURE
        numbers[f"{name} volume"] = hypervolume(found, worst)
        numbers[f"{name} legible"] = float(legible.double().mean())
        numbers[f"{name} legible volume"] = (
            hypervolume(found[legible], worst) if bool(legible.any()) else 0.0)
        for preference, mean in zip(w, -found.reshape(len(w), EACH, m).mean(1), strict=True):
            weights = " ".join(f"{float(weight):g}" for weight in preference[: max(1, m - 1)])
            numbers |= {f"{name} {weights} {one.name}": float(value)
                        for one, value in zip(objectives(m), mean, strict=True)}
    train = torch.cat([costs(part, m) for part in mnist.load("train").images.split(5_000)])
    numbers["training volume"] = hypervolume(train[non_dominated(train)], worst)
    generator = seeded(50 + seed)
    chance = torch.tensor([hypervolume(
        train[torch.randint(len(train), (len(rows),), generator=generator)], worst)
        for _ in range(FRESH)])
    numbers |= {"chance volume": float(chance.mean()), "chance std": float(chance.std())}
    return numbers
