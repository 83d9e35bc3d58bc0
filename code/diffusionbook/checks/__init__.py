"""Checks of the exercises: each takes your function and says whether it is right, or how not."""

__all__ = [
    "answers", "classifier_free_guidance", "diffusion_basics", "diffusion_transformers",
    "flow_matching", "generating_images", "gradient_based_optimisation", "latent_diffusion",
    "mistakes", "multi_objective_optimisation", "optimal_transport", "verdict",
]  # fmt: skip
