"""A chain of noising steps: a path that exists at the times k / T only."""

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor

from diffusionbook.arguments import whole
from diffusionbook.paths.gaussian import Coefficients, GaussianPath
from diffusionbook.shapes import Samples, Times, as_time, expand


@dataclass(frozen=True, eq=False)
class Chain(GaussianPath):
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
    def from_betas(cls, betas: Tensor) -> "Chain":
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
    def from_path(cls, path: GaussianPath, steps: int) -> "Chain":
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
        raise ValueError("a Chain has no time derivative; use a continuous path")

    def d_sigma(self, t: Times) -> Tensor:
        raise ValueError("a Chain has no time derivative; use a continuous path")

    def t_from_half_log_snr(self, half_log_snr: Tensor) -> Tensor:
        raise ValueError("a Chain has no inverse; use a grid of its own times k / T")
