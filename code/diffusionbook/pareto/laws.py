"""Fronts of laws: what several rewards are worth on average, for so many nats of departure.

The law with the largest mean reward among those within a given divergence of the prior is a tilted
one (:eq:`eq-tilted-law`). For mixtures of Gaussians with linear and quadratic rewards that law,
its mean rewards and its divergence are formulas, so the front is a curve that a sampler can be
held against.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from diffusionbook.arguments import finite, positive
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.exact.tilted import tilt, tilt_quadratic
from diffusionbook.guidance.rewards import LinearReward, QuadraticReward
from diffusionbook.pareto.preferences import check_preferences

ExactReward = LinearReward | QuadraticReward


class LawsFront(NamedTuple):
    """One law for each preference, all equally far from the prior."""

    scales: Tensor  # (n,) the factor of the weighted reward that takes each law there
    rewards: Tensor  # (n, m) its mean rewards; more is better
    laws: tuple[GaussianMixture, ...]  # the n laws


def tilted_by(
    prior: GaussianMixture, rewards: list[ExactReward], preferences: Tensor, scale: float
) -> GaussianMixture:
    """The prior times exp(scale times the sum of w_i r_i), normalised (:eq:`eq-many-tilted`).

    Args:
        prior: in d dimensions.
        rewards: m of them, linear or quadratic, in nats.
        preferences: w, (m,), not negative, adding up to 1.
        scale: not negative; 0 leaves the prior.

    Raises:
        ValueError: an argument is none of these.
        TypeError: a reward is neither linear nor quadratic.
    """
    w = check_preferences(preferences, 1, len(rewards))[0]
    finite("scale", scale)
    if scale < 0:
        raise ValueError(f"scale must not be negative; it is {scale}")
    law = prior
    for reward, share in zip(rewards, (scale * w).tolist(), strict=True):
        if share == 0:
            continue
        match reward:
            case LinearReward():
                law = tilt(law, share * reward.direction)
            case QuadraticReward():
                law = tilt_quadratic(law, reward.centre, reward.std / math.sqrt(share))
            case _:
                raise _inexact(reward)
    return law


def mean_reward(law: GaussianMixture, reward: ExactReward) -> float:
    """The mean of a reward over a mixture, exactly.

    Raises:
        TypeError: the reward is neither linear nor quadratic.
    """
    mean = law.mean()
    match reward:
        case LinearReward():
            return float(mean @ reward.direction.to(mean))
        case QuadraticReward():
            away = (mean - reward.centre.to(mean)).square().sum() + law.cov().trace()
            return float(-away / (2 * reward.std**2))
        case _:
            raise _inexact(reward)


def departure(
    prior: GaussianMixture, rewards: list[ExactReward], preferences: Tensor, scale: float
) -> float:
    """The divergence of a tilted law from its prior, in nats (:eq:`eq-departure`).

    It is the mean of scale times the weighted reward, minus log Z; and log Z is the same wherever
    the two densities are compared. Here that is the heaviest component's mean.

    Args:
        prior, rewards, preferences, scale: as for :func:`tilted_by`.

    Raises:
        ValueError, TypeError: as for :func:`tilted_by`.
    """
    law = tilted_by(prior, rewards, preferences, scale)
    w = check_preferences(preferences, 1, len(rewards))[0].tolist()
    at = law.means[law.weights.argmax()][None]
    here = sum(share * float(reward(at)) for share, reward in zip(w, rewards, strict=True))
    log_z = float(prior.log_prob(at)) + scale * here - float(law.log_prob(at))
    mean = sum(share * mean_reward(law, reward) for share, reward in zip(w, rewards, strict=True))
    return scale * mean - log_z


def front_of_laws(
    prior: GaussianMixture, rewards: list[ExactReward], preferences: Tensor, nats: float
) -> LawsFront:
    """For each preference the law with the largest weighted mean reward within ``nats`` of the
    prior (:eq:`eq-laws-front`).

    The set of mean rewards that laws within ``nats`` attain is convex. So weighted sums find all of
    its front, whatever the front of single points looks like.

    Args:
        prior: in d dimensions.
        rewards: m of them, linear or quadratic.
        preferences: (n, m) or (m,).
        nats: how far the laws may depart, positive.

    Raises:
        ValueError: an argument is none of these, or no scale below 10^6 takes a law as far.
        TypeError: a reward is neither linear nor quadratic.
    """
    positive("nats", nats)
    rows = preferences if preferences.ndim == 2 else preferences[None]
    rows = check_preferences(rows, len(rows), len(rewards))
    scales = [_scale_at(prior, rewards, w, nats) for w in rows]
    laws = tuple(tilted_by(prior, rewards, w, s) for w, s in zip(rows, scales, strict=True))
    values = [[mean_reward(law, reward) for reward in rewards] for law in laws]
    return LawsFront(*(torch.tensor(x, dtype=torch.float64) for x in (scales, values)), laws)


def _scale_at(prior: GaussianMixture, rewards: list, w: Tensor, nats: float) -> float:
    """By bisection: the divergence grows with the scale, at the rate scale times a variance."""
    low, high = 0.0, 1.0
    while departure(prior, rewards, w, high) < nats:
        low, high = high, 2 * high
        if high > 1e6:
            raise ValueError(f"nats must be within reach of these rewards; it is {nats}, and at "
                             f"scale {low:g} the law is {departure(prior, rewards, w, low):g} away")
    for _ in range(60):
        middle = (low + high) / 2
        if departure(prior, rewards, w, middle) < nats:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _inexact(reward: object) -> TypeError:
    return TypeError(f"rewards must be LinearReward or QuadraticReward, whose tilted laws are "
                     f"formulas; one is {type(reward).__name__}")
