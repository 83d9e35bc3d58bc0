r"""What a network predicts: one table instead of twenty converters.

Every prediction target is a row (p, q), meaning **y = p x0 + q eps** (:eq:`eq-row`), next to the
noisy point's own row x_t = alpha x0 + sigma eps. Two linear equations in two unknowns: solving
them with the determinant D = alpha q - sigma p (:eq:`eq-determinant`) converts any row into any
other (:eq:`eq-solve-x0`, :eq:`eq-solve-eps`), and the same D is the weight that a plain
mean-squared error in that row carries (:eq:`eq-loss-weight`).
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from diffusionbook.arguments import positive
from diffusionbook.paths.gaussian import Coefficients, GaussianPath
from diffusionbook.shapes import Samples, Times, as_time


@dataclass(frozen=True)
class EDM:
    """The raw network output F of Karras et al., arXiv 2206.00364, for data of std sigma_data.

    Defined on paths with alpha = 1.

    Raises:
        ValueError: if ``sigma_data`` is not positive and finite.
    """

    sigma_data: float = 0.5

    def __post_init__(self) -> None:
        positive("sigma_data", self.sigma_data)


Param = Literal["x0", "eps", "v", "velocity", "score"] | EDM
NAMES = ("x0", "eps", "v", "velocity", "score")


def coefficients(param: Param, c: Coefficients) -> tuple[Tensor, Tensor]:
    """The row (p, q) of ``param`` on a path with coefficients ``c`` (:eq:`eq-row`).

    Raises:
        ValueError: if ``param`` is not in the table, or is EDM on a path whose alpha is not 1.
    """
    zero, one = torch.zeros_like(c.alpha), torch.ones_like(c.alpha)
    match param:
        case "x0":
            return one, zero
        case "eps":
            return zero, one
        case "v":
            return -c.sigma, c.alpha
        case "velocity":
            return c.d_alpha, c.d_sigma
        case "score":
            return zero, -1 / c.sigma
        case EDM(sigma_data=s):
            if not bool((c.alpha == 1).all()):
                raise ValueError("param EDM needs a path with alpha = 1, such as VE")
            norm = torch.sqrt(c.sigma**2 + s**2)
            return c.sigma / (s * norm), -s / norm
    raise ValueError(f"param must be one of {NAMES} or EDM(sigma_data); it is {param!r}")


def determinant(param: Param, c: Coefficients) -> Tensor:
    """D = alpha q - sigma p (:eq:`eq-determinant`); 0 or infinite where the row is singular."""
    p, q = coefficients(param, c)
    return c.alpha * q - c.sigma * p


def _solve(y: Samples, param: Param, x_t: Samples, t: Times, path: GaussianPath, c: Coefficients):
    """x0 and eps from a row's value y and x_t (:eq:`eq-solve-x0`, :eq:`eq-solve-eps`)."""
    p, q = coefficients(param, c)
    d = c.alpha * q - c.sigma * p
    if not bool((torch.isfinite(d) & (d.abs() > 1e-12)).all()):
        raise ValueError(
            f"param {param!r} is singular on {path} at t = {as_time(t).flatten().tolist()[:3]}: "
            f"its determinant alpha q - sigma p is 0 or not finite there, so x0 and eps cannot be "
            f"recovered; keep away from that t, or use another row of the table"
        )
    return (q * x_t - c.sigma * y) / d, (c.alpha * y - p * x_t) / d


def convert(
    y: Samples, x_t: Samples, t: Times, path: GaussianPath, *, source: Param, target: Param
) -> Samples:
    """The value in row ``target`` of what row ``source`` says is ``y`` at x_t.

    Raises:
        ValueError: for an unknown row, or where the determinant of ``source`` is 0 or not finite.
    """
    return Prediction(y, source, x_t, t, path).to(target)


def loss_weight(param: Param, t: Times, path: GaussianPath) -> Tensor:
    """(D / sigma)^2: the error in row ``param`` over the error in x0 (:eq:`eq-loss-weight`).

    eps gives the SNR; v gives SNR + 1 where alpha^2 + sigma^2 = 1; EDM gives its lambda(sigma).

    Returns:
        float64, the shape of t.

    Raises:
        ValueError: if ``param`` is unknown, or is EDM on a path whose alpha is not 1, or if t is no
            time of the path.
    """
    c = path.at(t, as_time(t).flatten())
    return (determinant(param, c) / c.sigma) ** 2


@dataclass(frozen=True)
class Prediction:
    """A model's answer at (x_t, t): the value ``y`` of row ``param``, readable as any other row.

    The properties convert when asked, so a row that is singular at some t does no harm until
    somebody needs it there.
    """

    y: Samples
    param: Param
    x_t: Samples
    t: Times
    path: GaussianPath

    def to(self, param: Param) -> Samples:
        """This prediction in another row of the table; (b, *d).

        Its own row is returned as it is. The errors below are those of a conversion.

        Raises:
            ValueError: if ``param`` or the own row is unknown, or EDM on a path whose alpha is not
                1; if ``param`` is not finite at t; if the determinant of the own row is 0 or not
                finite there; or if t is no time of the path or does not fit x_t.
        """
        if param == self.param:
            return self.y
        c = self.path.at(self.t, self.x_t)
        p, q = coefficients(param, c)
        if not bool((torch.isfinite(p) & torch.isfinite(q)).all()):
            raise ValueError(
                f"param {param!r} is not finite on {self.path} at "
                f"t = {as_time(self.t).flatten().tolist()[:3]}"
            )
        x0, eps = _solve(self.y, self.param, self.x_t, self.t, self.path, c)
        return p * x0 + q * eps

    @property
    def x0(self) -> Samples:
        """The predicted data point, E[x0 | x_t] for an exact model."""
        return self.to("x0")

    @property
    def eps(self) -> Samples:
        """The predicted noise."""
        return self.to("eps")

    @property
    def score(self) -> Samples:
        """The gradient of log p_t at x_t: -eps / sigma (:eq:`eq-score-eps`)."""
        return self.to("score")

    @property
    def velocity(self) -> Samples:
        """alpha' x0 + sigma' eps, the direction of the probability-flow ODE (:eq:`eq-velocity`)."""
        return self.to("velocity")

    @property
    def v(self) -> Samples:
        """alpha eps - sigma x0 (Salimans & Ho, arXiv 2202.00512)."""
        return self.to("v")
