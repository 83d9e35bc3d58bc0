"""Laws with formulas: what a network has to learn, and what guidance makes of it, exactly."""

from diffusionbook.exact.dps_law import Normal, dps_ode, dps_sde
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.exact.guided import guided_ode_std, guided_ode_std_at, guided_sde_std, tilted_std
from diffusionbook.exact.linear_vae import LinearVAE
from diffusionbook.exact.reductions import Reduction, level_of
from diffusionbook.exact.source import Optimum, source_optimum
from diffusionbook.exact.tilted import (
    added_scores_ode_std,
    added_scores_std,
    exact_reward,
    kept_share,
    tilt,
    tilt_quadratic,
)
from diffusionbook.exact.two_classes import overshoot
from diffusionbook.exact.water_filling import level_at, rate_and_distortion, shannon_rate

__all__ = [
    "GaussianMixture", "LinearVAE", "Normal", "Optimum", "Reduction", "added_scores_ode_std",
    "added_scores_std", "dps_ode", "dps_sde", "exact_reward", "guided_ode_std", "guided_ode_std_at",
    "guided_sde_std", "kept_share", "level_at", "level_of", "overshoot", "rate_and_distortion",
    "shannon_rate", "source_optimum", "tilt", "tilt_quadratic", "tilted_std",
]  # fmt: skip
