"""The networks of the explorer that learn from data: five data sets, by diffusion and by flow."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor

from diffusionbook.data.toy import SETS, toy
from diffusionbook.losses import denoising_loss
from diffusionbook.metrics.points import sliced_w2
from diffusionbook.nets.bundle import Networks
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.ancestral import DDIM
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.ode import Heun


@dataclass(frozen=True)
class Explorer:
    """Ten small networks, trained side by side: the loss is the sum of theirs.

    Attributes:
        points: size of each training set.
        width: units in each hidden layer.
        depth: number of hidden layers.
        time_features: size of the time embedding.
        point_features: size of the embedding of each coordinate.
        steps: optimiser steps.
        cpu_seconds: processor time after which training ends even so.
        batch: points of each data set in each step.
        lr: the highest learning rate; half a cosine brings it to 0.
        warmup: the share of training in which it rises.
        ema: decay of the averaged weights, the ones that are kept.
        precision: of the stored weights; half, for they travel to a browser.
        seed: of the initial weights, the training sets, batches and noise.
    """

    name: ClassVar[str] = "explorer"
    title: ClassVar[str] = "ten small networks for the explorer, diffusion and flow"
    arithmetic: ClassVar[str] = "float32"
    evaluations: ClassVar[int] = 3
    samples: ClassVar[int] = 4_000  # of each evaluation,
    sampler_steps: ClassVar[int] = 50  # and in how many steps

    points: int = 20_000
    width: int = 64
    depth: int = 3
    time_features: int = 32
    point_features: int = 20
    steps: int = 20_000
    cpu_seconds: float | None = None
    batch: int = 512
    lr: float = 1e-2
    warmup: float = 0.02
    ema: float = 0.998
    precision: str = "float16"
    seed: int = 0

    def model(self) -> Networks:
        return Networks(
            SETS, ("ddpm", "flow"), width=self.width, depth=self.depth,
            time_features=self.time_features, point_features=self.point_features, seed=self.seed,
        )  # fmt: skip

    def example(self) -> tuple[Tensor, ...]:
        return randn((1, 2), seeded(0), torch.float32), torch.tensor([0.4])

    def data(self, root: Path | None) -> tuple[Tensor, ...]:
        generator = seeded(self.seed)
        return tuple(toy(name).draw(self.points, generator).float() for name in SETS)

    def loss(self, model, *x0: Tensor, generator: torch.Generator) -> Tensor:
        data = dict(zip(SETS, x0, strict=True))
        return sum(denoising_loss(model[pair], data[pair[0]], generator=generator)
                   for pair in model)  # fmt: skip

    @torch.no_grad()
    def evaluate(self, model: Networks, seed: int, root: Path | None) -> dict[str, float]:
        """Sliced W2 of samples to fresh data, network by network, and its Monte Carlo floor:
        the same distance between two fresh draws. DDPM draws for the diffusion, Heun for the
        flow."""
        measured, n = {}, self.samples
        for name in SETS:
            generator = seeded(seed)
            fresh, other = (toy(name).draw(n, generator) for _ in range(2))
            noise = randn((n, 2), generator, torch.float32)
            for method, stepper in (("ddpm", DDIM(1.0)), ("flow", Heun())):
                x = sample(stepper, model[name, method], noise, grids.uniform(self.sampler_steps),
                           generator=generator)  # fmt: skip
                measured[f"{name}_{method}_sliced_w2"] = float(sliced_w2(x, fresh, generator))
            measured[f"{name}_sliced_w2_floor"] = float(sliced_w2(other, fresh, generator))
        return measured


RECIPE = Explorer()
TINY = {"Explorer.samples": 60, "Explorer.sampler_steps": 3, "Explorer.evaluations": 1}
