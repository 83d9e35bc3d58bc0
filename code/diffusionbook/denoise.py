"""Denoisers: everything that can answer "which x0 and eps made this x_t?".

A network, an exact mixture and a finite data set are all called the same way,
``denoiser(x_t, t, y) -> Prediction``, so every sampler and every loss runs on each of them.
"""

from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from diffusionbook.arguments import all_finite
from diffusionbook.gaussians import GaussianMixture
from diffusionbook.paths import GaussianPath
from diffusionbook.prediction import Param, Prediction
from diffusionbook.shapes import Labels, Samples, Times, as_time


@runtime_checkable
class Denoiser(Protocol):
    """What samplers and losses ask of a model."""

    path: GaussianPath

    def __call__(self, x_t: Samples, t: Times, y: Labels | None = None) -> Prediction: ...


class NetDenoiser(nn.Module):
    """A network and the meaning of its output.

    Args:
        net: called as ``net(x_t, t)`` or, with labels, ``net(x_t, t, y)``, with t of shape (b,) in
            x_t's dtype; returns a tensor of x_t's shape.
        path: the path on which x_t lives.
        param: which row of the prediction table the output is (:eq:`eq-row`).
    """

    def __init__(self, net: nn.Module, path: GaussianPath, param: Param) -> None:
        super().__init__()
        self.net, self.path, self.param = net, path, param

    def forward(self, x_t: Samples, t: Times, y: Labels | None = None) -> Prediction:
        """x_t: (b, *d), t: () or (b,), y: (b,) → a prediction whose values are (b, *d).

        Raises:
            ValueError: if t leaves [0, 1], or the network returns another shape than x_t's.
        """
        time = as_time(t).to(x_t).expand(x_t.shape[0])
        out = self.net(x_t, time) if y is None else self.net(x_t, time, y)
        if out.shape != x_t.shape:
            raise ValueError(
                f"net must return the shape of x_t, {tuple(x_t.shape)}; it returned "
                f"{tuple(out.shape)}"
            )
        return Prediction(out, self.param, x_t, t, self.path)


class AnalyticDenoiser:
    """The exact denoiser of a Gaussian mixture: x0 is its posterior mean (:eq:`eq-tweedie`)."""

    def __init__(self, mixture: GaussianMixture, path: GaussianPath) -> None:
        self.mixture, self.path = mixture, path

    def __call__(self, x_t: Samples, t: Times, y: Labels | None = None) -> Prediction:
        """x_t: (b, d), t: () or (b,), y: (b,) → the posterior mean of x0, a (b, d) prediction.

        Raises:
            ValueError: if t is not in (0, 1] (at t = 0 there is no noise to remove), is no time of
                the path or does not fit x_t; if x_t is not (b, d); or if a label in ``y`` belongs
                to no component.
        """
        t = _positive(t)
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
                the path or does not fit x_t; if ``y`` is given to a denoiser without labels; or
                if it holds a label of no data point.
        """
        c = self.path.at(_positive(t), x_t.flatten(1))
        points = self.data.flatten(1).to(x_t)
        # |x - a z|^2 = |x|^2 - 2 a x.z + a^2 |z|^2, and the softmax does not feel |x|^2
        fit = c.alpha * x_t.flatten(1) @ points.T - c.alpha**2 * points.square().sum(1) / 2
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
        mean = self.weights(x_t, t, y) @ self.data.flatten(1).to(x_t)
        return Prediction(mean.reshape(x_t.shape), "x0", x_t, t, self.path)


def _positive(t: Times) -> Tensor:
    t = as_time(t)
    if not bool((t > 0).all()):
        raise ValueError("t must be positive: at t = 0 there is no noise to predict; it holds a 0")
    return t
