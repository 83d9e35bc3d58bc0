"""The preference that is sampled when gradients of all rewards are added at every time."""

import math

from diffusionbook.arguments import finite, positive
from diffusionbook.exact.dps_law import dps_ode, dps_sde

SAMPLERS = {"sde": dps_sde, "ode": dps_ode}


def overshoot_of(kappa: float, sampler: str) -> float:
    """How far the samples' mean goes, as a multiple of the right one (:eq:`eq-sampled-preference`).

    Two quadratic rewards of one width, weighted, are one quadratic reward around the weighted
    centre. So steering by both is DPS with that centre as its observation.

    Args:
        kappa: the prior's variance times the scale over the rewards' variance, positive.
        sampler: sde or ode.

    Raises:
        ValueError: ``kappa`` is not positive, or there is no such sampler.
    """
    positive("kappa", kappa)
    if sampler not in SAMPLERS:
        raise ValueError(f"sampler must be one of {', '.join(SAMPLERS)}; it is {sampler!r}")
    made = SAMPLERS[sampler](1.0, 1 / math.sqrt(kappa), 1.0).mean
    return made * (1 + kappa) / kappa


def sampled_preference(
    preference: float, kappa: float, centres: tuple[float, float], sampler: str
) -> float:
    """The preference whose exact law has the mean that is sampled (:eq:`eq-sampled-preference`).

    Data N(0, s^2) on a line, rewards -(x - a_i)^2 / 2 tau^2. The preference is that of the first
    reward. The answer may lie outside [0, 1]: no preference asks for that mean.

    Args:
        preference: what is set, in [0, 1].
        kappa: s^2 scale / tau^2, positive.
        centres: a_1 and a_2, different.
        sampler: sde or ode.

    Raises:
        ValueError: an argument is none of these.
    """
    finite("preference", preference)
    finite("centres", *centres)
    if not 0 <= preference <= 1:
        raise ValueError(f"preference must lie in [0, 1]; it is {preference}")
    one, two = centres
    if one == two:
        raise ValueError(f"centres must be different; both are {one}")
    set_at = preference * one + (1 - preference) * two
    return (overshoot_of(kappa, sampler) * set_at - two) / (one - two)
