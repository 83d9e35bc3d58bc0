"""Solvers of the probability-flow ODE: Euler, Heun and DPM-Solver++(2M)."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Euler:
    """Follow the velocity: x + (s - t) u(x, t) (:eq:`eq-euler`)."""

    order: ClassVar[int] = 1

    def step(self, model, x, t, s, *, y=None, generator=None, memory=None):
        """x: (b, *d) at time t → (b, *d) at s, and no memory; one look at the model."""
        return x + (s - t) * model(x, t, y).velocity, None


@dataclass(frozen=True)
class Heun:
    """An Euler step, then the mean of the velocities at its two ends (:eq:`eq-heun`).

    The step that ends at t = 0 stays Euler's. On VE this is Algorithm 1 of Karras et al.,
    arXiv 2206.00364.
    """

    order: ClassVar[int] = 2

    def step(self, model, x, t, s, *, y=None, generator=None, memory=None):
        """x: (b, *d) at time t → (b, *d) at s, and no memory; two looks, one if s = 0."""
        start = model(x, t, y).velocity
        guess = x + (s - t) * start
        if s == 0:
            return guess, None
        return x + (s - t) * (start + model(guess, s, y).velocity) / 2, None


@dataclass(frozen=True)
class DPMpp2M:
    """DPM-Solver++(2M): exact in the linear part, x0 extrapolated from the last two steps.

    Implements :eq:`eq-dpmpp`. The memory is (x0, half log-SNR) of the step before. The first step,
    and one that ends at t = 0, are first order (DDIM's).

    Source: Lu et al., arXiv 2211.01095.
    """

    order: ClassVar[int] = 2

    def step(self, model, x, t, s, *, y=None, generator=None, memory=None):
        """x: (b, *d) at time t → (b, *d) at s, and (x0: (b, *d), half log-SNR: ())."""
        path = model.path
        x0 = model(x, t, y).x0
        lam_t, lam_s = path.half_log_snr(t), path.half_log_snr(s)
        target = x0
        if memory is not None and s > 0:
            before, lam_before = memory
            ratio = (lam_t - lam_before) / (lam_s - lam_t)
            target = x0 + (x0 - before) / (2 * ratio)
        # 1 - e^-h with e^-h = (sigma_s alpha_t) / (alpha_s sigma_t), fine where h is infinite
        gain = path.alpha(s) - path.alpha(t) * path.sigma(s) / path.sigma(t)
        return path.sigma(s) / path.sigma(t) * x + gain * target, (x0, lam_t)
