r"""Particles: sequential Monte Carlo for p(x) e^{r(x)}, the method that converges.

A cloud of weighted samples goes down the grid together. Each step proposes by a guided step of
the sampler, and the weights pay for what the guidance did (:eq:`eq-twist`). When the weights have
become too uneven (:eq:`eq-ess`), the heavy particles are copied and the light ones dropped.
"""

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor

from diffusionbook.arguments import all_finite, whole
from diffusionbook.denoisers.differentiate import outside_inference
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.guidance.graph import leads_to
from diffusionbook.guidance.rewards import Reward, checked
from diffusionbook.paths.gaussian import GaussianPath
from diffusionbook.prediction import Prediction, determinant
from diffusionbook.randomness import randn_like
from diffusionbook.samplers.grids import check_grid
from diffusionbook.samplers.loop import Stepper
from diffusionbook.samplers.resampling import effective, rows, systematic
from diffusionbook.samplers.transition import check_random, transition
from diffusionbook.samplers.twists import Twist
from diffusionbook.shapes import Labels, Samples, check_each, check_samples, full_precision


@dataclass(frozen=True)
class Particles:
    """Weighted samples of one or more independent runs, which lie one after the other in ``x``."""

    x: Samples
    """(runs · n, *d) the particles."""
    weights: Tensor
    """(runs, n), each row sums to 1."""
    ess: Tensor
    """(runs, steps + 1): the effective number of particles at each time of the grid, before
    resampling (:eq:`eq-ess`)."""
    log_evidence: Tensor
    """(runs,): the log of an unbiased estimate of E[e^{r(x0)}], in nats."""

    def resampled(self, generator: torch.Generator | None = None) -> Samples:
        """(runs · n, *d): as many particles, of equal weights."""
        return self.x[rows(systematic(self.weights, generator), self.weights.shape[1])]


class _Seen(NamedTuple):
    """What is known of each particle at its time."""

    prediction: Prediction | None  # at x_t; none of data
    twist: Tensor  # (b,)
    gradient: Samples | None  # (b, *d) of the twist


@outside_inference
@torch.no_grad()
def particles(
    stepper: Stepper,
    model: Denoiser,
    twist: Twist,
    noise: Samples,
    grid: Tensor,
    *,
    runs: int = 1,
    y: Labels | None = None,
    generator: torch.Generator | None = None,
) -> Particles:
    """Twisted sequential Monte Carlo through a random stepper (:eq:`eq-twist`).

    The law that it aims at is that of ``sample(stepper, model, …)``, tilted by e^{r}: with more
    particles the weighted ones converge to it. A particle costs one evaluation and one gradient a
    step, as a sample of DPS does, and what the twist asks for.

    Args:
        stepper: DDIM with eta > 0, Ancestral or EulerMaruyama.
        model: any denoiser; not guided by the twist.
        twist: :class:`~diffusionbook.samplers.twists.ObservationTwist`,
            :class:`~diffusionbook.samplers.twists.RewardTwist` or your own.
        noise: (runs · n, *d), the states at ``grid[0]``.
        grid: (steps + 1,) decreasing times. The last step, to 0, adds no noise and is not guided;
            let it be short.
        runs: how many independent clouds of n particles ``noise`` holds, one after the other.
        y: (runs · n,) labels for the model.
        generator: source of the fresh noise and of the resampling.

    Raises:
        ValueError: the stepper is deterministic, ``noise`` is no whole number of runs, the twist
            returns another shape than (runs · n,), NaN or something that does not depend on x_t;
            or what the grid, the model and the stepper refuse.

    Source: Wu et al., "Twisted Diffusion Sampler", arXiv 2306.17775.
    """
    check_random(stepper)
    check_samples("noise", noise)
    check_each("y", y, noise)
    whole("runs", runs, least=1)
    if len(noise) % runs:
        raise ValueError(f"runs must divide the number of particles, {len(noise)}; it is {runs}")
    grid, x = check_grid(grid), full_precision(noise)
    n = len(x) // runs
    even = torch.full((), -math.log(n), dtype=torch.float64, device=x.device)
    seen = _look(model, twist, x, grid[0], y)
    log_w, log_evidence = _normalised(seen.twist.reshape(runs, n), even)
    ess = [effective(log_w.exp())]
    for t, s in zip(grid[:-1], grid[1:], strict=True):
        few = ess[-1] < n / 2
        if bool(few.any()):
            stay = torch.arange(n, device=x.device).expand(runs, n)
            kept = rows(torch.where(few[:, None], systematic(log_w.exp(), generator), stay), n)
            y = None if y is None else y[kept]
            seen = _picked(seen, kept)
            log_w = torch.where(few[:, None], even, log_w)
        x, log_ratio = _propose(stepper, seen, t, s, generator)
        before, seen = seen, _look(model, twist, x, s, y)
        gain = seen.twist - before.twist + log_ratio
        log_w, more = _normalised(gain.reshape(runs, n), log_w)
        log_evidence = log_evidence + more
        ess.append(effective(log_w.exp()))
    return Particles(x, log_w.exp(), torch.stack(ess, 1), log_evidence)


