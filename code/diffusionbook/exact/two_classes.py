r"""How far the guided ODE overshoots a class: two Gaussian classes of one width on a line.

Measure the guided point's distance from the centre of its class in widths of the noisy class,
zeta = (x_t - alpha ell) / sqrt(tau), where the classes lie at ell and -ell, and the distance of the
class from the middle between both in the same unit, xi = alpha ell / sqrt(tau), which grows from 0
in the noise to ell / s at the data. In these two the path is gone, and of ell and s only the end
ell / s is left (:eq:`eq-overshoot`).
"""

import math

import torch
from torch import Tensor

from diffusionbook.arguments import all_finite

STEPS = 400  # of a rule of order 4: below 2e-6 for scales from 1 to 6, odds to 20:1


def overshoot(noise: Tensor, w: float, separation: float, log_odds: float = 0.0) -> Tensor:
    """Where the guided ODE ends, in widths of the class from its centre (:eq:`eq-overshoot`).

    Both classes are Gaussians of std s, at ell (the class asked for) and -ell. The answer does not
    depend on the path, if its noise holds no data. Beyond a separation of 12 nothing is added: with
    w >= 1 nobody is in doubt there whose noise is within 6 of 0. With w < 1 some are, at any
    separation, since they are drawn back to the middle; so that is refused.

    Args:
        noise: x_1 / sigma(1), where the point starts, of any shape.
        w: the guidance scale, the same at all times, at least 1; up to 6 the steps are enough.
        separation: ell / s, positive.
        log_odds: log of the share of the class asked for in the data, over that of the other.

    Returns:
        (x_0 - ell) / s in float64, the shape of ``noise``.

    Raises:
        ValueError: ``separation`` is not positive, ``w`` is below 1, or a number is not finite.
    """
    if not 0 < separation < math.inf:
        raise ValueError(f"separation must be positive and finite; it is {separation}")
    if not math.isfinite(w) or not math.isfinite(log_odds):
        raise ValueError(f"w and log_odds must be finite; they are {w} and {log_odds}")
    if w < 1:
        raise ValueError(f"w must be at least 1, where guidance begins; it is {w}")

    all_finite("noise", noise)

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
