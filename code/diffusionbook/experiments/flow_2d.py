"""Diffusion, flow and reflow on the spiral: one network, one budget, three ways to train it.

The spiral is the hard case of the plane: its arms are narrow and close to each other, so a sampler
that cuts a corner ends between two of them, and the distance to fresh data tells. For each
training seed the three models see the same 20,000 points and make the same number of steps. Next
to them stand the exact fields of the mixture, which show what a sampler costs where no network
errs, and the flow's network walked along the cosine path.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from diffusionbook.data.toy import spiral_mixture
from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.denoisers.model import Denoiser, NetDenoiser
from diffusionbook.denoisers.wrapped import Repathed
from diffusionbook.experiments.common.spiral import fresh, mean_w2
from diffusionbook.likelihood.ode import log_prob_ode
from diffusionbook.paths.gaussian import VP, Cosine, GaussianPath, Linear, same_mixture
from diffusionbook.randomness import randn, seeded
from diffusionbook.recipes import spiral_flow, spiral_mlp
from diffusionbook.samplers import grids
from diffusionbook.samplers.ancestral import DDIM
from diffusionbook.samplers.loop import Stepper, sample
from diffusionbook.samplers.ode import DPMpp2M, Euler, Heun
from diffusionbook.shapes import Samples
from diffusionbook.transport.reflow import Pairs, pair_loss, reflow_pairs
from diffusionbook.transport.tracks import crossing, detour, straightness, transport_cost
from diffusionbook.zoo.by_recipe import trained

SEEDS = (0, 1, 2, 3, 4)
FLOW = spiral_flow.RECIPE
DIFFUSION = replace(spiral_mlp.RECIPE, points=FLOW.points)
RECIPES = (DIFFUSION, FLOW)
EVALUATIONS = (1, 2, 4, 8, 16, 32)
SAMPLES = 4_000
TRACKS = 1_000
TIMES = (0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 0.98)
T_MIN = 1e-3
LINE = Linear()
TINY = {"EVALUATIONS": (1, 2), "SAMPLES": 60, "TRACKS": 20, "TIMES": (0.5,),
        "SpiralFlow.points": 200, "SpiralMLP.steps": 3, "train_three 50": 3, "shape 100": 4,
        "log_likelihood 100": 4, "measure 20_000": 200}


def train(recipe, data: tuple[Tensor, ...], loss: Callable, seed: int, device: torch.device
          ) -> NetDenoiser:
    """The recipe's network with its averaged weights, trained on ``data`` with ``loss``."""
    recipe = replace(recipe, seed=seed)
    return trained(recipe, recipe.model().to(device), data, loss).model.cpu()


def train_three(seed: int, device: torch.device, steps: int = FLOW.steps, pairs: int = FLOW.points
                ) -> tuple[dict[str, NetDenoiser], Pairs]:
    """The models of one training seed, and the pairs that the third was trained on.

    Args:
        seed: of the training set, the weights and all noise.
        device: where to train.
        steps: optimiser steps of each.
        pairs: how many the flow makes for its reflow.
    """
    flow, diffusion = (replace(r, steps=steps, seed=seed) for r in (FLOW, DIFFUSION))
    data, models = flow.data(Path()), {}
    models["diffusion"] = train(diffusion, data, diffusion.loss, seed, device)
    models["flow"] = train(flow, data, flow.loss, seed, device)
    noise = randn((pairs, 2), seeded(3_000_000 + seed), torch.float32)
    coupled = reflow_pairs(models["flow"], noise, Heun(), grids.uniform(50))
    models["reflow"] = train(flow, tuple(coupled), pair_loss, seed, device)
    return models, coupled


def line_grid(path: GaussianPath, n: int, t_min: float = 0.0) -> Tensor:
    """Equal steps of the *linear* path's time, from pure noise, as times of ``path``; (n + 1,).

    VP keeps a little data at its t = 1, so there the first step begins where VP does.
    """
    if isinstance(path, Linear):
        return grids.uniform(n, 1.0, t_min)
    first = float(path.sigma(1.0) / (path.alpha(1.0) + path.sigma(1.0)))
    grid = same_mixture(path, LINE, grids.uniform(n, first * (1 - 1e-9), t_min))[1]
    grid[0] = 1.0
    return grid


