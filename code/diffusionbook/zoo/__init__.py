"""The shipped models: weights with receipts, and the recipes they were made by."""

from diffusionbook.zoo import judge
from diffusionbook.zoo.store import load, record, round_weights, save, trained_recipe

__all__ = ["judge", "load", "record", "round_weights", "save", "trained_recipe"]
