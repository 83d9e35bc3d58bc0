"""One step of training, and what tells one training run from another."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from diffusionbook.ema import EMA
from diffusionbook.files import tensor_digest
from diffusionbook.randomness import step_seed, torch_seeded

Batch = tuple[Tensor, ...]
Data = Callable[[torch.Generator], Batch]
Rate = Callable[[float], float]


@dataclass
class Trainer:
    """A model, its data and its optimiser; :func:`diffusionbook.train.fit` explains the fields."""

    model: nn.Module
    data: Data
    loss: Callable[..., Tensor]
    steps: int
    rate: Rate
    seed: int
    ema: EMA | None
    clip: float | None
    adam: torch.optim.Adam = field(init=False)

    def __post_init__(self) -> None:
        self._weights = [p for p in self.model.parameters() if p.requires_grad]
        if not self._weights:
            raise ValueError("model must have weights to train; none of its weights needs one")
        if self.ema is not None and self.ema.source is not self.model:
            raise ValueError("ema must average the model that is trained; it averages another one")
        self.adam = torch.optim.Adam(self._weights, lr=self.rate(0.0), fused=True)
        self._generator = torch.Generator(self._weights[0].device)

    def step(self, k: int, lr: float) -> float:
        """Make step k (from 0) and return its loss; if that is not finite, change nothing."""
        generator = self._start(k)
        if not self.model.training:
            self.model.train()
        # Dropout draws from PyTorch's own generators; the complement is another seed than ours.
        with torch_seeded(generator.initial_seed() ^ 0xFFFFFFFF, generator.device):
            value = self.loss(self.model, *self.data(generator), generator=generator)
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

    def identity(self) -> dict[str, object]:
        """What a checkpoint must agree with, in values that JSON can hold."""
        first = self.data(self._start(0))
        shapes = {f"shape of {k}": list(x.shape) for k, x in self.model.state_dict().items()}
        return {
            "steps": self.steps,
            "seed": self.seed,
            "lr": [self.rate(k / 4) for k in range(4)],
            "clip": self.clip,
            "decay of the ema": None if self.ema is None else self.ema.decay,
            **shapes,
            "first batch": tensor_digest({str(i): x for i, x in enumerate(first)}),
        }

    def _start(self, k: int) -> torch.Generator:
        return self._generator.manual_seed(step_seed(self.seed, k))
