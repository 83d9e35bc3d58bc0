"""What a model says about data it is shown: its log-likelihood, and bounds on it."""

from diffusionbook.likelihood.bound import Elbo, elbo, gaussian_gap, posterior_variances, step_kl
from diffusionbook.likelihood.gaussian_chain import (
    chain_at,
    own_divergence,
    own_variance,
    posterior_ratios,
)
from diffusionbook.likelihood.ode import (
    bits_per_dim,
    continuity_residual,
    divergence,
    draw_probes,
    log_prob_ode,
    normal_log_prob,
)

__all__ = [
    "Elbo", "bits_per_dim", "chain_at", "continuity_residual", "divergence", "draw_probes",
    "elbo", "gaussian_gap", "log_prob_ode", "normal_log_prob", "own_divergence", "own_variance",
    "posterior_ratios", "posterior_variances", "step_kl",
]  # fmt: skip
