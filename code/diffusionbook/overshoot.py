r"""How far the guided ODE overshoots a class: two Gaussian classes of one width on a line.

Measure the guided point's distance from the centre of its class in widths of the noisy class,
zeta = (x_t - alpha a) / sqrt(tau), and the distance of the class from the middle between both in
the same unit, xi = alpha m / sqrt(tau), which grows from 0 in the noise to m / s at the data.
In these two the path, m and s are gone (:eq:`eq-overshoot`).
"""

import math

import torch
from torch import Tensor

STEPS = 400  # of a rule of order 4: below 1e-8 for scales up to 6


def overshoot(noise: Tensor, w: float, separation: float, log_odds: float = 0.0) -> Tensor:
    """Where the guided ODE ends, in widths of the class from its centre (:eq:`eq-overshoot`).

    Both classes are Gaussians of std s, m to the two sides of the middle. The answer does not
    depend on the path, if its noise holds no data.

    Args:
        noise: x_1 / sigma(1), where the point starts, of any shape.
        w: the guidance scale, the same at all times.
        separation: m / s, positive.
        log_odds: log of how often the class is asked for in the data, over the other one.

    Returns:
        (x_0 - a) / s in float64, the shape of ``noise``.

    Raises:
        ValueError: ``separation`` is not positive, or a number is not finite.
    """
    if not 0 < separation < math.inf:
        raise ValueError(f"separation must be positive and finite; it is {separation}")
    if not math.isfinite(w) or not math.isfinite(log_odds):
        raise ValueError(f"w and log_odds must be finite; they are {w} and {log_odds}")

    def rate(zeta: Tensor, xi: float) -> Tensor:
        return 2 * (w - 1) * torch.sigmoid(-2 * xi * (xi + zeta) - log_odds)

    zeta, h = noise.double(), min(separation, 12.0) / STEPS  # beyond 12 nobody is in doubt
    for k in range(STEPS):
        one = rate(zeta, k * h)
        two = rate(zeta + h / 2 * one, (k + 0.5) * h)
        three = rate(zeta + h / 2 * two, (k + 0.5) * h)
        four = rate(zeta + h * three, (k + 1) * h)
        zeta = zeta + h / 6 * (one + 2 * two + 2 * three + four)
    return zeta
