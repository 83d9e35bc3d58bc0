"""Pairs by optimal transport in training: what they save on the spiral, and what labels they lose.

On the spiral one network is trained on the same points with plans over 1 to 256 pairs. On a line
with two classes a small network is told the label, and the plan is not: asked for one class, what
does it draw?
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.experiments.common.spiral import fresh, mean_w2
from diffusionbook.losses import Coupling, denoising_loss
from diffusionbook.paths.gaussian import Linear
from diffusionbook.randomness import randn, seeded, torch_seeded
from diffusionbook.recipes import spiral_flow
from diffusionbook.samplers import grids
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.ode import Euler, Heun
from diffusionbook.shapes import Labels
from diffusionbook.training.loop import batches, fit
from diffusionbook.transport.optimal.couplings import cheapest, in_groups, within_labels
from diffusionbook.transport.tracks import straightness
from diffusionbook.zoo.by_recipe import trained

SEEDS = (0, 1, 2)
FLOW = spiral_flow.RECIPE
RECIPES = (FLOW,)
SIZES = (1, 4, 16, 64, 256)  # pairs that a plan is over; the batch has 256
EULER = (1, 2, 4, 8, 16)
SAMPLES = 4_000
TRACKS = 1_000
LABEL_SIZES = (1, 2, 8, 64)
WIDTHS = (64, 128)
LABEL_STEPS = 3_000
BATCH = 256
T_MIN = 1e-3
LINE = Linear()
TINY = {"SIZES": (1, 4), "EULER": (1,), "SAMPLES": 60, "TRACKS": 20, "LABEL_SIZES": (2,),
        "WIDTHS": (8,), "LABEL_STEPS": 3, "SpiralFlow.points": 200, "SpiralMLP.steps": 3}


class Told(nn.Module):
    """A point of the line, its time and the label's side → a velocity."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(3, width), nn.SiLU(), nn.Linear(width, width),
                                 nn.SiLU(), nn.Linear(width, width), nn.SiLU(),
                                 nn.Linear(width, 1))

    def forward(self, x: Tensor, t: Tensor, y: Labels) -> Tensor:
        return self.net(torch.cat([x, t[:, None], (2 * y - 1).to(x)[:, None]], 1))


def by_rank(size: int | None) -> Coupling:
    """:func:`~diffusionbook.transport.optimal.couplings.cheapest` on a line in groups of
    ``size``, without an assignment; None: all at once.
    The size divides the batch."""

    def pair(x0: Tensor, eps: Tensor) -> tuple[Tensor, Tensor]:
        group = size or len(x0)
        rank = x0.reshape(-1, group).argsort(1).argsort(1)
        noise = eps.reshape(-1, group).sort(1).values.gather(1, rank)
        return x0, noise.reshape(x0.shape)

    return pair


def paired_loss(coupling: Coupling) -> Callable[..., Tensor]:
    """The loss of the spiral's recipe with another coupling."""

    def loss(model, x0, *, generator):
        return denoising_loss(model, x0, coupling=coupling, generator=generator)

    return loss


@torch.no_grad()
def shape(model: NetDenoiser, seed: int) -> dict[str, float]:
    """``bending``, and ``sliced_w2 n`` of n steps of Euler."""
    noise = randn((SAMPLES, 2), seeded(8_000_000 + seed), torch.float32)
    bent = straightness(model, noise[:TRACKS], grids.uniform(100, 1.0, T_MIN))
    sets = fresh(SAMPLES, seed)
    found = {"bending": float(bent.mean())}
    for n in EULER:
        x = sample(Euler(), model, noise, grids.uniform(n))
        found[f"sliced_w2 {n}"] = mean_w2(x, sets)
    return found


def on_the_spiral(seed: int, device: torch.device) -> dict[str, float]:
    """Keys like ``spiral 16 bending``."""
    recipe, numbers = replace(FLOW, seed=seed), {}
    data = recipe.data(Path())
    for size in SIZES:
        loss = paired_loss(in_groups(cheapest, size))
        model = trained(recipe, recipe.model().to(device), data, loss).model.cpu()
        numbers |= {f"spiral {size} {key}": value for key, value in shape(model, seed).items()}
    return numbers


def told(rule: Callable[[Labels], Coupling], width: int, seed: int) -> NetDenoiser:
    """A network that is told the label, trained on classes N(±1, ¼)."""
    generator = seeded(9_000_000 + seed)
    y = torch.randint(2, (20_000,), generator=generator)
    x = (2 * y - 1 + randn((20_000,), generator) / 2).float()[:, None]
    with torch_seeded(seed):
        model = NetDenoiser(Told(width), LINE, "velocity")

    def loss(model, x0, labels, *, generator):
        return denoising_loss(model, x0, labels, coupling=rule(labels), generator=generator)

    for _ in fit(model, batches(x, y, size=BATCH), loss, steps=LABEL_STEPS, lr=2e-3, seed=seed):
        pass
    return model.requires_grad_(False)


@torch.no_grad()
def asked(model: NetDenoiser, seed: int) -> dict[str, float]:
    """Mean and std of what it draws for class +1, and the std of one step of Euler."""
    noise = randn((SAMPLES, 1), seeded(10_000_000 + seed), torch.float32)
    y = torch.ones(SAMPLES).long()
    x = sample(Heun(), model, noise, grids.uniform(30, 1.0, T_MIN), y=y)
    once = sample(Euler(), model, noise, grids.uniform(1), y=y)
    return {"mean": float(x.mean()), "std": float(x.std()), "std at once": float(once.std())}


def with_labels(seed: int) -> dict[str, float]:
    """Keys like ``labels 64 width 128 mean`` and ``labels within width 128 mean``."""
    rules = {f"{n}": lambda _, n=n: by_rank(n) for n in LABEL_SIZES}
    rules["within"] = lambda y: within_labels(by_rank(None), y)
    return {f"labels {name} width {width} {key}": value
            for name, rule in rules.items() for width in WIDTHS
            for key, value in asked(told(rule, width, seed), seed).items()}


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """All numbers of one training seed: :func:`on_the_spiral` and :func:`with_labels`."""
    return on_the_spiral(seed, device) | with_labels(seed)
