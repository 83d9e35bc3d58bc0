"""The released code of DPS: a step, then a nudge towards the observation, of a size set by hand."""

from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

from diffusionbook.arguments import positive
from diffusionbook.denoisers.differentiate import outside_inference
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.guidance.graph import leads_to
from diffusionbook.guidance.observation import Observation
from diffusionbook.guidance.operators import Operator
from diffusionbook.paths.gaussian import GaussianPath
from diffusionbook.prediction import Prediction
from diffusionbook.samplers.loop import Stepper
from diffusionbook.shapes import Labels, Samples, Times


class Nudged:
    """After each step, minus ``size`` times the gradient of ``|observed - A x0(x_t)|`` at x_t.

    The nudge is tied neither to the noise of the observation nor to the length of the step. So
    twice the steps nudge twice as much, and with many steps the sampler copies the observation,
    whatever ``size`` is. :func:`~diffusionbook.guidance.inverse.dps` has no size to choose.

    Args:
        stepper: the rule for a step; the paper's is Ancestral.
        operator: A.
        observed: one observation, ``(*out_shape)``, or one for each sample, ``(b, *out_shape)``.
        size: zeta, positive.
        norm: "plain" for the norm, as in the released code, whose gradient does not shrink with
            the residual; "squared" for its square, as in the paper's algorithm. The paper divides
            its size by the norm, which makes the two one rule up to a factor of 2 (issue 20 of
            the repository).

    Raises:
        ValueError: ``size`` is not positive, an unknown ``norm``, or ``observed`` does not fit; in
            a step: the model is cut off from x_t.

    Source: Chung et al., arXiv 2209.14687; DPS2022/diffusion-posterior-sampling.
    """

    def __init__(
        self,
        stepper: Stepper,
        operator: Operator,
        observed: Tensor,
        size: float,
        norm: Literal["plain", "squared"] = "plain",
    ) -> None:
        positive("size", size)
        if norm not in ("plain", "squared"):
            raise ValueError(f"norm must be 'plain' or 'squared'; it is {norm!r}")
        self.stepper, self.size, self.norm = stepper, size, norm
        self.observation = Observation(operator, observed)

    @property
    def order(self) -> int:
        """The stepper's."""
        return self.stepper.order

    def step(self, model, x, t, s, *, y=None, generator=None, memory=None):
        """x: ``(b, *d)`` at time t → ``(b, *d)`` at s, and the stepper's memory.

        One gradient more than the stepper alone, and no look at the model more.
        """
        answer, gradient = self._look(model, x, t, y)
        known = _Known(model, replace(answer, x_t=x))
        below, memory = self.stepper.step(known, x, t, s, y=y, generator=generator, memory=memory)
        return below - self.size * gradient, memory

    @outside_inference
    def _look(self, model: Denoiser, x: Samples, t: Tensor, y: Labels | None):
        """The model's answer at x, and the gradient of the norm."""
        with torch.enable_grad():
            point = x.detach().requires_grad_()
            seen = point.view_as(point)  # a node of its own, to be found again
            prediction = model(seen, t, y)
            square = self.observation.residual(prediction.x0).square().sum(1)
            if not leads_to(square, seen):
                raise ValueError("model must let gradients through; its x0 is cut off from x_t")
            norm = square if self.norm == "squared" else square.sqrt()
            (gradient,) = torch.autograd.grad(norm.sum(), point)
        return replace(prediction, y=prediction.y.detach(), x_t=x), gradient


@dataclass(frozen=True)
class _Known:
    """A model whose answer at one point is known."""

    model: Denoiser
    answer: Prediction

    @property
    def path(self) -> GaussianPath:
        return self.model.path

    def __call__(self, x_t: Samples, t: Times, y: Labels | None = None) -> Prediction:
        return self.answer if x_t is self.answer.x_t else self.model(x_t, t, y)
