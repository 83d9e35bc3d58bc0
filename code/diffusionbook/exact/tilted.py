r"""The law that steering promises, p(x) e^{r(x)} / Z (:eq:`eq-tilted-law`), and what misses it.

A mixture of Gaussians tilted by a linear or a quadratic reward is a mixture again, so that a
sampler's answer can be held against the law it was meant to draw from. Rewards are in nats here; a
temperature lambda divides the direction b of a linear one and multiplies the variance tau^2 of a
quadratic one.
"""

import math

import torch
from torch import Tensor

from diffusionbook.arguments import all_finite, finite, positive, whole
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.shapes import Samples


def tilt(mixture: GaussianMixture, direction: Tensor) -> GaussianMixture:
    """The mixture times e^{b.x}, normalised (:eq:`eq-tilted-mixture`).

    Completing the square moves each mean m_k by S_k b, multiplies each weight by
    exp(b.m_k + b'S_k b / 2), and leaves each covariance S_k alone.

    Args:
        mixture: of k components in d dimensions.
        direction: b, (d,), nats for each unit of x.

    Returns:
        A mixture with the same labels, without the components whose weights are 0 in float64.

    Raises:
        ValueError: ``direction`` is not (d,), or not finite, or so long that a mean is not.
    """
    b = _vector("direction", direction, mixture.dim)
    moves = mixture.covs @ b  # (k, d)
    means, gains = mixture.means + moves, mixture.means @ b + moves @ b / 2
    if not bool(gains.isfinite().all() & means.isfinite().all()):
        raise ValueError(f"direction must keep the tilted means finite; its length is {b.norm():g}")
    log_weights = mixture.weights.log() + gains
    log_weights = log_weights - log_weights.max()
    kept = log_weights > -600  # a weight below e^-600 is 0 in float64
    return GaussianMixture(
        log_weights[kept].exp(), means[kept], mixture.covs[kept], mixture.labels[kept]
    )


def tilt_quadratic(mixture: GaussianMixture, centre: Tensor, std: float) -> GaussianMixture:
    """The mixture times ``e^{-|x - c|^2 / 2 tau^2}``, normalised (:eq:`eq-tilted-law`).

    That factor is the likelihood of c as an observation of x with noise of std tau, so that the
    tilted law is the posterior given c
    (:meth:`~diffusionbook.exact.gaussians.GaussianMixture.condition`).

    Args:
        mixture: in d dimensions.
        centre: c, (d,), where the reward is largest.
        std: tau, positive, how far from the centre half a nat is lost.

    Raises:
        ValueError: ``centre`` is not (d,) or not finite, or ``std`` is not positive.
    """
    c = _vector("centre", centre, mixture.dim)
    positive("std", std)
    return mixture.condition(torch.eye(mixture.dim, dtype=torch.float64), c, std)


def exact_reward(
    mixture: GaussianMixture,
    tilted: GaussianMixture,
    x_t: Samples,
    alpha: float | Tensor,
    sigma: float | Tensor,
) -> Tensor:
    """log E[e^{r(x0)} | x_t] - log E[e^{r(x0)}]: what noisy points promise (:eq:`eq-exact-reward`).

    By Bayes' rule it is the logarithm of the ratio of both laws' densities at x_t, for every
    reward. So its gradient in x_t, which is the right guidance, is the difference of their scores.

    Args:
        mixture: the prior.
        tilted: the prior times e^{r}, as of :func:`tilt` or :func:`tilt_quadratic`.
        x_t: (b, d) noisy points.
        alpha: the factor of the data.
        sigma: the std of the noise.

    Returns:
        (b,) nats. It can be differentiated in x_t.

    Raises:
        ValueError: the two do not live in one space, ``x_t`` does not fit them, or alpha or sigma
            is not finite.
    """
    if mixture.dim != tilted.dim:
        raise ValueError(
            f"tilted must have the prior's dimension {mixture.dim}; it has {tilted.dim}"
        )
    noisy_prior, noisy_tilted = (law.diffuse(alpha, sigma) for law in (mixture, tilted))
    return noisy_tilted.log_prob(x_t) - noisy_prior.log_prob(x_t)


def kept_share(std: float, b: float) -> float:
    """e^{-s^2 b^2}: the effective share of samples of N(0, s^2) reweighted by e^{b x}
    (:eq:`eq-kept-share`).

    It is (E w)^2 / E w^2 for the weights w, with E e^{b x} = e^{s^2 b^2 / 2}: out of n draws at
    once, e^{-s^2 b^2} n are left. In more dimensions s^2 b^2 is b'S b.

    Args:
        std: s, positive.
        b: the slope of the reward, nats for each unit of x.

    Raises:
        ValueError: ``std`` is not positive, or ``b`` is not finite.
    """
    positive("std", std)
    finite("b", b)
    length = std * b
    return math.exp(-length * length)


def added_scores_std(std: float, k: int) -> float:
    """s / sqrt(2 k - 1): what the reverse SDE makes of k added scores of N(0, s^2)
    (:eq:`eq-added-scores`).

    The product of the k densities has the std s / sqrt(k). The two agree at k = 1 alone. It is
    the limit of many steps, on every path, from a start without data.

    Args:
        std: s, positive.
        k: how many copies, at least 1.

    Raises:
        ValueError: ``std`` is not positive, or ``k`` is not a whole number of at least 1.
    """
    positive("std", std)
    whole("k", k, least=1)
    return std / math.sqrt(2 * k - 1)


def added_scores_ode_std(std: float, k: int, level: float = math.inf) -> float:
    """The same by the probability-flow ODE: T (s^2 / (s^2 + T^2))^{k / 2}, which is 0 for pure
    noise and k > 1 (:eq:`eq-added-scores`).

    Args:
        std: s, positive.
        k: how many copies, at least 1.
        level: T, the noise level sigma / alpha at which the sampler starts from noise alone;
            positive, and infinite (the default) where alpha is 0 there.

    Raises:
        ValueError: ``std`` or ``level`` is not positive, or ``k`` is not a whole number of at
            least 1.
    """
    positive("std", std)
    whole("k", k, least=1)
    if not level > 0:
        raise ValueError(f"level must be positive, or infinite for pure noise; it is {level}")
    if math.isinf(level):
        return std if k == 1 else 0.0
    return level * (std / math.hypot(std, level)) ** k


def _vector(name: str, value: Tensor, dim: int) -> Tensor:
    value = torch.as_tensor(value, dtype=torch.float64)
    if value.shape != (dim,):
        raise ValueError(f"{name} must have shape ({dim},); it has {tuple(value.shape)}")
    all_finite(name, value)
    return value
