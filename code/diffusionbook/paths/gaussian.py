r"""Gaussian paths: how data turns into noise as t goes from 0 to 1.

Every path mixes a data point and a noise draw, ``x_t = alpha(t) x0 + sigma(t) eps``
(:eq:`eq-path`), and differs from the others only in the two functions alpha and sigma.
Both are computed in float64 and cast to the dtype of the samples at the last moment.
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import softplus

from diffusionbook.shapes import Samples, Times, as_time, expand


class Coefficients(NamedTuple):
    """alpha, sigma and their time derivatives at some t, shaped to multiply a batch."""

    alpha: Tensor
    sigma: Tensor
    d_alpha: Tensor
    d_sigma: Tensor


class GaussianPath(ABC):
    """The law of x_t given x0: a Gaussian with mean alpha(t) x0 and std sigma(t).

    Methods of t alone take it in [0, 1], shape () or (b,), and return float64 of the same shape.
    They raise ValueError where t leaves [0, 1].
    """

    @abstractmethod
    def alpha(self, t: Times) -> Tensor:
        """The factor of the data, 1 at t = 0."""

    @abstractmethod
    def sigma(self, t: Times) -> Tensor:
        """The factor of the noise, 0 at t = 0."""

    @abstractmethod
    def d_alpha(self, t: Times) -> Tensor:
        """The time derivative of alpha."""

    @abstractmethod
    def d_sigma(self, t: Times) -> Tensor:
        """The time derivative of sigma."""

    @abstractmethod
    def t_from_half_log_snr(self, half_log_snr: Tensor) -> Tensor:
        """The time at which log(alpha / sigma) has the given value; the inverse of that map."""

    def half_log_snr(self, t: Times) -> Tensor:
        """log(alpha / sigma): +inf at t = 0. DPM-Solver calls it lambda."""
        return torch.log(self.alpha(t)) - torch.log(self.sigma(t))

    def log_snr(self, t: Times) -> Tensor:
        """2 log(alpha / sigma)."""
        return 2 * self.half_log_snr(t)

    def snr(self, t: Times) -> Tensor:
        """Signal-to-noise ratio (alpha / sigma)^2 (:eq:`eq-snr`)."""
        return (self.alpha(t) / self.sigma(t)) ** 2

    def at(self, t: Times, x: Samples) -> Coefficients:
        """alpha, sigma, alpha', sigma' at t, in x's dtype and shaped to multiply x: (b, *d)."""
        t = as_time(t)
        values = self.alpha(t), self.sigma(t), self.d_alpha(t), self.d_sigma(t)
        return Coefficients(*(expand(value, x) for value in values))

    def interpolate(self, x0: Samples, eps: Samples, t: Times) -> Samples:
        """x_t = alpha x0 + sigma eps (:eq:`eq-path`)."""
        c = self.at(t, x0)
        return c.alpha * x0 + c.sigma * eps


def _known(half_log_snr: Tensor) -> Tensor:
    """The same, which may be infinite, at the ends of a path, but not NaN."""
    if bool(half_log_snr.isnan().any()):
        raise ValueError("half_log_snr must be a number or infinite; it holds nan")
    return half_log_snr


@dataclass(frozen=True)
class Linear(GaussianPath):
    """alpha = 1 - t, sigma = t: straight lines from data to noise (flow matching).

    Source: Lipman et al., arXiv 2210.02747; Liu et al., arXiv 2209.03003 (both run time backwards).
    """

    def alpha(self, t: Times) -> Tensor:
        return 1 - as_time(t)

    def sigma(self, t: Times) -> Tensor:
        return as_time(t)

    def d_alpha(self, t: Times) -> Tensor:
        return -torch.ones_like(as_time(t))

    def d_sigma(self, t: Times) -> Tensor:
        return torch.ones_like(as_time(t))

    def t_from_half_log_snr(self, half_log_snr: Tensor) -> Tensor:
        return torch.sigmoid(-_known(half_log_snr))


@dataclass(frozen=True)
class Cosine(GaussianPath):
    """alpha = cos(pi t / 2), sigma = sin(pi t / 2) (:eq:`eq-cosine-path`).

    The variance-preserving path of Nichol & Dhariwal, arXiv 2102.09672, without their offset s.
    """

    def alpha(self, t: Times) -> Tensor:
        # sin of the complement is exactly 0 at t = 1, where cos(pi / 2) would be 6e-17
        return torch.sin(math.pi / 2 * (1 - as_time(t)))

    def sigma(self, t: Times) -> Tensor:
        return torch.sin(math.pi / 2 * as_time(t))

    def d_alpha(self, t: Times) -> Tensor:
        return -math.pi / 2 * self.sigma(t)

    def d_sigma(self, t: Times) -> Tensor:
        return math.pi / 2 * self.alpha(t)

    def t_from_half_log_snr(self, half_log_snr: Tensor) -> Tensor:
        return 2 / math.pi * torch.atan(torch.exp(-_known(half_log_snr)))


