"""Steps that predict x0 and eps and mix them anew: DDIM's, and DDPM's ancestral step."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from torch import Tensor

from diffusionbook.paths.gaussian import GaussianPath
from diffusionbook.randomness import randn_like


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
