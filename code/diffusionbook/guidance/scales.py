"""Guidance scales: a number, or a function from the time t, a float, to a number."""

import math
from collections.abc import Callable

from diffusionbook.shapes import Times, as_time

Scale = float | Callable[[float], float]


def scale_at(scale: Scale, t: Times) -> float:
    """The number that ``scale`` is at time t.

    Raises:
        ValueError: if it is not finite, or scale is a function and t holds different times.
    """
    if callable(scale):
        times = as_time(t).flatten()
        if not bool((times == times[0]).all()):
            raise ValueError(
                f"t must be one time for the whole batch when scale is a function of it; it spans "
                f"[{float(times.min()):g}, {float(times.max()):g}]"
            )
        scale = scale(float(times[0]))
    check_scale(scale)
    return float(scale)


def check_scale(scale: Scale) -> None:
    """Refuse a number that is not finite; of a function nothing is known yet.

    Raises:
        ValueError: it is not.
    """
    if not callable(scale) and not math.isfinite(scale):
        raise ValueError(f"scale must be a finite number, or a function to such; it is {scale}")


def interval(scale: Scale, low: float, high: float) -> Callable[[float], float]:
    """The scale that is ``scale`` for low <= t <= high and 1 outside (:eq:`eq-guidance-interval`).

    Outside the interval only one of the two models is evaluated.

    Source: Kynkäänniemi et al., arXiv 2404.07724, whose interval is one of noise levels, our
    sigma / alpha: :meth:`~diffusionbook.paths.gaussian.GaussianPath.t_from_half_log_snr` of minus
    the logarithm of a level is its time.

    Raises:
        ValueError: unless 0 <= low < high <= 1, or if ``scale`` is a number that is not finite.
    """
    if not 0 <= low < high <= 1:
        raise ValueError(f"low and high must satisfy 0 <= low < high <= 1; they are {low}, {high}")

    check_scale(scale)

    def at(t: float) -> float:
        inside = low - 1e-9 <= t <= high + 1e-9  # 0.1 + 0.2 is no later than 0.3
        return scale_at(scale, t) if inside else 1.0

    return at
