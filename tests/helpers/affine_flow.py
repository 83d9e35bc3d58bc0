"""What an affine model makes of noise, by one call of it and a Runge-Kutta rule of order 4.

The model is asked at all times at once, at 0 and at the unit vectors: this is its whole field. Time
runs in l = log(sigma / alpha), from 13 to -13, where every rate is smooth and bounded; the noise is
so pure at first that what the data in it do is below 1e-5.
"""

from typing import NamedTuple

import numpy as np
import torch

STEPS, END = 2000, 13.0


class Ends(NamedTuple):
    """The law at the data of what starts as N(0, sigma^2) in the noise."""

    mean: np.ndarray
    """(d,)"""
    cov: np.ndarray
    """(d, d)"""


def by_ode(model, dim: int = 1, start: float = END) -> Ends:
    """Along the probability-flow ODE: d mean = A mean + b, d map = A map.

    Args:
        model: affine in x_t.
        dim: of its space.
        start: the first l.
    """
    a, b, step, sigma = _field(model, dim, start, by_noise=False)

    def rate(k: int, state: np.ndarray) -> np.ndarray:
        return a[k] @ state + np.concatenate([b[k][:, None], np.zeros((dim, dim))], 1)

    first = np.concatenate([np.zeros((dim, 1)), sigma * np.eye(dim)], 1)
    end = _runge_kutta(rate, first, step)
    return Ends(end[:, 0], end[:, 1:] @ end[:, 1:].T)


def by_sde(model, dim: int = 1) -> Ends:
    """Along the reverse SDE: the covariance obeys dV = A V + V A' + noise."""
    a, b, step, sigma = _field(model, dim, END, by_noise=True)
    l = np.linspace(END, -END, 2 * STEPS + 1)
    noise = 2 * model.path.sigma(model.path.t_from_half_log_snr(torch.from_numpy(-l))).numpy() ** 2

    def rate(k: int, state: np.ndarray) -> np.ndarray:
        mean, cov = state[:, 0], state[:, 1:]
        moved = a[k] @ cov
        return np.concatenate(
            [(a[k] @ mean + b[k])[:, None], moved + moved.T - noise[k] * np.eye(dim)], 1
        )

    first = np.concatenate([np.zeros((dim, 1)), sigma**2 * np.eye(dim)], 1)
    end = _runge_kutta(rate, first, step)
    return Ends(end[:, 0], end[:, 1:])


def _field(model, dim: int, start: float, by_noise: bool):
    """A: (2 n + 1, d, d) and b: (2 n + 1, d) with dx / dl = A x + b, the step, and sigma at first.

    g^2 dt = 2 sigma^2 dl, so that the SDE's drift is the velocity's less sigma^2 times the score.
    """
    path = model.path
    l = torch.linspace(start, -END, 2 * STEPS + 1, dtype=torch.float64)
    t = path.t_from_half_log_snr(-l).clamp(0, 1)
    alpha, sigma = path.alpha(t), path.sigma(t)
    pace = path.d_sigma(t) / sigma - path.d_alpha(t) / alpha  # dl / dt
    probes = torch.cat([torch.zeros(1, dim), torch.eye(dim)]).double()
    said = model(probes.repeat(len(t), 1), t.repeat_interleave(dim + 1))
    drift = said.velocity.detach().reshape(len(t), dim + 1, dim) / pace[:, None, None]
    if by_noise:
        score = said.score.detach().reshape(len(t), dim + 1, dim)
        drift = drift - sigma[:, None, None] ** 2 * score
    b = drift[:, 0]
    a = (drift[:, 1:] - b[:, None]).mT
    return a.numpy(), b.numpy(), float(l[2] - l[0]), float(sigma[0])


def _runge_kutta(rate, state: np.ndarray, step: float) -> np.ndarray:
    for k in range(0, 2 * STEPS, 2):
        one = rate(k, state)
        two = rate(k + 1, state + step / 2 * one)
        three = rate(k + 1, state + step / 2 * two)
        four = rate(k + 2, state + step * three)
        state = state + step / 6 * (one + 2 * two + 2 * three + four)
    return state
