"""Chapter 4's model: chapter 1's network, trained as a flow on the linear path."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch

from diffusionbook.data.toy import spiral_mixture
from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.metrics.points import sliced_w2
from diffusionbook.nets.mlp import MLP
from diffusionbook.paths.gaussian import Linear
from diffusionbook.randomness import randn, seeded
from diffusionbook.recipes.spiral_mlp import SpiralMLP
from diffusionbook.samplers import grids
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.ode import Heun


@dataclass(frozen=True)
class SpiralFlow(SpiralMLP):
    """The fields are those of :class:`~diffusionbook.recipes.spiral_mlp.SpiralMLP`. The training
    set is large, so that what a model gets wrong is not the fault of 500 points.
    """

    name: ClassVar[str] = "spiral-flow"
    title: ClassVar[str] = "the spiral in the plane, an MLP as a flow on the linear path"
    sampler: ClassVar[str] = "heun"
    sampler_steps: ClassVar[int] = 50

    points: int = 20_000
    param: str = "velocity"

    def model(self) -> NetDenoiser:
        net = MLP(
            2, self.width, self.depth, self.time_features, self.point_features,
            generator=seeded(self.seed),
        )  # fmt: skip
        return NetDenoiser(net, Linear(), self.param)

    @torch.no_grad()
    def evaluate(self, model: NetDenoiser, seed: int, root: Path | None) -> dict[str, float]:
        """Sliced W2 of Heun's samples to fresh data, and its Monte Carlo floor."""
        generator, n, law = seeded(seed), self.samples, spiral_mixture()
        noise = randn((n, 2), generator, torch.float32)
        samples = sample(Heun(), model, noise, grids.uniform(self.sampler_steps))
        fresh, other = law.sample(n, generator), law.sample(n, generator)
        return {
            "sliced_w2": float(sliced_w2(samples, fresh, generator)),
            "sliced_w2_floor": float(sliced_w2(other, fresh, generator)),
        }


RECIPE = SpiralFlow()
TINY = {"SpiralMLP.samples": 60, "SpiralFlow.sampler_steps": 3, "SpiralMLP.evaluations": 1}
