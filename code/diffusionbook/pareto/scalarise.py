"""One number out of several costs: a weighted sum, and the largest weighted shortfall."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from diffusionbook.arguments import all_finite, finite
from diffusionbook.pareto.preferences import check_preferences

Scalarisation = Callable[[Tensor, Tensor], Tensor]  # costs (n, m), preferences → (n,)


def weighted_sum(costs: Tensor, preferences: Tensor) -> Tensor:
    """The sum of w_i f_i (:eq:`eq-weighted-sum`).

    Its minima lie where a line touches the costs from below, so it never finds a dent of the front.

    Args:
        costs: (n, m), less is better.
        preferences: (m,) or (n, m).

    Returns:
        (n,).

    Raises:
        ValueError: ``costs`` are not (n, m) and finite, or ``preferences`` are none for them.
    """
    return (_fitting(costs, preferences) * costs).sum(1)


@dataclass(frozen=True)
class Tchebycheff:
    """The largest of w_i (f_i - z_i) (:eq:`eq-tchebycheff`).

    Its minimum lies where a ray from the ideal point z, with the slope 1/w, meets the front. So
    every point of the front that is worse than z everywhere is the minimum for some preference.

    Args:
        ideal: z, (m,): as good as or better than the best of each objective alone.
        smoothing: mu, in units of cost: 0, or a softer maximum,
            mu log sum exp(w_i (f_i - z_i) / mu) (:eq:`eq-smooth-tchebycheff`), which exceeds the
            true one by no more than mu log m and has a gradient everywhere.

    Source: Lin et al., arXiv 2402.19078, for the smooth one.

    Raises:
        ValueError: ``ideal`` is not (m,) and finite, or ``smoothing`` is negative or not finite.
    """

    ideal: Tensor
    smoothing: float = 0.0

    def __post_init__(self) -> None:
        if self.ideal.ndim != 1:
            raise ValueError(f"ideal must have shape (m,), a number for each objective; it has "
                             f"{tuple(self.ideal.shape)}")
        all_finite("ideal", self.ideal)
        finite("smoothing", self.smoothing)
        if self.smoothing < 0:
            raise ValueError(f"smoothing must not be negative; it is {self.smoothing:g}")

    def __call__(self, costs: Tensor, preferences: Tensor) -> Tensor:
        """costs: (n, m), preferences: (m,) or (n, m) → (n,)."""
        w = _fitting(costs, preferences)
        if len(self.ideal) != costs.shape[1]:
            raise ValueError(f"ideal must hold {costs.shape[1]} objectives, as costs do; it holds "
                             f"{len(self.ideal)}")
        behind = w * (costs - self.ideal.to(costs))
        if self.smoothing == 0:
            return behind.amax(1)
        return self.smoothing * torch.logsumexp(behind / self.smoothing, 1)


def _fitting(costs: Tensor, preferences: Tensor) -> Tensor:
    if costs.ndim != 2:
        raise ValueError(f"costs must have shape (n, m), a column for each objective; it has "
                         f"{tuple(costs.shape)}")
    all_finite("costs", costs)
    return check_preferences(preferences, *costs.shape).to(costs)
