"""Guidance: denoiser in, denoiser out, so that it runs with every sampler.

Two models look at the same noisy point, a strong one and a weak one, and the answer is extrapolated
from the weak through the strong (:eq:`eq-cfg`). In classifier-free guidance the weak model is the
strong one without its label; in autoguidance it is a worse model. The **scale** w is 0 for the weak
model, 1 for the strong one, which is no guidance, and larger to go beyond it. Papers that follow
Ho & Salimans, arXiv 2207.12598, write w for what is w - 1 here.

Everything public can be imported from here: ``from diffusionbook.guidance import cfg``.
"""

from diffusionbook.guidance.classifier import LogProb as LogProb
from diffusionbook.guidance.classifier import classifier_guidance as classifier_guidance
from diffusionbook.guidance.classifier import (
    implicit_classifier_gradient as implicit_classifier_gradient,
)
from diffusionbook.guidance.models import autoguidance as autoguidance
from diffusionbook.guidance.models import cfg as cfg
from diffusionbook.guidance.origin import MeasuredFrom as MeasuredFrom
from diffusionbook.guidance.rules import Combine as Combine
from diffusionbook.guidance.rules import Projected as Projected
from diffusionbook.guidance.rules import Rescaled as Rescaled
from diffusionbook.guidance.rules import extrapolate as extrapolate
from diffusionbook.guidance.scales import Scale as Scale
from diffusionbook.guidance.scales import interval as interval
