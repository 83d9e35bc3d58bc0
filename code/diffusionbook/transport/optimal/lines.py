"""The flow that learns from independent lines between two mixtures, exactly.

Draw x from one mixture and y from another, independently, and join them by a line. Given where a
point of a line is, which pair of components it came from is a matter of Bayes' rule, and within
the pair everything is Gaussian. So the velocity that flow matching would learn is a formula, and
no network stands between the method and what it does.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from diffusionbook.arguments import all_finite, inside, positive, whole
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.shapes import check_samples


def line_velocity(
    a: GaussianMixture, b: GaussianMixture, x: Float[Tensor, "n d"], t: float
) -> Float[Tensor, "n d"]:
    r"""E[y − x | (1 − t) x + t y], the velocity of the lines through a place
    (:eq:`eq-line-velocity`).

    Args:
        a: the law of the lines' starts, at t = 0.
        b: the law of their ends, at t = 1.
        x: (n, d) places.
        t: in [0, 1].

    Raises:
        ValueError: ``t`` is outside [0, 1], x is not (n, d) or not finite, or the two mixtures
            differ in dimension.
    """
    inside("t", t, 0.0, 1.0)
    _check(a, b, x)
    far, near = (1 - t), t
    means = (far * a.means[:, None] + near * b.means).flatten(0, 1)  # (pairs, d)
    covs = (far**2 * a.covs[:, None] + near**2 * b.covs).flatten(0, 1)
    turns = (near * b.covs - far * a.covs[:, None]).flatten(0, 1)
    steps = (b.means - a.means[:, None]).flatten(0, 1)
    weights = (a.weights[:, None] * b.weights).flatten()
    lower = torch.linalg.cholesky(covs)
    away = x.double() - means[:, None]  # (pairs, n, d)
    white = torch.linalg.solve_triangular(lower, away.mT, upper=False)  # (pairs, d, n)
    scale = lower.diagonal(dim1=1, dim2=2).log().sum(1) + x.shape[1] / 2 * math.log(2 * math.pi)
    joint = weights.log()[:, None] - scale[:, None] - white.square().sum(1) / 2  # (pairs, n)
    pulled = torch.linalg.solve_triangular(lower.mT, white, upper=True)  # (pairs, d, n)
    each = steps[:, :, None] + turns @ pulled
    return torch.einsum("pn,pdn->nd", joint.softmax(0), each)


def carried(
    a: GaussianMixture, b: GaussianMixture, x: Float[Tensor, "n d"], steps: int = 100
) -> Float[Tensor, "n d"]:
    """Where that flow carries points from t = 0 to t = 1, by the classical Runge–Kutta rule.

    Args:
        a: the law that x is drawn from.
        b: the law that it arrives at.
        x: (n, d) starts.
        steps: equal ones, at least 1.

    Raises:
        ValueError: as :func:`line_velocity`, or ``steps`` < 1.
    """
    whole("steps", steps, least=1)
    _check(a, b, x)
    x, h = x.double(), 1 / steps
    for k in range(steps):
        t, middle, end = k * h, (k + 0.5) * h, min(1.0, (k + 1) * h)
        first = line_velocity(a, b, x, t)
        second = line_velocity(a, b, x + h / 2 * first, middle)
        third = line_velocity(a, b, x + h / 2 * second, middle)
        last = line_velocity(a, b, x + h * third, end)
        x = x + h / 6 * (first + 2 * second + 2 * third + last)
    return x


def line_energy(std: float) -> float:
    """The kinetic energy of the flow that learns from *independent* pairs of N(0, 1) and
    N(0, std²), on the linear path (:eq:`eq-line-energy`).

    The least energy that does the same is (1 − std)².

    Raises:
        ValueError: ``std`` is not positive and finite.
    """
    positive("std", std)
    return 1 + std**2 - std * math.pi / 2


def _check(a: GaussianMixture, b: GaussianMixture, x: Tensor) -> None:
    if a.dim != b.dim:
        raise ValueError(f"b must have the dimension of a, {a.dim}; it has {b.dim}")
    check_samples("x", x, a.dim)
    all_finite("x", x)
