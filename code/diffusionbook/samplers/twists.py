r"""Twists: what a noisy point already says about the reward of its data.

A twist is a guess of log E[e^{r(x0)} | x_t]. Particles are steered and weighed by it
(:eq:`eq-twist`). A poor guess costs effective particles and no correctness, as long as it is r
itself at t = 0.
"""

from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from diffusionbook.arguments import finite, positive
from diffusionbook.guidance.observation import Observation
from diffusionbook.guidance.operators import Operator
from diffusionbook.guidance.rewards import Reward, checked
from diffusionbook.prediction import Prediction
from diffusionbook.shapes import Samples


@runtime_checkable
class Twist(Protocol):
    """What :func:`~diffusionbook.samplers.particles.particles` asks of a twist; both in nats."""

    def at(self, prediction: Prediction) -> Tensor:
        """(b,) the guess at x_t, differentiable in ``prediction.x_t``: ``(b, *d)``."""

    def end(self, x: Samples) -> Tensor:
        """(b,) the reward itself, of data x: ``(b, *d)``."""


class RewardTwist:
    """The reward of the predicted x0, for the law p(x) e^{scale · reward(x)}.

    Args:
        reward: ``(b, *d)`` → (b,), in nats.
        scale: one over the temperature.

    Raises:
        ValueError: ``scale`` is not finite. When it is asked: as for
            :func:`~diffusionbook.guidance.rewards.checked`.
    """

    def __init__(self, reward: Reward, scale: float = 1.0) -> None:
        finite("scale", scale)
        self.reward, self.scale = checked(reward), scale

    def at(self, prediction: Prediction) -> Tensor:
        """(b,) scale times the reward of the predicted x0."""
        return self.scale * self.reward(prediction.x0)

    def end(self, x: Samples) -> Tensor:
        """(b,) scale times the reward at x: ``(b, *d)``."""
        return self.scale * self.reward(x)


class ObservationTwist:
    """log N(observed; A x0(x_t), R) with R = noise_std^2 + A V A', for the posterior of data that
    were observed through A with noise; V is a guess of the covariance of x0 given x_t.

    R is written out, m × m for m observed numbers.

    Args:
        operator: A.
        observed: one observation, ``(*out_shape)``, or one for each particle, ``(b, *out_shape)``.
        noise_std: of the observation's noise, in units of the data; positive.
        data_std: s for V = s^2 sigma^2 / (sigma^2 + s^2 alpha^2), as in
            :func:`~diffusionbook.guidance.inverse.pigdm`. Default: V = sigma^2 / alpha times the
            Jacobian of the guess, as in :func:`~diffusionbook.guidance.inverse.covariance_aware`,
            for m more backward passes a look.

    Raises:
        ValueError: ``noise_std`` or ``data_std`` is not positive and finite, or ``observed`` is not
            finite or does not fit ``operator``. When it is asked: R is not positive definite.
    """

    def __init__(
        self, operator: Operator, observed: Tensor, noise_std: float, data_std: float | None = None
    ) -> None:
        positive("noise_std", noise_std)
        if data_std is not None:
            positive("data_std", data_std)
        self.observation = Observation(operator, observed)
        self.noise_std, self.data_std = noise_std, data_std

    def at(self, prediction: Prediction) -> Tensor:
        """(b,) the log-density of the observation, given x_t."""
        x0 = prediction.x0
        c = prediction.path.at(prediction.t, x0.flatten(1))  # (1,) or (b, 1)
        if self.data_std is None:
            seen = (c.sigma**2 / c.alpha)[..., None] * self._jacobian(prediction, x0)
        else:
            square = self.data_std**2
            spread = square * c.sigma**2 / (c.sigma**2 + square * c.alpha**2)
            seen = spread[..., None] * self._gram(x0)
        return self._log_density(x0, seen)

    def end(self, x: Samples) -> Tensor:
        """(b,) log N(observed; A x, noise_std^2) at x: ``(b, *d)``."""
        return self._log_density(x, None)

    def _log_density(self, x0: Samples, seen: Tensor | None) -> Tensor:
        """(b,) with R = noise_std^2 + ``seen``, (m, m) or (b, m, m)."""
        residual = self.observation.residual(x0)
        m = residual.shape[1]
        noise = self.noise_std**2 * torch.eye(m).to(residual)
        cov = noise if seen is None else noise + (seen + seen.mT) / 2
        root, failed = torch.linalg.cholesky_ex(cov)
        if bool(failed.any()):
            raise ValueError("model must have a covariance that is positive semi-definite; R = "
                             "noise_std^2 + A V A' is not positive definite")
        white = torch.linalg.solve_triangular(root, residual[..., None], upper=False)
        log_root = root.diagonal(dim1=-2, dim2=-1).log().sum(-1)
        constant = torch.log(torch.tensor(2 * torch.pi)) * m / 2
        return -white.square().sum((1, 2)) / 2 - log_root - constant.to(residual)

    def _jacobian(self, prediction: Prediction, x0: Samples) -> Tensor:
        """A J A', (b, m, m), one backward pass for each of its columns."""
        columns = []
        for one in self.observation.rows(x0).unbind(1):
            (back,) = torch.autograd.grad(one.sum(), prediction.x_t, create_graph=True)
            columns.append(self.observation.rows(back))
        return torch.stack(columns, 2)

    def _gram(self, x0: Samples) -> Tensor:
        """A A', (m, m)."""
        m = torch.Size(self.observation.operator.out_shape).numel()
        units = torch.eye(m).to(x0)
        return self.observation.rows(self.observation.back(units))
