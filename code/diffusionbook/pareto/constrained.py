"""The epsilon-constraint: the best in one thing, while the others are kept at least at a bound."""

from typing import NamedTuple

import torch
from torch import Tensor

from diffusionbook.arguments import all_finite, positive
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.pareto.laws import ExactReward, mean_reward, tilted_by

MOST = 1e6  # of a multiplier


class Kept(NamedTuple):
    """The law that has most of the first reward while the others are kept, and how sure that is.

    It is the tilted law of these preferences at this scale, so steering by them aims at it. The
    gap is the certificate: no law that keeps the bounds has more of scale times the first mean
    reward, minus its divergence, by more than this.
    """

    preferences: Tensor  # (m,)
    scale: float
    law: GaussianMixture
    rewards: Tensor  # (m,) its mean rewards
    gap: float


def least_within(costs: Tensor, bounds: Tensor) -> int:
    """Which row has the least first cost among those whose others are within bounds
    (:eq:`eq-epsilon-constraint`).

    Every point of the front is found by some bounds, be there a bulge or not: those that are its
    own other costs.

    Args:
        costs: (n, m), less is better.
        bounds: (m - 1,) what the second cost and the others may be at most.

    Source: Haimes, Lasdon and Wismer 1971, as others cite them.

    Raises:
        ValueError: an argument is none of these, or no row is within bounds.
    """
    all_finite("costs", costs)
    all_finite("bounds", bounds)
    if costs.ndim != 2:
        raise ValueError(f"costs must have shape (n, m); it has {tuple(costs.shape)}")
    _fitting(bounds, costs.shape[1])
    within = (costs[:, 1:] <= bounds.to(costs)).all(1)
    if not bool(within.any()):
        raise ValueError(f"bounds must be within reach of one row of costs; they are "
                         f"{bounds.tolist()}")
    return int(costs[:, 0].where(within, torch.inf).argmin())


def kept_above(
    prior: GaussianMixture, rewards: list[ExactReward], scale: float, bounds: Tensor
) -> Kept:
    """The law with the largest scale E[r_1] - KL whose other mean rewards are at least at their
    bounds (:eq:`eq-kept-law`).

    It is the prior times exp(scale r_1 + the sum of lambda_j r_j), and lambda_j is 0 where the
    bound is kept anyway. The mean of r_j grows with lambda_j, at the rate of its variance, so
    halving an interval finds it; with several bounds they take turns.

    Args:
        prior: in d dimensions.
        rewards: m of them, linear or quadratic, in nats.
        scale: nats for a unit of the first, positive.
        bounds: (m - 1,) what the means of the second and the others must be at least.

    Raises:
        ValueError: an argument is none of these, or no multiplier below 10^6 keeps a bound.
        TypeError: a reward is neither linear nor quadratic.
    """
    positive("scale", scale)
    all_finite("bounds", bounds)
    _fitting(bounds, len(rewards))
    least = bounds.double().tolist()
    shares = [scale, *(0.0 for _ in least)]
    for _ in range(200):
        before = list(shares)
        for j, bound in enumerate(least, 1):
            shares[j] = _multiplier(prior, rewards, shares, j, bound)
        if len(least) == 1 or max(
            abs(a - b) for a, b in zip(before, shares, strict=True)) < 1e-11 * sum(shares):
            break
    law = _law(prior, rewards, shares)
    means = torch.tensor([mean_reward(law, reward) for reward in rewards], dtype=torch.float64)
    share = torch.tensor(shares, dtype=torch.float64)
    gap = float(share[1:] @ (means[1:] - bounds.to(means)))
    return Kept(share / share.sum(), float(share.sum()), law, means, gap)


def _law(prior: GaussianMixture, rewards: list[ExactReward], shares: list[float]
         ) -> GaussianMixture:
    w = torch.tensor(shares, dtype=torch.float64)
    return tilted_by(prior, rewards, w / w.sum(), float(w.sum()))


def _multiplier(
    prior: GaussianMixture, rewards: list[ExactReward], shares: list[float], j: int, bound: float
) -> float:
    """The least multiplier of reward j that keeps its bound, the others as they are."""
    def missing(multiplier: float) -> float:
        law = _law(prior, rewards, [*shares[:j], multiplier, *shares[j + 1:]])
        return bound - mean_reward(law, rewards[j])

    if missing(0.0) <= 0:
        return 0.0
    low, high = 0.0, 1.0
    while missing(high) > 0:
        low, high = high, 2 * high
        if high > MOST:
            raise ValueError(f"bounds must be within reach; that of reward {j + 1} is {bound}, and "
                             f"{missing(low):g} is missing at the multiplier {low:g}")
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if missing(middle) > 0 else (low, middle)
    return high


def _fitting(bounds: Tensor, m: int) -> None:
    if m < 2 or bounds.shape != (m - 1,):
        raise ValueError(f"bounds must have shape ({m - 1},), one for each objective but the first "
                         f"of two or more; it has {tuple(bounds.shape)}")
