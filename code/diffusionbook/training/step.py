"""One step of training."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from diffusionbook.machine.precision import Arithmetic, computing_in
from diffusionbook.randomness import step_seed, torch_seeded
from diffusionbook.training.ema import EMA

Batch = tuple[Tensor, ...]
Data = Callable[[torch.Generator], Batch]
Rate = Callable[[float], float]


@dataclass
class Trainer:
    """A model, its data and its optimiser, as :func:`diffusionbook.training.loop.fit` has them."""

    model: nn.Module
    data: Data
    loss: Callable[..., Tensor]
    steps: int
    rate: Rate
    seed: int
    ema: EMA | None
    clip: float | None
    arithmetic: Arithmetic
    adam: torch.optim.Adam = field(init=False)

    def __post_init__(self) -> None:
        self._weights = [p for p in self.model.parameters() if p.requires_grad]
        if not self._weights:
            raise ValueError("model must have weights to train; none of its weights needs one")
        if self.ema is not None and self.ema.source is not self.model:
            raise ValueError("ema must average the model that is trained; it averages another one")
        self.adam = torch.optim.Adam(self._weights, lr=self.rate(0.0), fused=True)
        self._generator = torch.Generator(self._weights[0].device)
        computing_in(self.arithmetic, self._generator.device)  # refuses here what it cannot be

    def step(self, k: int, lr: float) -> float:
        """Make step k (from 0) and return its loss; if that is not finite, change nothing."""
        generator = self._start(k)
        if not self.model.training:
            self.model.train()
        # Dropout draws from PyTorch's own generators; the complement is another seed than ours.
        with torch_seeded(generator.initial_seed() ^ 0xFFFFFFFF, generator.device):
            batch = self.data(generator)
            with computing_in(self.arithmetic, generator.device):
                value = self.loss(self.model, *batch, generator=generator)
            if value.ndim:
                raise ValueError(f"loss must return a scalar; its shape is {tuple(value.shape)}")
            if not math.isfinite(number := value.item()):
                return number
            self.adam.zero_grad()
            value.backward()
        if self.clip is not None:
            nn.utils.clip_grad_norm_(self._weights, self.clip)
        self.adam.param_groups[0]["lr"] = lr
        self.adam.step()
        if self.ema is not None:
            self.ema.update()
        return number

    def first_batch(self) -> Batch:
        """The batch of the first step, which tells one data set from another."""
        return self.data(self._start(0))

    def _start(self, k: int) -> torch.Generator:
        return self._generator.manual_seed(step_seed(self.seed, k))