@dataclass(frozen=True)
class VP(GaussianPath):
    """The variance-preserving diffusion whose rate beta(t) grows linearly (:eq:`eq-vp-path`).

    log alpha = -(beta_max - beta_min) t^2 / 4 - beta_min t / 2 and sigma^2 = 1 - alpha^2.

    Raises:
        ValueError: unless 0 < beta_min <= beta_max < infinity.

    Source: Song et al., arXiv 2011.13456.
    """

    beta_min: float = 0.1
    beta_max: float = 20.0

    def __post_init__(self) -> None:
        if not 0 < self.beta_min <= self.beta_max < math.inf:
            raise ValueError(
                f"beta_min and beta_max must satisfy 0 < beta_min <= beta_max; they are "
                f"{self.beta_min} and {self.beta_max}"
            )

    def beta(self, t: Times) -> Tensor:
        """The rate beta(t) = beta_min + t (beta_max - beta_min), per unit of time."""
        return self.beta_min + as_time(t) * (self.beta_max - self.beta_min)

    def _log_alpha(self, t: Times) -> Tensor:
        t = as_time(t)
        return -((self.beta_max - self.beta_min) * t**2 / 4 + self.beta_min * t / 2)

    def alpha(self, t: Times) -> Tensor:
        return torch.exp(self._log_alpha(t))

    def sigma(self, t: Times) -> Tensor:
        return torch.sqrt(-torch.expm1(2 * self._log_alpha(t)))

    def d_alpha(self, t: Times) -> Tensor:
        return -self.beta(t) * self.alpha(t) / 2

    def d_sigma(self, t: Times) -> Tensor:
        return self.beta(t) * self.alpha(t) ** 2 / (2 * self.sigma(t))

    def t_from_half_log_snr(self, half_log_snr: Tensor) -> Tensor:
        # -2 log alpha = softplus(-2 lambda) is quadratic in t; this root does not cancel
        s = softplus(-2 * _known(half_log_snr).double(), threshold=100)
        spread = self.beta_max - self.beta_min
        return 2 * s / (self.beta_min + torch.sqrt(self.beta_min**2 + 2 * spread * s))


@dataclass(frozen=True)
class VE(GaussianPath):
    """alpha = 1, sigma = sigma_max t: noise is added, data never shrinks ("variance exploding").

    Raises:
        ValueError: if ``sigma_max`` is not positive and finite.

    Source: Karras et al., arXiv 2206.00364, whose noise level sigma is our sigma_max t.
    """

    sigma_max: float = 80.0

    def __post_init__(self) -> None:
        if not 0 < self.sigma_max < math.inf:
            raise ValueError(f"sigma_max must be positive and finite; it is {self.sigma_max}")

    def alpha(self, t: Times) -> Tensor:
        return torch.ones_like(as_time(t))

    def sigma(self, t: Times) -> Tensor:
        return self.sigma_max * as_time(t)

    def d_alpha(self, t: Times) -> Tensor:
        return torch.zeros_like(as_time(t))

    def d_sigma(self, t: Times) -> Tensor:
        return torch.full_like(as_time(t), self.sigma_max)

    def t_from_half_log_snr(self, half_log_snr: Tensor) -> Tensor:
        return torch.exp(-_known(half_log_snr)) / self.sigma_max


def same_mixture(source: GaussianPath, target: GaussianPath, t: Times) -> tuple[Tensor, Tensor]:
    """Where on ``source`` a point of ``target`` at time t is seen, and how much larger it is there.

    (r, t') with alpha'(t') = r alpha(t) and sigma'(t') = r sigma(t), the primes being of
    ``source`` (:eq:`eq-repath`).

    Args:
        source: a continuous path.
        target: another.
        t: times on ``target``.

    Returns:
        r and t', float64, the shape of t.

    Raises:
        ValueError: ``source`` never mixes in that proportion (VP keeps some data at t = 1).
    """
    t = as_time(t)
    there = source.t_from_half_log_snr(target.half_log_snr(t))
    if not bool(((there >= 0) & (there <= 1)).all()):
        raise ValueError(
            f"t must be a time whose signal-to-noise ratio {source} reaches, too; it is "
            f"{t.flatten().tolist()[:3]} on {target}"
        )
    size = target.alpha(t) + target.sigma(t)
    return (source.alpha(there) + source.sigma(there)) / size, there
