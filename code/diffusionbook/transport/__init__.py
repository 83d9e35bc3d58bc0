"""How noise is carried to data: straight tracks, and flows that learn from flows."""

from diffusionbook.transport.mixing import corner_weights, mixed
from diffusionbook.transport.reflow import Pairs, pair_loss, reflow_pairs
from diffusionbook.transport.tracks import (
    crossing,
    detour,
    gaussian_split,
    straightness,
    transport_cost,
)

__all__ = [
    "Pairs", "corner_weights", "crossing", "detour", "gaussian_split", "mixed", "pair_loss",
    "reflow_pairs", "straightness", "transport_cost",
]  # fmt: skip
