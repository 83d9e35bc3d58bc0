"""Chapter 1's model: an MLP that turns noise in the plane into the spiral."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor

from diffusionbook.data.toy import spiral_mixture
from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.losses import denoising_loss
from diffusionbook.metrics.points import sliced_w2
from diffusionbook.nets.mlp import MLP
from diffusionbook.paths.gaussian import VP
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.ancestral import DDIM
from diffusionbook.samplers.loop import sample


@dataclass(frozen=True)
class SpiralMLP:
    """The path is VP(0.1, 20), which DDPM's linear betas discretise: a chain with any number of
    steps can be sampled with the one network.

    Attributes:
        points: size of the training set.
        width: units in each hidden layer.
        depth: number of hidden layers.
        time_features: size of the time embedding.
        point_features: size of the embedding of each coordinate.
        param: what the network predicts, a row of the prediction table.
        steps: optimiser steps.
        cpu_seconds: processor time after which training ends even so.
        batch: points in each.
        lr: the highest learning rate; half a cosine brings it to 0.
        warmup: the share of training in which it rises.
        ema: decay of the averaged weights, the ones that are kept.
        precision: of the stored weights.
        seed: of the initial weights, the training set, batches and noise.
    """

    name: ClassVar[str] = "spiral-mlp"
    title: ClassVar[str] = "the spiral in the plane, an MLP on the DDPM path"
    arithmetic: ClassVar[str] = "float32"
    evaluations: ClassVar[int] = 5
    samples: ClassVar[int] = 4_000  # of each evaluation,
    sampler: ClassVar[str] = "ddpm"  # what draws them,
    sampler_steps: ClassVar[int] = 100  # and in how many steps

    points: int = 500
    width: int = 128
    depth: int = 3
    time_features: int = 32
    point_features: int = 20
    param: str = "eps"
    steps: int = 4_000
    cpu_seconds: float | None = None
    batch: int = 256
    lr: float = 1e-2
    warmup: float = 0.02
    ema: float = 0.998
    precision: str = "float32"
    seed: int = 0

    def model(self) -> NetDenoiser:
        net = MLP(
            2, self.width, self.depth, self.time_features, self.point_features,
            generator=seeded(self.seed),
        )  # fmt: skip
        return NetDenoiser(net, VP(), self.param)

    def example(self) -> tuple[Tensor, ...]:
        return randn((4, 2), seeded(0), torch.float32), torch.tensor([0.1, 0.4, 0.7, 0.95])

    def data(self, root: Path | None) -> tuple[Tensor, ...]:
        return (spiral_mixture().sample(self.points, seeded(self.seed)).float(),)

    def loss(self, model, x0: Tensor, *, generator: torch.Generator) -> Tensor:
        return denoising_loss(model, x0, generator=generator)

    @torch.no_grad()
    def evaluate(self, model: NetDenoiser, seed: int, root: Path | None) -> dict[str, float]:
        """Sliced W2 of DDPM samples to fresh data, and its Monte Carlo floor:
        the same distance between two fresh draws."""
        generator = seeded(seed)
        n, mixture = self.samples, spiral_mixture()
        noise = randn((n, 2), generator, torch.float32)
        grid = grids.uniform(self.sampler_steps)
        samples = sample(DDIM(1.0), model, noise, grid, generator=generator)
        fresh = mixture.sample(n, generator)
        other = mixture.sample(n, generator)
        return {
            "sliced_w2": float(sliced_w2(samples, fresh, generator)),
            "sliced_w2_floor": float(sliced_w2(other, fresh, generator)),
        }


RECIPE = SpiralMLP()
TINY = {"SpiralMLP.samples": 60, "SpiralMLP.sampler_steps": 3, "SpiralMLP.evaluations": 1}
