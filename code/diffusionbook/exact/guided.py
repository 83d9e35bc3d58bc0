r"""What guidance samples, in closed form: two centred Gaussians.

The strong model is exact for N(0, s_c^2), the weak one for N(0, s_u^2), and the guided field is w
times the one and 1 - w times the other. It is linear in x, so whatever starts from centred noise
ends as a centred Gaussian, and its std is a formula. One field, and three answers: the ODE's
(:eq:`eq-guided-ode`), the SDE's (:eq:`eq-guided-sde`), and the tilted law p_c^w p_u^(1 - w) that
the field seems to promise (:eq:`eq-tilted`). They agree at w = 0 and w = 1, or if s_c = s_u.

In more dimensions all of it holds along each axis that the two covariances share.
"""

import math

from torch import Tensor

from diffusionbook.arguments import finite, positive
from diffusionbook.paths.gaussian import GaussianPath
from diffusionbook.shapes import Times


def guided_ode_std(s_c: float, s_u: float, w: float) -> float:
    """s_c^w s_u^(1 - w): the std of what the guided ODE makes of pure noise (:eq:`eq-guided-ode`).

    Exact, on every path, from a start where alpha / sigma = 0 down to t = 0.

    Args:
        s_c: std of the strong model's law, positive.
        s_u: std of the weak model's law, positive.
        w: the guidance scale, the same at all times.

    Raises:
        ValueError: a std is not positive and finite, or ``w`` is not finite.
    """
    _check(s_c, s_u, w)
    return s_c**w * s_u ** (1 - w)


def guided_ode_std_at(
    path: GaussianPath,
    t: Times,
    s_c: float,
    s_u: float,
    w: float,
    *,
    start: float = 1.0,
    start_std: float | None = None,
) -> Tensor:
    """The std of x_t on the way of the guided ODE from ``start`` (:eq:`eq-guided-ode-at`).

    With tau(t) = alpha^2 s^2 + sigma^2, the variance of each model's x_t, the ODE reads
    d log x / dt = w (log tau_c)' / 2 + (1 - w) (log tau_u)' / 2. So between any two times, in
    either direction, x is multiplied by the ratio of tau_c^(w / 2) tau_u^((1 - w) / 2).

    Args:
        path: the path of both models.
        t: where to read the std, a number or (b,).
        s_c: std of the strong model's law, positive.
        s_u: std of the weak model's law, positive.
        w: the guidance scale between ``start`` and t.
        start: the time at which the std is known.
        start_std: the std there; default sigma(start), that of noise alone. Chain two calls to
            change w on the way.

    Returns:
        float64, the shape of t.

    Raises:
        ValueError: s_c or s_u is not positive and finite, ``w`` is not finite, the std at ``start``
            is not positive, or ``start`` or t is no time of the path.
    """
    _check(s_c, s_u, w)
    if start_std is None:
        start_std = float(path.sigma(start))
    positive("start_std", start_std)

    def power(time: Times) -> Tensor:
        alpha, sigma = path.alpha(time), path.sigma(time)
        v_c, v_u = ((alpha * s) ** 2 + sigma**2 for s in (s_c, s_u))
        return v_c ** (w / 2) * v_u ** ((1 - w) / 2)

    return start_std * power(t) / power(start)


def guided_sde_std(s_c: float, s_u: float, w: float) -> float:
    """The std of what the guided reverse-time SDE makes of pure noise (:eq:`eq-guided-sde`).

    With r = (s_c / s_u)^2 and n = 2 w - 1 the variance is s_c^2 (r^n - 1) / (n (r - 1)), which is
    s_c^2 times the mean of 1, r, …, r^(n - 1) where n is a whole number. It is what DDPM's sampler
    (DDIM with eta = 1) and Euler–Maruyama tend to with more and more steps, on every path.

    Args:
        s_c: std of the strong model's law, positive.
        s_u: std of the weak model's law, positive.
        w: the guidance scale, the same at all times.

    Raises:
        ValueError: a std is not positive and finite, or ``w`` is not finite.
    """
    _check(s_c, s_u, w)
    log_r, n = 2 * math.log(s_c / s_u), 2 * w - 1
    return s_c * math.sqrt(_expm1_ratio(n * log_r) / _expm1_ratio(log_r))


def tilted_std(s_c: float, s_u: float, w: float) -> float:
    """1 / sqrt(w / s_c^2 + (1 - w) / s_u^2): the std of p_c^w p_u^(1 - w) (:eq:`eq-tilted`).

    Args:
        s_c: std of the strong model's law, positive.
        s_u: std of the weak model's law, positive.
        w: the guidance scale.

    Raises:
        ValueError: if p_c^w p_u^(1 - w) has no finite integral, so that it is not a law; if a std
            is not positive and finite, or ``w`` is not finite.
    """
    _check(s_c, s_u, w)
    precision = w / s_c**2 + (1 - w) / s_u**2
    if not precision > 0:
        raise ValueError(
            f"w must keep w / s_c^2 + (1 - w) / s_u^2 positive, or p_c^w p_u^(1 - w) has no finite "
            f"integral; at s_c = {s_c}, s_u = {s_u}, w = {w} it is {precision:g}"
        )
    return 1 / math.sqrt(precision)


def _expm1_ratio(x: float) -> float:
    """(e^x - 1) / x, continued to 1 at x = 0."""
    return math.expm1(x) / x if x else 1.0


def _check(s_c: float, s_u: float, w: float) -> None:
    if not (0 < s_c < math.inf and 0 < s_u < math.inf):
        raise ValueError(f"s_c and s_u must be positive and finite; they are {s_c} and {s_u}")
    finite("w", w)
