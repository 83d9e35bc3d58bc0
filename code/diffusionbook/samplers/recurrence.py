"""Recurrence: each step is taken several times, with fresh noise in between."""

from dataclasses import dataclass

import torch
from torch import Tensor

from diffusionbook.arguments import whole
from diffusionbook.paths.gaussian import GaussianPath
from diffusionbook.randomness import randn_like
from diffusionbook.samplers.ancestral import forward_variance
from diffusionbook.samplers.loop import Stepper
from diffusionbook.shapes import Samples


@dataclass(frozen=True)
class Recurrent:
    """Step from t to s, noise back to t, and step again, ``times`` passes in all.

    What guidance pushed off the law of x_t is noised back towards it. The memory of a multistep
    stepper is dropped when noise is added: it belongs to a state that is gone. It costs ``times``
    times as much.

    Args:
        stepper: the rule for one pass.
        times: passes of each step; 1 is the stepper alone.

    Raises:
        ValueError: ``times`` is not whole or below 1.

    Source: Bansal et al., "Universal Guidance", arXiv 2302.07121, where times is k.
    """

    stepper: Stepper
    times: int

    def __post_init__(self) -> None:
        whole("times", self.times, least=1)

    @property
    def order(self) -> int:
        """The stepper's."""
        return self.stepper.order

    def step(self, model, x, t, s, *, y=None, generator=None, memory=None):
        """x: (b, *d) at time t → (b, *d) at s, and the memory of the last pass."""
        for left in reversed(range(self.times)):
            below, memory = self.stepper.step(
                model, x, t, s, y=y, generator=generator, memory=memory
            )
            if left:
                x, memory = noised_back(model.path, below, s, t, generator), None
        return below, memory


def noised_back(
    path: GaussianPath, x: Samples, s: Tensor, t: Tensor, generator: torch.Generator | None
) -> Samples:
    """A draw of x_t given x_s = ``x``, (b, *d), for s < t: more noise, as the forward process
    adds it."""
    kept = (path.alpha(t) / path.alpha(s)).to(x)
    return kept * x + forward_variance(path, t, s).sqrt().to(x) * randn_like(x, generator)
