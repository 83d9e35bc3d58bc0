"""Two rewards on a mixture in the plane: how much of the exact front does each method reach?

The prior, its denoiser and the fronts are exact, so what is missing is the method's own doing.
"""

from collections.abc import Callable
from statistics import fmean

import torch
from torch import Tensor

from diffusionbook.data.humps import five_humps
from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.experiments.common.clouds import Metered
from diffusionbook.experiments.common.fronts import nats_from
from diffusionbook.guidance.operators.points import Matrix
from diffusionbook.guidance.rewards import QuadraticReward
from diffusionbook.pareto.dominance import non_dominated
from diffusionbook.pareto.hypervolume import hypervolume
from diffusionbook.pareto.laws import front_of_laws, tilted_by
from diffusionbook.pareto.nsga import nsga2
from diffusionbook.pareto.preferences import even_preferences
from diffusionbook.pareto.scalarise import Tchebycheff, weighted_sum
from diffusionbook.pareto.steering import (
    Balancing,
    Objective,
    Projecting,
    steer_by_rule,
    steer_by_sum,
)
from diffusionbook.paths.gaussian import Cosine
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.ancestral import DDIM
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.particles import particles
from diffusionbook.samplers.twists import ObservationTwist
from diffusionbook.shapes import Samples

SEEDS = (0, 1, 2)
RECIPES = ()
PATH = Cosine()
CENTRES = ((1.6, 1.2), (-1.6, -0.6))
STD = 1.0  # of both rewards
SCALE = 2.0
PARTS = 10  # eleven preferences
SAMPLES = 500  # for each preference
STEPS = 40
BEST = 3  # of as many: about the looks of one steered sample
EACH = 20  # of the points for each preference make the population
WORST = (8.0, 8.0, 8.0)  # the reference point: two rewards lost, and nats of implausibility
CELLS = 161  # along each side, for the exact front of the three costs
TINY = {"SAMPLES": 100, "STEPS": 10, "PARTS": 2, "EACH": 5, "CELLS": 21}

Draw = Callable[[Tensor, int], tuple[Samples, Metered]]  # preferences (n, 2), seed → points


def rewards() -> list[QuadraticReward]:
    """Two places that one would like to be near."""
    return [QuadraticReward(torch.tensor(c, dtype=torch.float64), STD) for c in CENTRES]


def objectives() -> list[Objective]:
    """The same, for steering."""
    return [Objective(name, of) for name, of in zip(("right", "left"), rewards(), strict=True)]


def costs(x: Samples) -> Tensor:
    """(n, 3): both rewards lost, and how implausible the prior finds a point, in nats."""
    lost = [-reward(x) for reward in rewards()]
    return torch.stack([*lost, -five_humps().log_prob(x)], 1)


def times() -> Tensor:
    """(STEPS + 1,) equal steps of log-SNR, from nearly pure noise to 0."""
    return grids.uniform_log_snr(STEPS, PATH, t_max=0.998, t_min=1e-3)


def _sampled(wrapper: Callable, way: object) -> Draw:
    def draw(w: Tensor, seed: int) -> tuple[Samples, Metered]:
        model, generator = Metered(AnalyticDenoiser(five_humps(), PATH)), seeded(seed)
        guided = wrapper(model, objectives(), w, way, SCALE)
        noise = randn((len(w), 2), generator)
        with torch.no_grad():
            return sample(DDIM(1.0), guided, noise, times(), generator=generator), model

    return draw


def best(w: Tensor, seed: int) -> tuple[Samples, Metered]:
    """The one of :data:`BEST` plain samples that its preference likes most."""
    model, generator = Metered(AnalyticDenoiser(five_humps(), PATH)), seeded(seed)
    noise = randn((BEST * len(w), 2), generator)
    with torch.no_grad():
        x = sample(DDIM(1.0), model, noise, times(), generator=generator)
    liked = torch.stack([reward(x) for reward in rewards()], 1) * w.repeat(BEST, 1)
    chosen = liked.sum(1).reshape(BEST, -1).argmax(0)
    return x.reshape(BEST, -1, 2)[chosen, torch.arange(len(w))], model


