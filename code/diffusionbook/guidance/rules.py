"""Combine rules: how to go beyond the strong answer, away from the weak one.

A rule is called as ``(strong, weak, w) -> Prediction``. At w = 1 it must return the strong answer:
guided models take that one without asking the rule, or the weak model.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch

from diffusionbook.arguments import finite
from diffusionbook.prediction import Param, Prediction
from diffusionbook.shapes import check_samples, expand

Combine = Callable[[Prediction, Prediction, float], Prediction]


def extrapolate(strong: Prediction, weak: Prediction, w: float) -> Prediction:
    """weak + w (strong - weak) (:eq:`eq-cfg`), in the row that the strong model answers in.

    At given x_t every row is affine in every other, and the factors w and 1 - w add up to 1: the
    guided field does not depend on the row. Where both models answer in the same one nothing is
    converted, so nothing is singular, not even where alpha = 0.

    Raises:
        ValueError: if w is not finite.
    """
    finite("w", w)
    start = weak.to(strong.param)
    return replace(strong, y=start + w * (strong.y - start))


@dataclass(frozen=True)
class Rescaled:
    """Extrapolate, then give each sample the spread of the strong answer (:eq:`eq-rescale`).

    The guided value g in row ``param`` becomes (phi std(strong) / std(g) + 1 - phi) g, with both
    std taken over all the numbers of one sample. Here the row does matter. The default, x0, is the
    space of the data, where too large a spread is over-exposure; the paper multiplies what its
    network puts out, which is v. For images: the spread of a point in the plane means little.

    Args:
        phi: 0 is :func:`extrapolate`, 1 the full correction; the paper uses 0.7.
        param: the row of the prediction table that is rescaled.

    Source: Lin et al., arXiv 2305.08891.

    Raises:
        ValueError: if phi is outside [0, 1], if a sample is a single number, or where the models'
            row cannot be read as ``param``, such as eps as x0 where alpha = 0.
    """

    phi: float
    param: Param = "x0"

    def __post_init__(self) -> None:
        if not 0 <= self.phi <= 1:
            raise ValueError(f"phi must lie in [0, 1]; it is {self.phi}")

    def __call__(self, strong: Prediction, weak: Prediction, w: float) -> Prediction:
        check_samples("x_t", strong.x_t)
        guided = extrapolate(strong, weak, w).to(self.param)
        if guided[0].numel() < 2:
            raise ValueError("Rescaled needs samples of 2 numbers or more; they hold 1")
        wanted, found = (y.flatten(1).std(1) for y in (strong.to(self.param), guided))
        # a sample without any spread cannot be given one
        ratio = torch.where(found > 0, wanted / found, 1)
        factor = expand(self.phi * ratio + 1 - self.phi, guided)
        return replace(strong, y=factor * guided, param=self.param)


@dataclass(frozen=True)
class Projected:
    """Adaptive projected guidance: leave out what only makes x0 longer (:eq:`eq-projected`).

    The update strong - weak in x0 is split, for each sample, into a part along the strong x0 and
    one at right angles to it. The first moves x0 away from the origin (in images: saturation), and
    only ``parallel`` times it is used. The paper also gives the update a negative momentum from
    step to step; that acts on a trajectory and is no denoiser, so it is left out. In one dimension
    everything is parallel.

    Args:
        parallel: 0 leaves the parallel part out; 1, without ``radius``, is :func:`extrapolate`.
        radius: longer updates are first shortened to this norm; None for no bound.

    Source: Sadat, Hilliges & Weber, arXiv 2410.02416.

    Raises:
        ValueError: if a number is not finite or radius not positive, or where x0 cannot be
            recovered, such as from eps where alpha = 0.
    """

    parallel: float = 0.0
    radius: float | None = None

    def __post_init__(self) -> None:
        finite("parallel", self.parallel)
        if self.radius is not None and not 0 < self.radius < math.inf:
            raise ValueError(f"radius must be positive, or None for no bound; it is {self.radius}")

    def __call__(self, strong: Prediction, weak: Prediction, w: float) -> Prediction:
        finite("w", w)
        x0 = strong.x0
        update = x0 - weak.x0
        if self.radius is not None:
            norm = update.flatten(1).norm(dim=1)
            update = expand((self.radius / norm).clamp_max(1), update) * update
        inner = (update * x0).flatten(1).sum(1)
        square = x0.flatten(1).square().sum(1).clamp_min(torch.finfo(x0.dtype).tiny)
        along = expand(inner / square, x0) * x0
        y = x0 + (w - 1) * (update - (1 - self.parallel) * along)
        return replace(strong, y=y, param="x0")