def ways(path: GaussianPath) -> dict[str, tuple[Stepper, Callable[[int], Tensor], int]]:
    """(stepper, steps → grid, evaluations a step) by name; Heun's last step takes one only."""
    found = {
        "euler": (Euler(), grids.uniform, 1),
        "heun": (Heun(), grids.uniform, 2),
        "dpmpp2m": (DPMpp2M(), grids.uniform, 1),
    }
    if isinstance(path, VP):
        found["ddim on the line"] = (DDIM(), lambda n: line_grid(path, n), 1)
    return found


@torch.no_grad()
def draw(model: Denoiser, way: str, evaluations: int, seed: int, n: int = SAMPLES) -> Samples:
    """(n, 2) samples with at most so many looks at the model; one seed, one noise for all."""
    stepper, grid, each = ways(model.path)[way]
    steps = evaluations if each == 1 else (evaluations + 1) // 2
    noise = randn((n, 2), seeded(seed), torch.float32)
    return sample(stepper, model, noise, grid(steps))


def quality(model: Denoiser, seed: int, samples: int = SAMPLES) -> dict[str, float]:
    """Sliced W2 to fresh data; keys like ``sliced_w2 heun 8``, 8 being the evaluations."""
    sets = fresh(samples, seed)
    return {
        f"sliced_w2 {way} {count}": mean_w2(draw(model, way, count, seed, samples), sets)
        for way in ways(model.path) for count in EVALUATIONS
    }


@torch.no_grad()
def shape(model: Denoiser, seed: int, tracks: int = TRACKS, steps: int = 100) -> dict[str, float]:
    """``bending`` (Liu's S), ``detour`` and ``carrying`` of the model's tracks."""
    noise = randn((tracks, 2), seeded(4_000_000 + seed), torch.float32)
    grid = line_grid(model.path, steps, T_MIN)
    ends = Pairs(sample(Heun(), model, noise, grid), noise)
    return {
        "bending": float(straightness(model, noise, grid).mean()),
        "detour": float(detour(model, noise, grid).mean()),
        "carrying": transport_cost(ends),
    }


def log_likelihood(model: Denoiser, seed: int, points: int = TRACKS, steps: int = 100) -> float:
    """The mean log-density of fresh data under the model's ODE, in nats."""
    x = spiral_mixture().sample(points, seeded(5_000_000 + seed)).float()
    return float(log_prob_ode(model, x, line_grid(model.path, steps, T_MIN)).mean())


@torch.no_grad()
def field_errors(model: Denoiser, seed: int, samples: int = SAMPLES) -> dict[str, float]:
    """Root-mean-square error of the velocity on the *linear* path, whatever the model's own path.

    Keys like ``error 0.1``, for each of ``TIMES``; the mean is over fresh points and coordinates.
    """
    exact, on_line = AnalyticDenoiser(spiral_mixture(), LINE), Repathed(model, LINE)
    g, found = seeded(7_000_000 + seed), {}
    x0, eps = exact.mixture.sample(samples, g), randn((samples, 2), g)
    for t in TIMES:
        x_t = LINE.interpolate(x0, eps, t).float()
        off = on_line(x_t, t).velocity - exact(x_t, t).velocity
        found[f"error {t}"] = float(off.square().mean().sqrt())
    return found


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """All numbers of one training seed; keys like ``flow sliced_w2 euler 4``."""
    law = spiral_mixture()
    models, pairs = train_three(seed, device)
    every: dict[str, Denoiser] = {
        **models,
        "flow on cosine": Repathed(models["flow"], Cosine()),
        **{f"exact {name}": AnalyticDenoiser(law, path)
           for name, path in (("VP", VP()), ("cosine", Cosine()), ("line", LINE))},
    }
    numbers = {"floor": mean_w2(law.sample(SAMPLES, seeded(2_000_000 + seed)),
                                fresh(SAMPLES, seed))}
    for name in ("diffusion", "flow"):
        found = field_errors(models[name], seed)
        numbers |= {f"{name} {key}": value for key, value in found.items()}
    for name, model in every.items():
        found = quality(model, seed) | shape(model, seed)
        found["log_prob"] = log_likelihood(model, seed)
        numbers |= {f"{name} {key}": value for key, value in found.items()}
    numbers["mixture log_prob"] = float(
        law.log_prob(law.sample(TRACKS, seeded(5_000_000 + seed))).mean())
    x0, g = law.sample(20_000, seeded(6_000_000 + seed)).float(), seeded(seed)
    with torch.no_grad():
        numbers["exact line crossing"] = crossing(every["exact line"], x0, generator=g)
        numbers["flow crossing"] = crossing(models["flow"], x0, generator=g)
        numbers["reflow crossing"] = crossing(models["reflow"], *pairs, generator=g)
    return numbers
