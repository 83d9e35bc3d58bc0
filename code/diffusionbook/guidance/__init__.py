"""Guidance: denoiser in, denoiser out, so that it runs with every sampler.

Two models look at the same noisy point, a strong one and a weak one, and the answer is extrapolated
from the weak through the strong (:eq:`eq-cfg`). In classifier-free guidance the weak model is the
strong one without its label; in autoguidance it is a worse model. The **scale** w is 0 for the weak
model, 1 for the strong one, which is no guidance, and larger to go beyond it. Papers that follow
Ho & Salimans, arXiv 2207.12598, write w for what is w - 1 here.
"""

from diffusionbook.guidance.classifier import (
    LogProb,
    classifier_guidance,
    implicit_classifier_gradient,
)
from diffusionbook.guidance.models import autoguidance, cfg
from diffusionbook.guidance.origin import MeasuredFrom
from diffusionbook.guidance.rules import Combine, Projected, Rescaled, extrapolate
from diffusionbook.guidance.scales import Scale, interval

__all__ = [
    "Combine", "LogProb", "MeasuredFrom", "Projected", "Rescaled", "Scale", "autoguidance", "cfg",
    "classifier_guidance", "extrapolate", "implicit_classifier_gradient", "interval",
]  # fmt: skip
