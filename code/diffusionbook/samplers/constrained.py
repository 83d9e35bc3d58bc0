"""Constraints without a gradient: project each guess, or put the known part in."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from torch import Tensor

from diffusionbook.arguments import whole
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.guidance.observation import Observation
from diffusionbook.guidance.operators import Mask
from diffusionbook.paths.gaussian import GaussianPath
from diffusionbook.prediction import Prediction
from diffusionbook.randomness import randn_like
from diffusionbook.samplers.loop import Stepper
from diffusionbook.samplers.recurrence import noised_back
from diffusionbook.shapes import Labels, Samples, Times


@dataclass(frozen=True)
class Constrained:
    """A stepper whose model's guess of x0 is moved onto a constraint at every look.

    The sample itself, at s = 0, is projected, too, for not every stepper ends at its guess. So the
    samples obey the constraint. They are not draws of the law under that condition: what the
    model says of the rest was said about a guess that did not obey it.

    Args:
        stepper: the rule for a step.
        project: (b, *d) → (b, *d), the nearest point that obeys, such as a symmetric image.

    Raises:
        ValueError: in a step, ``project`` changes the shape.
    """

    stepper: Stepper
    project: Callable[[Samples], Samples]

    @property
    def order(self) -> int:
        """The stepper's."""
        return self.stepper.order

    def step(self, model, x, t, s, *, y=None, generator=None, memory=None):
        """x: (b, *d) at time t → (b, *d) at s, and the stepper's memory."""
        x, memory = self.stepper.step(
            _Projected(model, self.project), x, t, s, y=y, generator=generator, memory=memory
        )
        return (x if s > 0 else self.project(x)), memory


class Repaint:
    """The known part of a sample comes from the observation, noised; the rest from the stepper.

    Put together they do not fit, and so each step is noised back and taken again, ``times`` passes
    in all (:class:`~diffusionbook.samplers.recurrence.Recurrent`).

    Args:
        stepper: the rule for a pass; the paper's is Ancestral.
        operator: which numbers are known.
        observed: them, without noise: (m,), or (b, m).
        times: passes of each step; 1 puts the known part in and goes on.

    Raises:
        ValueError: ``operator`` is no Mask, ``observed`` does not fit it, or ``times`` is not whole
            or below 1.

    Source: Lugmayr et al., "RePaint", arXiv 2201.09865, with jumps of one step.
    """

    def __init__(self, stepper: Stepper, operator: Mask, observed: Tensor, times: int = 1) -> None:
        if not isinstance(operator, Mask):
            raise ValueError(f"operator must be a Mask, which says what is known; it is "
                             f"{type(operator).__name__}")
        whole("times", times, least=1)
        self.stepper, self.times = stepper, times
        self.observation = Observation(operator, observed)

    @property
    def order(self) -> int:
        """The stepper's."""
        return self.stepper.order

    def step(self, model, x, t, s, *, y=None, generator=None, memory=None):
        """x: (b, *d) at time t → (b, *d) at s, and the memory of the last pass."""
        path = model.path
        for left in reversed(range(self.times)):
            below, memory = self.stepper.step(
                model, x, t, s, y=y, generator=generator, memory=memory
            )
            below = self._put_in(path, below, s, generator)
            if left:
                x, memory = noised_back(path, below, s, t, generator), None
        return below, memory

    def _put_in(self, path: GaussianPath, x: Samples, s: Tensor, generator) -> Samples:
        """x at s, with alpha_s observed + sigma_s noise where the sample is known."""
        away = self.observation.residual(x / path.alpha(s).to(x)) * path.alpha(s).to(x)
        x = x + self.observation.back(away)
        if s > 0:
            fresh = randn_like(x, generator)
            x = x + path.sigma(s).to(x) * self.observation.back(self.observation.rows(fresh))
        return x


@dataclass(frozen=True)
class _Projected:
    model: Denoiser
    project: Callable[[Samples], Samples]

    @property
    def path(self) -> GaussianPath:
        return self.model.path

    def __call__(self, x_t: Samples, t: Times, y: Labels | None = None) -> Prediction:
        plain = self.model(x_t, t, y)
        moved = self.project(plain.x0)
        if moved.shape != x_t.shape:
            raise ValueError(f"project must return the shape of x0, {tuple(x_t.shape)}; it "
                             f"returned {tuple(moved.shape)}")
        return replace(plain, y=moved, param="x0")