def best_of(samples: Samples, reward: Reward, n: int) -> Samples:
    """The best of each n samples in a row: (b · n, *d) → (b, *d).

    The control of every method that costs as much as n plain samples.

    Args:
        samples: drawn by any sampler, without steering.
        reward: (b · n, *d) → (b · n,).
        n: how many samples compete; divides their number.

    Raises:
        ValueError: ``n`` does not divide the number of samples, or the reward is not one finite
            number a sample.
    """
    check_samples("samples", samples)
    whole("n", n, least=1)
    if len(samples) % n:
        raise ValueError(f"n must divide the number of samples, {len(samples)}; it is {n}")
    values = checked(reward)(samples)
    return samples[rows(values.reshape(-1, n).argmax(1, keepdim=True), n)]


def _look(model: Denoiser, twist: Twist, x: Samples, t: Tensor, y: Labels | None) -> _Seen:
    """The model's answer, the twist and its gradient; no answer where x is data."""
    if not t:
        return _Seen(None, _one_each("twist", twist.end(x), x), None)
    with torch.enable_grad():
        point = x.detach().requires_grad_()
        seen = point.view_as(point)  # a node of its own, to be found again
        prediction = model(seen, t, y)
        plain = replace(prediction, y=prediction.y.detach(), x_t=x)
        if not _says_something(model.path, t):
            return _Seen(plain, x.new_zeros(len(x)), torch.zeros_like(x))
        value = _one_each("twist", twist.at(prediction), x)
        if not leads_to(value, seen):
            raise ValueError("twist must lead back to x_t through the graph; it, or the model, is "
                             "cut off (by detach, no_grad or NumPy?)")
        (gradient,) = torch.autograd.grad(value.sum(), point)
    return _Seen(plain, value.detach(), gradient)


def _propose(
    stepper: Stepper, seen: _Seen, t: Tensor, s: Tensor, generator: torch.Generator | None
) -> tuple[Samples, Tensor]:
    """A guided step, and log p(x_s | x_t) - log q(x_s | x_t) of it, (b,)."""
    plain = seen.prediction
    mean, std = transition(stepper, plain, t, s)
    if not std:
        return mean, torch.zeros_like(seen.twist)
    guided = plain
    if _says_something(plain.path, t):
        c = plain.path.at(t, mean)
        # the score moves eps by -sigma and x0 by sigma^2 / alpha, so a row by q, p times these
        moved = -c.sigma / c.alpha * determinant(plain.param, c) * seen.gradient
        guided = replace(plain, y=plain.y + moved)
    away = (transition(stepper, guided, t, s)[0] - mean) / std
    fresh = randn_like(mean, generator)
    log_ratio = -(away * fresh + away.square() / 2).flatten(1).sum(1)
    return mean + std * (away + fresh), log_ratio


def _says_something(path: GaussianPath, t: Tensor) -> bool:
    """Whether there is any signal in x_t. Where there is none, all particles have one twist, and
    its gradient is 0."""
    return float(path.alpha(t)) > 1e-12


def _normalised(gain: Tensor, log_w: Tensor) -> tuple[Tensor, Tensor]:
    """Log-weights (runs, n) that are normalised again, and the log of what they summed to."""
    log_w = log_w + gain.double()
    total = log_w.logsumexp(1)
    return log_w - total[:, None], total


def _picked(seen: _Seen, kept: Tensor) -> _Seen:
    """The survivors."""
    p = seen.prediction
    return _Seen(replace(p, y=p.y[kept], x_t=p.x_t[kept]), seen.twist[kept], seen.gradient[kept])


def _one_each(name: str, values: Tensor, x: Samples) -> Tensor:
    check_each(name, values, x)
    all_finite(name, values)
    return values
