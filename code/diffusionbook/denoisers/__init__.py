"""Denoisers: everything that can answer "which x0 and eps made this x_t?"."""

from diffusionbook.denoisers.exact import AnalyticDenoiser, EmpiricalDenoiser
from diffusionbook.denoisers.linear import LinearDenoiser
from diffusionbook.denoisers.model import Denoiser, NetDenoiser, check_input
from diffusionbook.denoisers.wrapped import Counted, Remembered, Repathed

__all__ = [
    "AnalyticDenoiser", "Counted", "Denoiser", "EmpiricalDenoiser", "LinearDenoiser",
    "NetDenoiser", "Remembered", "Repathed", "check_input",
]  # fmt: skip
