"""Time grids: at which times a sampler looks at the model.

A grid is a 1-D float64 tensor that decreases from a noisy time to 0 (clean data). A grid of n + 1
times makes n steps.
"""

import torch
from torch import Tensor

from diffusionbook.arguments import positive, whole
from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import GaussianPath


def check_grid(grid: Tensor) -> Tensor:
    """``grid`` as float64, checked to be a decreasing list of at least two times in [0, 1].

    Raises:
        ValueError: if it is not.
    """
    grid = torch.as_tensor(grid, dtype=torch.float64)
    if grid.ndim != 1 or len(grid) < 2:
        raise ValueError(f"grid must be 1-D with 2 or more times; its shape is {tuple(grid.shape)}")
    if not bool((grid.diff() < 0).all()) or grid[0] > 1 or grid[-1] < 0:
        raise ValueError(f"grid must decrease strictly inside [0, 1]; it is {grid.tolist()[:6]} …")
    return grid


def _check(n: int, t_max: float, t_min: float) -> None:
    whole("n", n)
    if n < 1:
        raise ValueError(f"n must be at least 1 step; it is {n}")
    if not 0 <= t_min < t_max <= 1:
        raise ValueError(f"times must satisfy 0 <= t_min < t_max <= 1; they are {t_min}, {t_max}")


def uniform(n: int, t_max: float = 1.0, t_min: float = 0.0) -> Tensor:
    """n equal steps from t_max to t_min; (n + 1,).

    Raises:
        ValueError: if ``n`` < 1, or the times do not satisfy 0 <= t_min < t_max <= 1.
    """
    _check(n, t_max, t_min)
    return torch.linspace(t_max, t_min, n + 1, dtype=torch.float64)


def all_steps(path: Chain) -> Tensor:
    """Every time of a chain, T/T, …, 1/T, 0; (T + 1,)."""
    return torch.arange(path.steps, -1, -1, dtype=torch.float64) / path.steps


def trailing(path: Chain, n: int) -> Tensor:
    """n steps over a chain of T, as evenly spread as its times allow, starting at T; (n + 1,).

    Raises:
        ValueError: if ``n`` is not in 1 … T.

    Source: Lin et al., arXiv 2305.08891, who name the choices of sub-grid.
    """
    whole("n", n)
    if not 1 <= n <= path.steps:
        raise ValueError(f"n must be between 1 and the chain's {path.steps} steps; it is {n}")
    k = torch.round(path.steps * torch.arange(n, -1, -1, dtype=torch.float64) / n)
    return k / path.steps


def uniform_log_snr(n: int, path: GaussianPath, t_max: float = 0.999, t_min: float = 1e-3):
    """n - 1 steps of equal log-SNR from t_max to t_min, then one to 0; (n + 1,).

    The log-SNR is infinite at both ends of [0, 1] on most paths, hence the cut-offs.

    Raises:
        ValueError: if ``n`` < 1, or the times do not satisfy 0 < t_min < t_max <= 1. With two or
            more steps also if no signal is left at t_max (alpha = 0), or ``path`` is a chain.
    """
    return _through_noise_level(n, path, t_max, t_min, lambda level: -torch.log(level), torch.exp)


def karras(
    n: int, path: GaussianPath, t_max: float = 0.999, t_min: float = 1e-3, rho: float = 7.0
) -> Tensor:
    """n - 1 steps equal in (sigma / alpha)^(1 / rho), t_max to t_min, then one to 0; (n + 1,).

    Raises:
        ValueError: if ``n`` < 1, ``rho`` is not positive and finite, or the times do not satisfy
            0 < t_min < t_max <= 1. With two or more steps also if no signal is left at t_max
            (alpha = 0), or ``path`` is a chain.

    Source: Karras et al., arXiv 2206.00364.
    """
    positive("rho", rho)
    return _through_noise_level(
        n, path, t_max, t_min, lambda level: level ** (1 / rho), lambda y: y ** (-rho)
    )


def _through_noise_level(n, path, t_max, t_min, spread, inverse_level) -> Tensor:
    """Equal steps of spread(sigma / alpha); ``inverse_level`` maps back to alpha / sigma."""
    _check(n, t_max, t_min)
    if t_min == 0:
        raise ValueError("t_min must be positive: the last step to 0 is added; it is 0")
    ends = torch.tensor([t_max, t_min], dtype=torch.float64)
    if n == 1:
        return torch.cat([ends[:1], torch.zeros(1)])
    first, last = spread(torch.exp(-path.half_log_snr(ends)))
    if not bool(torch.isfinite(first)):
        raise ValueError(f"t_max must leave some signal: sigma / alpha is infinite at {t_max}")
    y = torch.lerp(first, last, torch.linspace(0, 1, n, dtype=torch.float64))
    t = path.t_from_half_log_snr(torch.log(inverse_level(y)))
    return torch.cat([ends[:1], t[1:], torch.zeros(1)])
