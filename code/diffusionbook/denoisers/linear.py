"""The best straight-line answer to "which x0 made this x_t?": what means and covariances can tell.

Between a network and the exact denoiser of its training set stands this one. It knows how every
pixel goes with every other one, and nothing else: no strokes, no digits.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from diffusionbook.arguments import all_finite
from diffusionbook.denoisers.model import check_input
from diffusionbook.paths.gaussian import GaussianPath
from diffusionbook.prediction import Prediction
from diffusionbook.shapes import Labels, Samples, Times, full_precision


class LinearDenoiser:
    """The linear function of x_t with the least squared error in x0 (:eq:`eq-linear-denoiser`).

    For data that are Gaussian it is the exact denoiser; for all others it is exact for the Gaussian
    with their mean and covariance. At t = 0, where there is no noise, it returns x_t.

    Args:
        data: (n, *d), n >= 2; their mean and covariance (divided by n) are all that is kept.
        path: the path on which x_t lives.

    Raises:
        ValueError: fewer than two data points, or one that is not finite.

    Source: Wiener, Extrapolation, Interpolation, and Smoothing of Stationary Time Series (1949),
    for the filter.
    """

    def __init__(self, data: Samples, path: GaussianPath) -> None:
        if len(data) < 2:
            raise ValueError(f"data must hold two or more points; it holds {len(data)}")
        all_finite("data", data)
        self.path, self.shape, rows = path, data.shape[1:], data.flatten(1)
        self.mean = rows.mean(0, dtype=torch.float64)
        second = torch.zeros(rows.shape[1], rows.shape[1], dtype=torch.float64)
        for part in rows.split(4096):  # a copy of all images in float64 would not fit Binder
            centred = part.double() - self.mean
            second += centred.T @ centred
        variances, self.axes = torch.linalg.eigh(second / len(rows))
        self.variances = variances.clamp(min=0)  # 0 may round to -1e-17

    def __call__(self, x_t: Samples, t: Times, y: Labels | None = None) -> Prediction:
        """x_t: (b, *d), t: () or (b,) → the linear estimate of x0, a (b, *d) prediction.

        Raises:
            ValueError: if a label is given, for it knows none; or x_t is empty, or does not fit
                the data, or t does not fit x_t.
        """
        if y is not None:
            raise ValueError("y was given, but a linear denoiser knows no labels")
        check_input(x_t, t, None, *self.shape)
        rows = full_precision(x_t.flatten(1))
        c = self.path.at(t, rows)
        mean, axes, variances = self.mean.to(rows), self.axes.to(rows), self.variances.to(rows)
        seen = c.alpha**2 * variances + c.sigma**2  # of x_t along each axis
        gain = torch.where(seen > 0, c.alpha * variances / seen, torch.ones_like(seen))
        x0 = mean + (gain * ((rows - c.alpha * mean) @ axes)) @ axes.T
        return Prediction(x0.reshape(x_t.shape).to(x_t), "x0", x_t, t, self.path)

    def error(self, t: Times) -> Float[Tensor, ""] | Float[Tensor, " b"]:
        """Its mean squared error in x0, per coordinate, for its own data (:eq:`eq-linear-error`).

        Args:
            t: times in [0, 1].

        Returns:
            float64, the shape of t.
        """
        alpha, sigma = (f(t)[..., None] for f in (self.path.alpha, self.path.sigma))
        seen = alpha**2 * self.variances + sigma**2
        left = torch.where(seen > 0, self.variances * sigma**2 / seen, torch.zeros_like(seen))
        return left.mean(-1)
