"""The shipped models: weights with receipts, and the recipes they were made by."""

from diffusionbook.evidence.receipts import WEIGHTS, names, receipt
from diffusionbook.zoo.canvas_judge import CanvasJudge
from diffusionbook.zoo.judge import FEATURES, JUDGE, Judge, as_seen, balanced, look
from diffusionbook.zoo.latent import LatentDenoiser, LatentModel, load_latent
from diffusionbook.zoo.recipe import (
    Finished,
    Guided,
    Latent,
    Recipe,
    Sampled,
    check_recipe,
    find,
    recipe_names,
)
from diffusionbook.zoo.store import load, record, round_weights, save, trained_recipe

__all__ = [
    "CanvasJudge", "FEATURES", "Finished", "Guided", "JUDGE", "Judge", "Latent", "LatentDenoiser",
    "LatentModel", "Recipe", "Sampled", "WEIGHTS", "as_seen", "balanced", "check_recipe", "find",
    "load", "load_latent", "look", "names", "receipt", "recipe_names", "record", "round_weights",
    "save", "trained_recipe",
]  # fmt: skip
