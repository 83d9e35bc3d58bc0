"""The preference that is sampled when gradients of all rewards are added at every time."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from diffusionbook.arguments import all_finite, finite, positive
from diffusionbook.exact.dps_law import dps_ode, dps_sde
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.exact.tilted import tilt_quadratic
from diffusionbook.guidance.rewards import QuadraticReward

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


def preference_with_mean(
    prior: GaussianMixture, rewards: Sequence[QuadraticReward], scale: float, mean: Tensor
) -> Tensor:
    """(d + 1,) the preference whose exact law has a given mean. It adds up to 1, and it has a
    negative entry where no preference asks for that mean.

    Quadratic rewards of one width, weighted, are one such reward around the weighted centre c. So
    the laws of all preferences are one family, p(x) exp(scale (c.x - ``|x|^2`` / 2) / std^2), and
    its mean tells c: the mean's derivative in c is the covariance times scale / std^2. Newton's
    method finds c, and the preference is c's coordinates among the centres.

    Args:
        prior: in d dimensions.
        rewards: d + 1, of one width, whose centres do not lie in a plane of fewer dimensions.
        scale: positive.
        mean: (d,).

    Raises:
        ValueError: an argument is none of these, or Newton's method finds no such c.
    """
    positive("scale", scale)
    all_finite("mean", mean)
    d = prior.means.shape[1]
    if mean.shape != (d,):
        raise ValueError(f"mean must have shape ({d},), as the prior has; it has "
                         f"{tuple(mean.shape)}")
    if len(rewards) != d + 1 or len({reward.std for reward in rewards}) > 1:
        raise ValueError(f"rewards must be {d + 1} of one width; there are {len(rewards)} with the "
                         f"widths {[reward.std for reward in rewards]}")
    mean, std = mean.double(), rewards[0].std
    corners = torch.stack([reward.centre.to(mean) for reward in rewards])
    edges = corners[:-1] - corners[-1]
    if not float(torch.linalg.cond(edges)) < 1e8:
        raise ValueError(f"rewards must have centres that span {d} dimensions; they are "
                         f"{corners.tolist()}")
    centre = corners.mean(0)
    for _ in range(200):
        law = tilt_quadratic(prior, centre, std / math.sqrt(scale))
        missing = mean - law.mean()
        if float(missing.abs().max()) < 1e-10:
            shares = torch.linalg.solve(edges.T, centre - corners[-1])
            return torch.cat([shares, 1 - shares.sum(0, keepdim=True)])
        step = torch.linalg.solve(law.cov(), missing) * std**2 / scale
        centre = centre + step / max(1.0, 2 * float(step.norm()))  # half a unit at most
    raise ValueError(f"mean must be that of a law of this family; it is {mean.tolist()}")
