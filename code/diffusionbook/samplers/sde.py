"""A solver of the reverse-time SDE."""

from dataclasses import dataclass
from typing import ClassVar

import torch

from diffusionbook.randomness import randn_like


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
