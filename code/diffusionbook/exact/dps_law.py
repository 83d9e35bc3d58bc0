r"""What diffusion posterior sampling (DPS) draws, in closed form: one Gaussian seen through noise.

The prior is N(0, s^2), the observation y = x0 + n with n of std sigma_y, and all depends on
kappa = s^2 / sigma_y^2. DPS adds the gradient of log N(y; x0_hat(x_t), sigma_y^2) to the exact
score (:eq:`eq-dps`). Measure time by chi = s^2 / (s^2 + nu), the share of the prior's variance that
x_t explains, where nu = sigma_t^2 / alpha_t^2: it runs from 0 in the noise to 1 at the data, and
the path is gone. The reverse SDE turns the answer m = x0_hat into an Ornstein-Uhlenbeck process,

    dm = kappa (y - m) dchi + s dW,    m = 0 at chi = 0,

whose law at chi = 1 is :eq:`eq-dps-sde`; the exact posterior has kappa / (1 + kappa (1 - chi)) for
the rate kappa. The probability-flow ODE reads, for m / sqrt(chi) = w, which is N(0, s^2) at first,

    dw/dchi = kappa (y / sqrt(chi) - w) / 2,

and its solution at chi = 1 is :eq:`eq-dps-ode`.

In more dimensions all of it holds along each axis that the prior's covariance and A'A share: with
variance a^2 of the latter, observe y / a with noise of std sigma_y / a. A gradient that is
multiplied by a number is that of an observation whose kappa is multiplied by it.
"""

import math
from typing import NamedTuple

from scipy.special import dawsn

from diffusionbook.arguments import finite, positive


class Normal(NamedTuple):
    """The law of one number: N(mean, variance)."""

    mean: float
    variance: float


def dps_ode(std: float, noise_std: float, observed: float) -> Normal:
    """What DPS draws with the probability-flow ODE (:eq:`eq-dps-ode`): the mean
    y sqrt(2 kappa) D(sqrt(kappa / 2)), with Dawson's function D, and the variance s^2 e^{-kappa}.

    Exact, on every path, from a start without data. The mean goes beyond the observation for all
    kappa > 1.71, by 28 % at most. The posterior has y kappa / (1 + kappa) and s^2 / (1 + kappa).

    Args:
        std: s of the prior N(0, s^2), positive.
        noise_std: sigma_y, positive.
        observed: y.

    Raises:
        ValueError: a std is not positive, or ``observed`` is not finite.
    """
    ratio = _ratio(std, noise_std, observed)
    a = ratio / math.sqrt(2)
    gain = 2 * a * float(dawsn(a)) if a < 1e9 else 1.0  # 1 + 1 / 2 a^2 + …
    return Normal(observed * gain, std * std * math.exp(-ratio * ratio))


def dps_sde(std: float, noise_std: float, observed: float) -> Normal:
    """What DPS draws with the reverse SDE (:eq:`eq-dps-sde`): the mean y (1 - e^{-kappa}), and the
    variance s^2 (1 - e^{-2 kappa}) / (2 kappa).

    The limit of many steps, on every path, from a start without data. For a precise observation
    the variance is sigma_y^2 / 2, half of the posterior's.

    Args:
        std: s of the prior N(0, s^2), positive.
        noise_std: sigma_y, positive.
        observed: y.

    Raises:
        ValueError: a std is not positive, or ``observed`` is not finite.
    """
    ratio = _ratio(std, noise_std, observed)
    kappa = ratio * ratio
    if kappa > 1:  # s^2 / kappa is sigma_y^2, also where kappa is too large for a float
        variance = -math.expm1(-2 * kappa) * noise_std * noise_std / 2
    else:
        variance = std * std * (-math.expm1(-2 * kappa) / (2 * kappa) if kappa else 1.0)
    return Normal(-math.expm1(-kappa) * observed, variance)


def _ratio(std: float, noise_std: float, observed: float) -> float:
    positive("std", std)
    positive("noise_std", noise_std)
    finite("observed", observed)
    return std / noise_std