def by_particles(w: Tensor, seed: int) -> tuple[Samples, Metered]:
    """A cloud for each preference, in order. Two quadratic rewards of one width are one, around the
    weighted centre, and so an observation of it."""
    model, generator = Metered(AnalyticDenoiser(five_humps(), PATH)), seeded(seed)
    centres, drawn = torch.tensor(CENTRES, dtype=torch.float64), []
    for preference in w.unique_consecutive(dim=0):
        twist = ObservationTwist(Matrix(torch.eye(2).double()), preference @ centres,
                                 STD / SCALE**0.5, data_std=1.0)
        n = int((w == preference).all(1).sum())
        found = particles(DDIM(1.0), model, twist, randn((n, 2), generator), times(),
                          generator=generator)
        jitter = 1e-6 * randn((n, 2), generator)  # copies are one point, which has no density
        drawn.append(found.resampled(generator) + jitter)
    return torch.cat(drawn), model


def exact(w: Tensor, seed: int) -> tuple[Samples, Metered]:
    """Draws from the tilted laws themselves: what chance alone leaves."""
    generator, drawn = seeded(seed), []
    for preference in w.unique_consecutive(dim=0):
        law = tilted_by(five_humps(), rewards(), preference, SCALE)
        drawn.append(law.sample(int((w == preference).all(1).sum()), generator))
    return torch.cat(drawn), Metered(AnalyticDenoiser(five_humps(), PATH))


METHODS: dict[str, Draw] = {
    "sum": _sampled(steer_by_sum, weighted_sum),
    "tchebycheff": _sampled(steer_by_sum, Tchebycheff(torch.zeros(2), 0.1)),
    "pcgrad": _sampled(steer_by_rule, Projecting()),
    "mgda": _sampled(steer_by_rule, Balancing()),
    "best": best,
    "particles": by_particles,
    "exact": exact,
}


def true_volume() -> float:
    """The volume of all points of the plane, to a fine grid."""
    axis = torch.linspace(-3.0, 3.0, CELLS, dtype=torch.float64)
    found = costs(torch.cartesian_prod(axis, axis))
    worst = torch.tensor(WORST, dtype=torch.float64)
    found = found[(found < worst).all(1)]
    return hypervolume(found[non_dominated(found)], worst)


def lost(cloud: Samples, preference: Tensor) -> tuple[dict[str, float], GaussianMixture]:
    """A cloud's mean rewards, ``right`` and ``left``; ``nats``, how far its law departs;
    ``behind``, how much more weighted reward the exact law has that departs as far; that law."""
    values = torch.stack([reward(cloud).mean() for reward in rewards()])
    nats = nats_from(five_humps(), cloud)
    there = front_of_laws(five_humps(), rewards(), preference, max(nats, 1e-3))
    return {"right": float(values[0]), "left": float(values[1]), "nats": nats,
            "behind": float((there.rewards[0] - values) @ preference)}, there.laws[0]


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """All numbers of one seed of the noise.

    ``sum 0.3 right`` and ``left``, ``nats`` and ``behind`` are those of :func:`lost` at the
    preference (.3, .7); ``floor`` is how far behind as many exact draws are that depart as far.
    Without a preference: ``behind`` and ``floor`` are the means of these; ``volume`` is that of the
    population in the three costs, as a share of the exact one; ``looks`` and ``gradients`` are for
    each sample.
    """
    w, worst = even_preferences(2, PARTS), torch.tensor(WORST, dtype=torch.float64)
    all_of_it, numbers = true_volume(), {}
    for name, draw in METHODS.items():
        x, model = draw(w.repeat_interleave(SAMPLES, 0), 100 + seed)
        clouds, fresh = x.reshape(len(w), SAMPLES, 2), seeded(400 + seed)
        for preference, cloud in zip(w, clouds, strict=True):
            found, law = lost(cloud, preference)
            found["floor"] = lost(law.sample(SAMPLES, fresh), preference)[0]["behind"]
            numbers |= {f"{name} {float(preference[0]):g} {key}": value
                        for key, value in found.items()}
        for key in ("behind", "floor"):
            numbers[f"{name} {key}"] = fmean(
                numbers[f"{name} {share:g} {key}"] for share in w[:, 0].tolist())
        numbers[f"{name} volume"] = hypervolume(
            costs(clouds[:, :EACH].reshape(-1, 2)), worst) / all_of_it
        numbers[f"{name} looks"] = model.evaluations / len(x)
        numbers[f"{name} gradients"] = model.gradients / len(x)
    population = five_humps().sample(EACH * len(w), seeded(200 + seed))
    numbers["prior volume"] = hypervolume(costs(population), worst) / all_of_it
    evolved = nsga2(costs, population, 3 * STEPS, seeded(300 + seed))
    numbers["nsga2 volume"] = hypervolume(costs(evolved), worst) / all_of_it
    return numbers
