"""The running average of a model's weights that is used for sampling."""

from copy import deepcopy

import torch
from torch import Tensor, nn


class EMA:
    """An exponential moving average; ``ema.model`` is a model with the averaged weights.

    Update k (from 0) keeps the share d = min(decay, (1 + k) / (10 + k)) of the average and takes
    1 - d of the weights. The warm-up matters: with d = 0.999 from the start, the random initial
    weights would still be a third of the average after 1,000 steps.

    A step of the average is a thousandth of a difference, which half precision rounds away. So the
    average is kept in float32 at least, and ``ema.model`` of a bfloat16 model is a float32 model,
    which computes in float32; ``copy.deepcopy(ema.model).to(torch.bfloat16)`` is as exact as
    bfloat16 can be. The model may move to another device or dtype meanwhile: its weights are looked
    up when they are needed, and the average stays where and as it is.

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
        self.model = _widened(deepcopy(model).eval().requires_grad_(False))
        # Walking through the modules costs more than averaging a small network: do it once.
        seen: set[int] = set()  # two modules may share a weight
        self._weights: list[tuple[dict, dict, str]] = []
        self._buffers: list[tuple[dict, dict, str]] = []
        for mine, theirs in zip(self.model.modules(), model.modules(), strict=True):
            for name, weight in mine._parameters.items():
                if weight is not None and id(weight) not in seen:
                    seen.add(id(weight))
                    self._weights.append((mine._parameters, theirs._parameters, name))
            self._buffers += [(mine._buffers, theirs._buffers, name)
                              for name, buffer in mine._buffers.items() if buffer is not None]

    @torch.no_grad()
    def update(self) -> None:
        """Move the average towards the present weights of the model; copy the model's buffers."""
        keep = min(self.decay, (1 + self.updates) / (10 + self.updates))
        average = [mine[name] for mine, _, name in self._weights]
        weights = [_like(a, theirs[name])
                   for a, (_, theirs, name) in zip(average, self._weights, strict=True)]
        torch._foreach_lerp_(average, weights, 1 - keep)
        for mine, theirs, name in self._buffers:
            mine[name].copy_(theirs[name])
        self.updates += 1


def _like(average: Tensor, weight: Tensor) -> Tensor:
    """The weight in the average's dtype and on its device, itself if it is there."""
    if weight.dtype is average.dtype and weight.device == average.device:
        return weight
    return weight.to(average)


def _widened(model: nn.Module) -> nn.Module:
    """The model with whatever is below float32 widened to it, in place."""

    def wide(x: Tensor) -> Tensor:
        return x.float() if x.is_floating_point() and torch.finfo(x.dtype).bits < 32 else x

    return model._apply(wide)
