"""Guidance: denoiser in, denoiser out, so that it runs with every sampler.

Two models look at the same noisy point, a strong one and a weak one, and the answer is extrapolated
from the weak through the strong (:eq:`eq-cfg`). In classifier-free guidance the weak model is the
strong one without its label; in autoguidance it is a worse model. The **scale** w is 0 for the weak
model, 1 for the strong one, which is no guidance, and larger to go beyond it. Papers that follow
Ho & Salimans, arXiv 2207.12598, write w for what is w - 1 here.

Or one model is asked, and its score moves by a gradient: that of a classifier of noisy points, of a
reward of its guess (:eq:`eq-steer`), or of the likelihood of an observation (:eq:`eq-dps`). There 0
is no guidance.
"""

from diffusionbook.guidance.classifier import (
    LogProb,
    classifier_guidance,
    implicit_classifier_gradient,
)
from diffusionbook.guidance.inverse import covariance_aware, dps, null_space, pigdm
from diffusionbook.guidance.models import autoguidance, cfg
from diffusionbook.guidance.operators import (
    Blur,
    Colour,
    ColumnSums,
    Downsample,
    Mask,
    Matrix,
    Operator,
    RowSums,
    dense,
    pseudo_inverse,
)
from diffusionbook.guidance.origin import MeasuredFrom
from diffusionbook.guidance.rewards import (
    ClassifierReward,
    LinearReward,
    QuadraticReward,
    Reward,
    checked,
)
from diffusionbook.guidance.rules import Combine, Projected, Rescaled, extrapolate
from diffusionbook.guidance.scales import Scale, interval
from diffusionbook.guidance.steering import steer

__all__ = [
    "Blur", "ClassifierReward", "Colour", "ColumnSums", "Combine", "Downsample", "LinearReward",
    "LogProb", "Mask", "Matrix", "MeasuredFrom", "Operator", "Projected", "QuadraticReward",
    "Rescaled", "Reward", "RowSums", "Scale", "autoguidance", "cfg", "checked",
    "classifier_guidance", "covariance_aware", "dense", "dps", "extrapolate",
    "implicit_classifier_gradient", "interval", "null_space", "pigdm", "pseudo_inverse", "steer",
]  # fmt: skip
