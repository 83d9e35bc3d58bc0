r"""Twists: what a noisy point already says about the likelihood of its data.

A twist is a guess of log E[e^{r(x0)} | x_t]. Particles are steered and weighed by it
(:eq:`eq-twist`). A poor guess costs effective particles and no correctness, as long as it is the
true r at t = 0.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from diffusionbook.arguments import all_finite, finite, positive
from diffusionbook.prediction import Prediction
from diffusionbook.shapes import Samples


class Twist(Protocol):
    """What :func:`~diffusionbook.samplers.particles.particles` asks of a twist; both in nats."""

    def at(self, prediction: Prediction) -> Tensor:
        """(b,) the guess at x_t, differentiable in ``prediction.x_t``: (b, *d)."""

    def end(self, x: Samples) -> Tensor:
        """(b,) the log-likelihood itself at data x: (b, *d)."""


@dataclass(frozen=True)
class RewardTwist:
    """The reward of the predicted x0 as the twist, for the law p(x) e^{scale · reward(x)}.

    Args:
        reward: (b, *d) → (b,) nats.
        scale: one over the temperature.

    Raises:
        ValueError: ``scale`` is not finite.
    """

    reward: Callable[[Samples], Tensor]
    scale: float = 1.0

    def __post_init__(self) -> None:
        finite("scale", self.scale)

    def at(self, prediction: Prediction) -> Tensor:
        """(b,) scale times the reward of E[x0 | x_t]."""
        return self.end(prediction.x0)

    def end(self, x: Samples) -> Tensor:
        """(b,) scale times the reward at x: (b, *d)."""
        return self.scale * self.reward(x)


class ObservationTwist:
    """log N(observed; A x̂0, noise_std^2 + A V A'), V a guess of the covariance of x0 given x_t.

    Args:
        operator: A, linear, (b, *d) → (b, *out), with an ``adjoint``.
        observed: (1, *out), or (*out).
        noise_std: of the observation, positive.
        data_std: s for V = s^2 sigma^2 / (sigma^2 + s^2 alpha^2), the guess of pseudo-inverse
            guidance. Default: V = sigma^2 / alpha times the Jacobian of x̂0, exact for an exact
            model, at the price of one gradient for each number observed.

    Raises:
        ValueError: ``noise_std`` or ``data_std`` is not positive, or ``observed`` not finite.
    """

    def __init__(
        self, operator: Callable, observed: Tensor, noise_std: float, data_std: float | None = None
    ) -> None:
        positive("noise_std", noise_std)
        if data_std is not None:
            positive("data_std", data_std)
        all_finite("observed", observed)
        self.operator, self.observed = operator, observed
        self.noise_std, self.data_std = noise_std, data_std

    def at(self, prediction: Prediction) -> Tensor:
        """(b,) the log density of the observation, given x_t."""
        seen = self.operator(prediction.x0)
        rows = seen.flatten(1)  # (b, m)
        c = prediction.path.at(prediction.t, prediction.x_t)
        if self.data_std is None:
            cov = self._from_jacobian(prediction, seen, c.sigma**2 / c.alpha)
        else:
            s = self.data_std
            spread = (s * c.sigma) ** 2 / (c.sigma**2 + (s * c.alpha) ** 2)
            units = torch.eye(rows.shape[1]).to(rows).reshape(-1, *seen.shape[1:])
            gram = self.operator(self.operator.adjoint(units)).flatten(1)  # A A', (m, m)
            cov = spread.reshape(-1, 1, 1) * gram
        noise = self.noise_std**2 * torch.eye(rows.shape[1]).to(rows)
        residual = self.observed.to(rows).reshape(1, -1) - rows
        return _log_normal(residual, cov + noise)

    def end(self, x: Samples) -> Tensor:
        """(b,) log N(observed; A x, noise_std^2) at x: (b, *d)."""
        seen = self.operator(x).flatten(1)
        residual = self.observed.to(seen).reshape(1, -1) - seen
        return _log_normal(residual, self.noise_std**2 * torch.eye(seen.shape[1]).to(seen))

    def _from_jacobian(self, prediction: Prediction, seen: Tensor, gain: Tensor) -> Tensor:
        """A V A', (b, m, m), one vector-Jacobian product for each of its columns."""
        columns = []
        for one in seen.flatten(1).unbind(1):
            (back,) = torch.autograd.grad(one.sum(), prediction.x_t, create_graph=True)
            columns.append(self.operator(gain * back).flatten(1))
        cov = torch.stack(columns, 2)
        return (cov + cov.mT) / 2


def _log_normal(residual: Tensor, cov: Tensor) -> Tensor:
    """(b,) log density of the residuals (b, m) under N(0, cov), cov (m, m) or (b, m, m)."""
    law = torch.distributions.MultivariateNormal(
        torch.zeros_like(residual), cov, validate_args=False
    )
    return law.log_prob(residual)
