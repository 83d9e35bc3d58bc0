"""The running average of a model's weights that is used for sampling."""

from copy import deepcopy

import torch
from torch import nn


class EMA:
    """An exponential moving average; ``ema.model`` is a model with the averaged weights.

    Update k (from 0) keeps the share d = min(decay, (1 + k) / (10 + k)) of the average and takes
    1 - d of the weights. The warm-up matters: with d = 0.999 from the start, the random initial
    weights would still be a third of the average after 1,000 steps.

    Args:
        model: the model that is going to be trained, ``ema.source``; the average starts as a copy.
        decay: the largest share that an update keeps, in [0, 1).

    Raises:
        ValueError: ``decay`` is outside [0, 1).
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        if not 0 <= decay < 1:
            raise ValueError(f"decay must lie in [0, 1); it is {decay}")
        self.decay, self.updates, self.source = decay, 0, model
        self.model = deepcopy(model).eval().requires_grad_(False)
        # Walking through the modules costs more than averaging a small network: do it once.
        self._weights = list(self.model.parameters()), list(model.parameters())
        self._buffers = list(zip(self.model.buffers(), model.buffers(), strict=True))

    @torch.no_grad()
    def update(self) -> None:
        """Move the average towards the present weights of the model; copy the model's buffers."""
        average, weights = self._weights
        keep = min(self.decay, (1 + self.updates) / (10 + self.updates))
        torch._foreach_lerp_(average, weights, 1 - keep)
        for mine, theirs in self._buffers:
            mine.copy_(theirs)
        self.updates += 1

    def copy_to(self, model: nn.Module) -> None:
        """Overwrite the weights and buffers of ``model`` with the average."""
        model.load_state_dict(self.model.state_dict())
