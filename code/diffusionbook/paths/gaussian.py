r"""Gaussian paths: how data turns into noise as t goes from 0 to 1.

Every path mixes a data point and a noise draw, ``x_t = alpha(t) x0 + sigma(t) eps``
(:eq:`eq-path`), and differs from the others only in the two functions alpha and sigma.
Both are computed in float64 and cast to the dtype of the samples at the last moment.
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import softplus

from diffusionbook.arguments import whole
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


@dataclass(frozen=True, eq=False)
class DiscretePath(GaussianPath):
    """A chain of T noising steps: x_t exists at t = k / T only, k = 0 … T.

    Built from a noise schedule by :meth:`from_betas` or by reading a continuous path at the T + 1
    times with :meth:`from_path`. A chain has no time derivative, and no time for every noise
    level: asking ``d_alpha``, ``d_sigma`` or ``t_from_half_log_snr`` raises ValueError, and so does
    asking anything at a t that is not one of its times.
    """

    log_alpha_bar: Tensor = field(repr=False)  # (T + 1,), starts at 0

    def __post_init__(self) -> None:
        kept = self.log_alpha_bar
        whole_chain = kept.ndim == 1 and len(kept) > 1 and kept[0] == 0
        if not whole_chain or not bool((kept[1:] <= kept[:-1]).all()):
            raise ValueError(
                f"log_alpha_bar must have shape (T + 1,), start at 0 and never rise; it is "
                f"{kept.flatten().tolist()[:6]} …"
            )

    @classmethod
    def from_betas(cls, betas: Tensor) -> "DiscretePath":
        """alpha_bar_k = product of (1 - beta_j) for j <= k (:eq:`eq-alpha-bar`).

        The law of x_k given x0 then has mean sqrt(alpha_bar_k) x0 and variance 1 - alpha_bar_k
        (:eq:`eq-ddpm-marginal`).

        Raises:
            ValueError: if ``betas`` is not a non-empty 1-D tensor with entries inside (0, 1).
        """
        betas = torch.as_tensor(betas, dtype=torch.float64)
        if betas.ndim != 1 or len(betas) == 0:
            raise ValueError(f"betas must be 1-D and not empty; its shape is {tuple(betas.shape)}")
        if not bool(((betas > 0) & (betas < 1)).all()):
            raise ValueError(
                f"betas must lie inside (0, 1); they span [{float(betas.min()):g}, "
                f"{float(betas.max()):g}]"
            )
        return cls(torch.cat([torch.zeros(1).double(), torch.log1p(-betas).cumsum(0)]))

    @classmethod
    def from_path(cls, path: GaussianPath, steps: int) -> "DiscretePath":
        """The chain of ``steps`` steps whose alpha_bar is a variance-preserving path's alpha^2.

        Raises:
            ValueError: if ``steps`` < 1, or alpha^2 + sigma^2 is not 1 along ``path``.
        """
        whole("steps", steps, least=1)
        t = torch.linspace(0, 1, steps + 1, dtype=torch.float64)
        if not torch.allclose(path.alpha(t) ** 2 + path.sigma(t) ** 2, torch.ones_like(t)):
            raise ValueError(f"path must keep alpha^2 + sigma^2 = 1; {path} does not")
        return cls(2 * torch.log(path.alpha(t)))

    @property
    def steps(self) -> int:
        """T, the number of noising steps."""
        return len(self.log_alpha_bar) - 1

    @property
    def betas(self) -> Tensor:
        """(T,): beta_k = 1 - alpha_bar_k / alpha_bar_{k-1}, the variance one step adds."""
        return -torch.expm1(self.log_alpha_bar.diff())

    def index(self, t: Times) -> Tensor:
        """The step number k = T t, an int64 tensor.

        A time stands for the step k whose k / T rounds to it in the dtype it is given in; in
        float32 and float64 it may also be off by what a sum or difference of such times leaves.

        Raises:
            ValueError: if t is not on the grid {0, 1/T, …, 1}, or its dtype is so coarse that
                neighbouring steps have the same time in it.
        """
        dtype = t.dtype if isinstance(t, Tensor) else torch.float64
        time = as_time(t)
        k = (time * self.steps).round()
        if dtype in (torch.float16, torch.bfloat16):
            near = torch.stack([k, k - 1, k + 1]).clamp(0, self.steps)
            same = (near / self.steps).to(dtype) == time
            k = near.where(same, -1).amax(0)
            right = k >= 0
            several = same & (near != k)
            if bool(several.any()):
                raise ValueError(
                    f"t must tell neighbouring steps of a chain of {self.steps} apart; in {dtype} "
                    f"several have the time {float(time[several.any(0)].flatten()[0]):g}: give it "
                    f"in float32 or float64"
                )
        else:
            # a float64 number that float32 can hold may have been float32 on its way here
            rounding = (time == time.float()) * torch.finfo(torch.float32).eps
            right = (time - k / self.steps).abs() < rounding.clamp_min(1e-4 / self.steps)
        if not bool(right.all()):
            raise ValueError(
                f"t must be a multiple of 1/{self.steps} on a chain of {self.steps} steps; it is "
                f"{float(time[~right].flatten()[0])!r}, given in {dtype}"
            )
        return k.long()

    def _log_alpha_bar_at(self, t: Times) -> Tensor:
        k = self.index(t)
        return self.log_alpha_bar.to(k.device)[k]

    def alpha(self, t: Times) -> Tensor:
        return torch.exp(self._log_alpha_bar_at(t) / 2)

    def sigma(self, t: Times) -> Tensor:
        return torch.sqrt(-torch.expm1(self._log_alpha_bar_at(t)))

    def at(self, t: Times, x: Samples) -> Coefficients:
        """As on any path, with NaN for the derivatives a chain does not have."""
        alpha, sigma = expand(self.alpha(t), x), expand(self.sigma(t), x)
        nan = torch.full_like(alpha, math.nan)
        return Coefficients(alpha, sigma, nan, nan)

    def d_alpha(self, t: Times) -> Tensor:
        raise ValueError("a DiscretePath has no time derivative; use a continuous path")

    def d_sigma(self, t: Times) -> Tensor:
        raise ValueError("a DiscretePath has no time derivative; use a continuous path")

    def t_from_half_log_snr(self, half_log_snr: Tensor) -> Tensor:
        raise ValueError("a DiscretePath has no inverse; use a grid of its own times k / T")
