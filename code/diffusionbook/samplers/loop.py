r"""Samplers: from noise at t = 1 back to data at t = 0, one step at a time.

A stepper moves x from time t to an earlier time s with one or two looks at the model. None of
them evaluates the model at t = 0, none switches gradients off (the caller does, with
``torch.no_grad()``), and each declares the ``order`` that the tests measure.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol, runtime_checkable

import torch
from torch import Tensor

from diffusionbook.denoisers.model import Denoiser
from diffusionbook.paths.gaussian import GaussianPath
from diffusionbook.randomness import randn_like
from diffusionbook.samplers.grids import check_grid
from diffusionbook.shapes import Labels, Samples, check_each, check_samples, full_precision


@runtime_checkable
class Stepper(Protocol):
    """One step of a sampler. ``memory`` is what a multistep method carries to its next step.

    ``step`` takes x: (b, *d) from time t to an earlier time s, two scalar tensors; y: (b,) labels
    are passed to the model. It returns x at s, (b, *d), and the memory for the step after.
    """

    order: ClassVar[int]

    def step(
        self,
        model: Denoiser,
        x: Samples,
        t: Tensor,
        s: Tensor,
        *,
        y: Labels | None = None,
        generator: torch.Generator | None = None,
        memory: object = None,
    ) -> tuple[Samples, object]: ...


def forward_variance(path: GaussianPath, t: Tensor, s: Tensor) -> Tensor:
    """sigma_t^2 - (alpha_t / alpha_s)^2 sigma_s^2: the variance of x_t given x_s, s < t.

    It stands under the root of :eq:`eq-ddim-std`, and is beta_k where t and s are neighbours on a
    chain.
    """
    kept = path.alpha(t) / path.alpha(s)
    # a variance, and 0 at worst
    return (path.sigma(t) ** 2 - kept**2 * path.sigma(s) ** 2).clamp_min(0)


@dataclass(frozen=True)
class DDIM:
    """Predict x0 and eps, then mix them again for time s (:eq:`eq-ddim`).

    ``eta`` scales the fresh noise: 0 is deterministic, and 1 draws from q(x_s | x_t, x0), which on
    a chain is DDPM's ancestral step (:eq:`eq-posterior`).

    Raises:
        ValueError: ``eta`` is not in [0, 1].

    Source: Song, Meng & Ermon, arXiv 2010.02502.
    """

    eta: float = 0.0
    order: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if not 0 <= self.eta <= 1:
            raise ValueError(f"eta must lie in [0, 1]; it is {self.eta}")

    def noise_std(self, path, t: Tensor, s: Tensor) -> Tensor:
        """The std of the noise added in a step from t to s (:eq:`eq-ddim-std`)."""
        return self.eta * path.sigma(s) / path.sigma(t) * forward_variance(path, t, s).sqrt()

    def step(self, model, x, t, s, *, y=None, generator=None, memory=None):
        """x: (b, *d) at time t → (b, *d) at s, and no memory; one look at the model."""
        path = model.path
        prediction = model(x, t, y)
        std = self.noise_std(path, t, s)
        keep = (path.sigma(s) ** 2 - std**2).clamp_min(0).sqrt()
        x = path.alpha(s) * prediction.x0 + keep * prediction.eps
        if self.eta > 0:
            x = x + std * randn_like(x, generator)
        return x, None


@dataclass(frozen=True)
class Ancestral:
    """DDPM's reverse step: the mean of q(x_s | x_t, x0) at the predicted x0 (:eq:`eq-posterior`).

    ``variance`` is that of the noise around it: "posterior" for the variance of that law
    (:eq:`eq-posterior-variance`), which makes the step DDIM's with eta = 1, or "beta" for the one
    that the forward step adds. The first is right for data that are a single point, the second
    for standard normal data. A step to 0 adds no noise. With an exact denoiser the mean is the
    exact mean of q(x_s | x_t), an uphill step (:eq:`eq-reverse-step`).

    Raises:
        ValueError: an unknown ``variance``.

    Source: Ho et al., arXiv 2006.11239.
    """

    variance: Literal["beta", "posterior"] = "posterior"
    order: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if self.variance not in ("beta", "posterior"):
            raise ValueError(f"variance must be 'beta' or 'posterior'; it is {self.variance!r}")

    def step(self, model, x, t, s, *, y=None, generator=None, memory=None):
        """x: (b, *d) at time t → (b, *d) at s, and no memory; one look at the model."""
        path = model.path
        prediction = model(x, t, y)
        posterior = DDIM(1.0).noise_std(path, t, s)
        keep = (path.sigma(s) ** 2 - posterior**2).clamp_min(0).sqrt()
        x = path.alpha(s) * prediction.x0 + keep * prediction.eps
        if s > 0:
            beta = forward_variance(path, t, s).sqrt()
            x = x + (posterior if self.variance == "posterior" else beta) * randn_like(x, generator)
        return x, None


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


@dataclass(frozen=True)
class EulerMaruyama:
    """The reverse-time SDE by Euler's rule (:eq:`eq-reverse-sde`); no noise in a step to 0.

    The noise rate is that of the forward diffusion with this path, g^2 = -sigma^2 d(log SNR)/dt,
    which is infinite where alpha = 0: start such paths a little below t = 1.

    Source: Song et al., arXiv 2011.13456.
    """

    order: ClassVar[int] = 1

    def step(self, model, x, t, s, *, y=None, generator=None, memory=None):
        """x: (b, *d) at time t → (b, *d) at s, and no memory; one look at the model.

        Raises:
            ValueError: the noise rate is not finite at t, or the path is a chain.
        """
        path = model.path
        alpha, sigma = path.alpha(t), path.sigma(t)
        rate = 2 * sigma * (path.d_sigma(t) - sigma * path.d_alpha(t) / alpha)
        if not bool(torch.isfinite(rate)):
            raise ValueError(
                f"EulerMaruyama cannot start at t = {float(t):g}, where {path} has no signal left "
                f"and an infinite noise rate; start the grid below it"
            )
        prediction = model(x, t, y)
        drift = prediction.velocity - rate / 2 * prediction.score
        x = x + (s - t) * drift
        if s > 0:
            x = x + ((t - s) * rate).sqrt() * randn_like(x, generator)
        return x, None


def trajectory(
    stepper: Stepper,
    model: Denoiser,
    noise: Samples,
    grid: Tensor,
    *,
    y: Labels | None = None,
    generator: torch.Generator | None = None,
) -> Iterator[tuple[float, Samples]]:
    """Yield (t, x_t) from the start of ``grid`` to its end, the start included.

    Args:
        stepper: the rule for one step.
        model: any denoiser.
        noise: (b, *d), the state at ``grid[0]``. All states have its dtype, but at least float32:
            what a small step adds would be lost in half precision.
        grid: (n + 1,) decreasing times, see :mod:`diffusionbook.samplers.grids`.
        y: (b,) labels, passed to the model.
        generator: source of the fresh noise of stochastic steppers.

    Raises:
        ValueError: ``noise`` is empty, ``grid`` is no such list, or what the stepper and the model
            raise. It comes when states are asked for, not at the call.
    """
    check_samples("noise", noise)
    check_each("y", y, noise)
    grid = check_grid(grid)
    x, memory = full_precision(noise), None
    yield float(grid[0]), x
    for t, s in zip(grid[:-1], grid[1:], strict=True):
        x, memory = stepper.step(model, x, t, s, y=y, generator=generator, memory=memory)
        yield float(s), x


def sample(
    stepper: Stepper,
    model: Denoiser,
    noise: Samples,
    grid: Tensor,
    *,
    y: Labels | None = None,
    generator: torch.Generator | None = None,
) -> Samples:
    """The end of :func:`trajectory`: (b, *d) samples at ``grid[-1]``.

    Raises:
        ValueError: as :func:`trajectory` does.
    """
    end = deque(trajectory(stepper, model, noise, grid, y=y, generator=generator), maxlen=1)
    return end[0][1]
