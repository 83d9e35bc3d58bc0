"""The networks of the explorer that learn from a flow: reflow straightens its trajectories."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor

from diffusionbook import zoo
from diffusionbook.data.toy import SETS, toy
from diffusionbook.losses import denoising_loss
from diffusionbook.metrics.points import sliced_w2
from diffusionbook.nets.bundle import Networks
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.ode import Euler, Heun


@dataclass(frozen=True)
class ExplorerReflow:
    """Five small networks. Each learns from pairs of a noise and the point to which the shipped
    flow of ``explorer`` carries it, so its straight paths never cross.

    Attributes:
        pairs: size of each training set.
        flow_steps: Heun steps that carry a noise to its point.
        width: units in each hidden layer.
        depth: number of hidden layers.
        time_features: size of the time embedding.
        point_features: size of the embedding of each coordinate.
        steps: optimiser steps.
        cpu_seconds: processor time after which training ends even so.
        batch: pairs of each data set in each step.
        lr: the highest learning rate; half a cosine brings it to 0.
        warmup: the share of training in which it rises.
        ema: decay of the averaged weights, the ones that are kept.
        precision: of the stored weights; half, for they travel to a browser.
        seed: of the initial weights, the pairs, batches and times.

    Source: Liu et al., arXiv 2209.03003.
    """

    name: ClassVar[str] = "explorer-reflow"
    title: ClassVar[str] = "five small networks for the explorer, reflowed"
    arithmetic: ClassVar[str] = "float32"
    evaluations: ClassVar[int] = 3
    samples: ClassVar[int] = 4_000  # of each evaluation,
    sampler_steps: ClassVar[int] = 50  # and in how many steps

    pairs: int = 20_000
    flow_steps: int = 50
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
    seed: int = 1

    def model(self) -> Networks:
        return Networks(
            SETS, ("reflow",), width=self.width, depth=self.depth,
            time_features=self.time_features, point_features=self.point_features, seed=self.seed,
        )  # fmt: skip

    def example(self) -> tuple[Tensor, ...]:
        return randn((1, 2), seeded(0), torch.float32), torch.tensor([0.4])

    @torch.no_grad()
    def data(self, root: Path | None) -> tuple[Tensor, ...]:
        """For each data set the points, then for each the noises that they come from."""
        flows, generator = zoo.load("explorer"), seeded(self.seed)
        noise = [randn((self.pairs, 2), generator, torch.float32) for _ in SETS]
        grid = grids.uniform(self.flow_steps)
        points = [sample(Heun(), flows[name, "flow"], eps, grid)
                  for name, eps in zip(SETS, noise, strict=True)]  # fmt: skip
        return *points, *noise

    def loss(self, model, *pairs: Tensor, generator: torch.Generator) -> Tensor:
        points, noise = pairs[: len(SETS)], pairs[len(SETS) :]
        return sum(
            denoising_loss(model[name, "reflow"], x0, generator=generator,
                           coupling=lambda x0, _, eps=eps: (x0, eps))
            for name, x0, eps in zip(SETS, points, noise, strict=True)
        )  # fmt: skip

    @torch.no_grad()
    def evaluate(self, model: Networks, seed: int, root: Path | None) -> dict[str, float]:
        """Sliced W2 of samples to fresh data, network by network, with many Heun steps and with
        two Euler steps; beside the latter, that of the flow it learned from."""
        measured, n, flows = {}, self.samples, zoo.load("explorer")
        for name in SETS:
            generator = seeded(seed)
            fresh, other = (toy(name).draw(n, generator) for _ in range(2))
            noise, reflowed = randn((n, 2), generator, torch.float32), model[name, "reflow"]
            runs = {
                "sliced_w2": (Heun(), reflowed, self.sampler_steps),
                "two_steps_sliced_w2": (Euler(), reflowed, 2),
                "two_steps_of_the_flow_sliced_w2": (Euler(), flows[name, "flow"], 2),
            }
            for key, (stepper, which, steps) in runs.items():
                x = sample(stepper, which, noise, grids.uniform(steps))
                measured[f"{name}_{key}"] = float(sliced_w2(x, fresh, generator))
            measured[f"{name}_sliced_w2_floor"] = float(sliced_w2(other, fresh, generator))
        return measured


RECIPE = ExplorerReflow()
TINY = {"ExplorerReflow.samples": 60, "ExplorerReflow.sampler_steps": 3,
        "ExplorerReflow.evaluations": 1}
