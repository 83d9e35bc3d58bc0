"""Laws with formulas: what a network has to learn, and what guidance makes of it, exactly."""

from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.exact.guided import guided_ode_std, guided_ode_std_at, guided_sde_std, tilted_std
from diffusionbook.exact.linear_vae import LinearVAE
from diffusionbook.exact.reductions import Reduction, level_of
from diffusionbook.exact.two_classes import overshoot
from diffusionbook.exact.water_filling import level_at, rate_and_distortion, shannon_rate

__all__ = [
    "GaussianMixture", "LinearVAE", "Reduction", "guided_ode_std", "guided_ode_std_at",
    "guided_sde_std", "level_at", "level_of", "overshoot", "rate_and_distortion", "shannon_rate",
    "tilted_std",
]  # fmt: skip
