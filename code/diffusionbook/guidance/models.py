"""Guided models: two evaluations where w asks for both, and one where it does not."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from diffusionbook.denoisers.model import Denoiser
from diffusionbook.guidance.rules import Combine, extrapolate
from diffusionbook.guidance.scales import Scale, check_scale, scale_at
from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import GaussianPath
from diffusionbook.prediction import Prediction
from diffusionbook.shapes import Labels, Samples, Times


def cfg(model: Denoiser, scale: Scale, *, combine: Combine = extrapolate) -> Denoiser:
    """Classifier-free guidance: the model with its label against itself without (:eq:`eq-cfg`).

    The guided model needs a label, and evaluates ``model(x_t, t, y)`` and ``model(x_t, t, None)``;
    the first alone at w = 1, and the second alone at w = 0 if it extrapolates.

    Args:
        model: a denoiser that answers with a label and without one.
        scale: w, a number or a function of the time.
        combine: how the two answers are put together.

    Source: Ho & Salimans, arXiv 2207.12598.

    Raises:
        ValueError: if ``scale`` is a number that is not finite.
    """
    check_scale(scale)
    return _ClassifierFree(model, scale, combine)


def autoguidance(
    model: Denoiser, weak: Denoiser, scale: Scale, *, combine: Combine = extrapolate
) -> Denoiser:
    """A model against a worse one, both with the same label or none (:eq:`eq-autoguidance`).

    Args:
        model: the strong denoiser.
        weak: the weak one: a smaller network, or one trained for a shorter time.
        scale: w, a number or a function of the time.
        combine: how the two answers are put together.

    Source: Karras et al., arXiv 2406.02507.

    Raises:
        ValueError: if the two live on different paths, or ``scale`` is a number that is not
            finite.
    """
    check_scale(scale)
    if not _same(model.path, weak.path):
        raise ValueError(f"weak must live on model's path, {model.path}; its path is {weak.path}")
    return _Autoguided(model, weak, scale, combine)


@dataclass(frozen=True)
class _ClassifierFree:
    model: Denoiser
    scale: Scale
    combine: Combine

    @property
    def path(self) -> GaussianPath:
        return self.model.path

    def __call__(self, x_t: Samples, t: Times, y: Labels | None = None) -> Prediction:
        if y is None:
            raise ValueError("y must hold a label for each sample, to be guided by; it is None")
        strong, weak = (lambda: self.model(x_t, t, y)), (lambda: self.model(x_t, t, None))
        return _guide(strong, weak, scale_at(self.scale, t), self.combine)


@dataclass(frozen=True)
class _Autoguided:
    model: Denoiser
    weak: Denoiser
    scale: Scale
    combine: Combine

    @property
    def path(self) -> GaussianPath:
        return self.model.path

    def __call__(self, x_t: Samples, t: Times, y: Labels | None = None) -> Prediction:
        strong, weak = (lambda: self.model(x_t, t, y)), (lambda: self.weak(x_t, t, y))
        return _guide(strong, weak, scale_at(self.scale, t), self.combine)


def _guide(
    strong: Callable[[], Prediction], weak: Callable[[], Prediction], w: float, combine: Combine
) -> Prediction:
    """Ask only the models that w needs."""
    if w == 1:
        return strong()
    if w == 0 and combine is extrapolate:
        return weak()
    return combine(strong(), weak(), w)


def _same(path: GaussianPath, other: GaussianPath) -> bool:
    if isinstance(path, Chain) and isinstance(other, Chain):
        return torch.equal(path.log_alpha_bar, other.log_alpha_bar)
    return path == other
