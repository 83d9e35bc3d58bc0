"""Guidance by a classifier, and the classifier that a conditional model implies."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from torch import Tensor

from diffusionbook.arguments import finite
from diffusionbook.denoisers.differentiate import outside_inference, trace
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.paths.gaussian import GaussianPath
from diffusionbook.prediction import Prediction, determinant
from diffusionbook.shapes import Labels, Samples, Times, as_time

LogProb = Callable[[Samples, Times, Labels], Tensor]


def classifier_guidance(model: Denoiser, log_prob: LogProb, scale: float) -> Denoiser:
    """Add scale times the gradient of log p(y | x_t) to the score (:eq:`eq-classifier-guidance`).

    The model is asked without the label. With the exact classifier, scale = 1 is Bayes' rule and
    gives the conditional model, and every scale gives :func:`~diffusionbook.guidance.models.cfg`
    with w = scale. The gradient is taken under ``torch.no_grad()`` too. Where gradients are on, the
    answer can be differentiated, the classifier's gradient in it included.

    Args:
        model: a denoiser that answers without a label.
        log_prob: (x_t, t, y) → (b,) the log-probability of the label given the *noisy* point.
        scale: 0 is no guidance (unlike the scales of two models, where that is 1).

    Source: Dhariwal & Nichol, arXiv 2105.05233.

    Raises:
        ValueError: if ``scale`` is not finite.
    """
    finite("scale", scale)
    return _ClassifierGuided(model, log_prob, scale)


def implicit_classifier_gradient(model: Denoiser, x_t: Samples, t: Times, y: Labels) -> Samples:
    """The gradient of log p(y | x_t) that a model with and without labels implies; (b, *d).

    By Bayes' rule it is score(y) - score (:eq:`eq-implicit-classifier`), and classifier-free
    guidance is classifier guidance with it. A network's need not be the gradient of anything.
    """
    return model(x_t, t, y).score - model(x_t, t, None).score


@dataclass(frozen=True)
class _ClassifierGuided:
    model: Denoiser
    log_prob: LogProb
    scale: float

    @property
    def path(self) -> GaussianPath:
        return self.model.path

    def __call__(self, x_t: Samples, t: Times, y: Labels | None = None) -> Prediction:
        if y is None:
            raise ValueError("y must hold a label for each sample, to be guided by; it is None")
        c = self.path.at(t, x_t)
        if not bool((c.alpha > 1e-12).all()):
            raise ValueError(
                f"t must leave some signal for a classifier to see; alpha is 0 on {self.path} at "
                f"t = {as_time(t).flatten().tolist()[:3]}"
            )
        plain = self.model(x_t, t, None)
        # the score moves eps by -sigma and x0 by sigma^2 / alpha, so a row by q, p times these
        gain = -c.sigma / c.alpha * determinant(plain.param, c)
        return replace(plain, y=plain.y + self.scale * gain * self._gradient(x_t, t, y))

    @outside_inference
    def _gradient(self, x_t: Samples, t: Times, y: Labels) -> Samples:
        traced = trace(lambda x: self._log_prob(x, t, y), x_t)
        return traced.gradient(traced.value, last=True)

    def _log_prob(self, x: Samples, t: Times, y: Labels) -> Tensor:
        log_prob = self.log_prob(x, t, y)
        if log_prob.shape != x.shape[:1]:
            raise ValueError(
                f"log_prob must return shape ({x.shape[0]},), one number per sample; it "
                f"returned {tuple(log_prob.shape)}"
            )
        return log_prob
