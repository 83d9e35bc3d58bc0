"""The law of one random step: the Gaussian N(mean, std^2) that a stepper draws x_s from."""

from torch import Tensor

from diffusionbook.prediction import Prediction
from diffusionbook.samplers.ancestral import DDIM, Ancestral, forward_variance
from diffusionbook.samplers.loop import Stepper
from diffusionbook.samplers.sde import EulerMaruyama
from diffusionbook.shapes import Samples


def draws(stepper: Stepper) -> bool:
    """Whether a stepper of this package, or one inside it, adds fresh noise."""
    if isinstance(stepper, Ancestral | EulerMaruyama) or getattr(stepper, "eta", 0) > 0:
        return True
    if getattr(stepper, "times", 1) > 1:  # noise on the way back
        return True
    inner = getattr(stepper, "stepper", None)
    return inner is not None and draws(inner)


def check_random(stepper: Stepper) -> None:
    """Refuse a stepper that draws no noise, or one whose law is not written here.

    Raises:
        ValueError: it is one of these.
    """
    if not (isinstance(stepper, DDIM | Ancestral | EulerMaruyama) and draws(stepper)):
        raise ValueError(
            f"stepper must draw fresh noise of a known law, as DDIM with eta > 0, Ancestral and "
            f"EulerMaruyama do; it is {stepper}"
        )


def check_deterministic(stepper: Stepper) -> None:
    """Refuse a stepper that draws noise.

    Raises:
        ValueError: it is one.
    """
    if draws(stepper):
        raise ValueError(f"stepper must be deterministic, as DDIM with eta = 0, Euler, Heun and "
                         f"DPMpp2M are; it is {stepper}")


def transition(
    stepper: Stepper, prediction: Prediction, t: Tensor, s: Tensor
) -> tuple[Samples, Tensor]:
    """Mean (b, *d) and std () of what ``stepper`` draws at s, given the answer at (x_t, t).

    The std is 0 in a step to s = 0, where no stepper adds noise.

    Raises:
        ValueError: the stepper draws no noise, or what its own step refuses.
    """
    check_random(stepper)
    path, zero = prediction.path, 0 * s
    if isinstance(stepper, EulerMaruyama):
        alpha, sigma = path.alpha(t), path.sigma(t)
        rate = 2 * sigma * (path.d_sigma(t) - sigma * path.d_alpha(t) / alpha)
        drift = prediction.velocity - rate / 2 * prediction.score
        return prediction.x_t + (s - t) * drift, ((t - s) * rate).sqrt() if s > 0 else zero
    kept = (stepper if isinstance(stepper, DDIM) else DDIM(1.0)).noise_std(path, t, s)
    rest = (path.sigma(s) ** 2 - kept**2).clamp_min(0).sqrt()
    mean = path.alpha(s) * prediction.x0 + rest * prediction.eps
    if stepper == Ancestral("beta"):
        kept = forward_variance(path, t, s).sqrt() if s > 0 else zero
    return mean, kept
