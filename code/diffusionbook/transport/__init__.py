"""How noise is carried to data: straight tracks, and flows that learn from flows."""

from diffusionbook.transport.reflow import Pairs, pair_loss, reflow_pairs
from diffusionbook.transport.tracks import (
    crossing,
    detour,
    gaussian_split,
    straightness,
    transport_cost,
)

__all__ = [
    "Pairs", "crossing", "detour", "gaussian_split", "pair_loss", "reflow_pairs",
    "straightness", "transport_cost",
]  # fmt: skip
