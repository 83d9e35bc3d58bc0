"""Laws with formulas: what a network has to learn, and what guidance makes of it, exactly."""

from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.exact.guided import guided_ode_std, guided_ode_std_at, guided_sde_std, tilted_std
from diffusionbook.exact.two_classes import overshoot

__all__ = [
    "GaussianMixture", "guided_ode_std", "guided_ode_std_at", "guided_sde_std", "overshoot",
    "tilted_std",
]  # fmt: skip
