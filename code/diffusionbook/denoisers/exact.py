"""Exact denoisers: of a Gaussian mixture, and of a finite data set."""

import torch
from torch import Tensor

from diffusionbook.arguments import all_finite
from diffusionbook.denoisers.model import check_input
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.paths.gaussian import GaussianPath
from diffusionbook.prediction import Prediction
from diffusionbook.shapes import (
    Labels,
    Samples,
    Times,
    as_time,
    full_precision,
)


class AnalyticDenoiser:
    """The exact denoiser of a Gaussian mixture: x0 is its posterior mean (:eq:`eq-tweedie`)."""

    def __init__(self, mixture: GaussianMixture, path: GaussianPath) -> None:
        self.mixture, self.path = mixture, path

    def __call__(self, x_t: Samples, t: Times, y: Labels | None = None) -> Prediction:
        """x_t: (b, d), t: () or (b,), y: (b,) → the posterior mean of x0, a (b, d) prediction.

        Raises:
            ValueError: if t is not in (0, 1] (at t = 0 there is no noise to remove), is no time of
                the path or does not fit x_t; if x_t is not (b, d) or is empty; or if ``y`` does
                not fit x_t or holds a label of no component.
        """
        check_input(x_t, _positive(t), y, self.mixture.dim)
        x0 = self.mixture.posterior_mean(x_t, self.path.alpha(t), self.path.sigma(t), y)
        return Prediction(x0.to(x_t), "x0", x_t, t, self.path)


class EmpiricalDenoiser:
    """The exact denoiser of a finite data set: a softmax over its points (:eq:`eq-empirical`).

    This is the minimiser of the training loss over all functions, and it can only ever return
    weighted averages of training points.

    Args:
        data: (n, *d) the data set.
        path: the path on which x_t lives.
        labels: (n,) integers, for use with ``y``.

    Raises:
        ValueError: if ``data`` is empty or not finite, or ``labels`` does not hold one for each
            point.
    """

    def __init__(self, data: Samples, path: GaussianPath, labels: Labels | None = None) -> None:
        if data.shape[0] == 0:
            raise ValueError("data must hold at least one point; it is empty")
        all_finite("data", data)
        if labels is not None and labels.shape != data.shape[:1]:
            raise ValueError(
                f"labels must have shape ({data.shape[0]},); it has {tuple(labels.shape)}"
            )
        self.data, self.path, self.labels = data, path, labels

    def weights(self, x_t: Samples, t: Times, y: Labels | None = None) -> Tensor:
        """(b, n): the posterior probability of each data point given x_t.

        Args:
            x_t: (b, *d) noisy points.
            t: () or (b,) times, positive.
            y: (b,) labels; only data points of that label are considered. Default: all.

        Raises:
            ValueError: if t is not in (0, 1] (at t = 0 there is no noise to remove), is no time of
                the path or does not fit x_t; if x_t is empty or its samples have another shape
                than the data; if ``y`` is given to a denoiser without labels, does not fit x_t, or
                holds a label of no data point.
        """
        check_input(x_t, t, y, *self.data.shape[1:])
        rows = full_precision(x_t.flatten(1))
        c, points = self.path.at(_positive(t), rows), self.data.flatten(1).to(rows)
        # |x - a z|^2 = |x|^2 - 2 a x.z + a^2 |z|^2, and the softmax does not feel |x|^2
        fit = c.alpha * rows @ points.T - c.alpha**2 * points.square().sum(1) / 2
        logits = fit / c.sigma**2
        if y is not None:
            if self.labels is None:
                raise ValueError("y was given, but this denoiser was made without labels")
            allowed = y[:, None] == self.labels
            if not bool(allowed.any(1).all()):
                raise ValueError(f"y holds a label of no data point: {y.unique().tolist()}")
            logits = logits.masked_fill(~allowed, -torch.inf)
        return logits.softmax(1)

    def __call__(self, x_t: Samples, t: Times, y: Labels | None = None) -> Prediction:
        """x_t: (b, *d), t: () or (b,), y: (b,) → the weighted mean of the data, (b, *d).

        Raises:
            ValueError: as :meth:`weights` does.
        """
        weights = self.weights(x_t, t, y)
        mean = weights @ self.data.flatten(1).to(weights)
        return Prediction(mean.reshape(x_t.shape).to(x_t), "x0", x_t, t, self.path)


def _positive(t: Times) -> Times:
    if not bool((as_time(t) > 0).all()):
        raise ValueError("t must be positive: at t = 0 there is no noise to predict; it holds a 0")
    return t  # in the dtype it came in, by which a chain knows how it was rounded
