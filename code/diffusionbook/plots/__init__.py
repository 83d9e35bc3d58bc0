"""Figures. These are the only modules of the package that import matplotlib."""

from diffusionbook.plots.curves import Curve, draw, note, plot, side_by_side
from diffusionbook.plots.density import heat_maps
from diffusionbook.plots.guidance import Law, histograms, measured
from diffusionbook.plots.images import digit_grid, digit_strip
from diffusionbook.plots.kept import keeping
from diffusionbook.plots.letters import leaves, word
from diffusionbook.plots.phone import narrow, with_phone_layout
from diffusionbook.plots.points import (
    fields,
    fields_over_time,
    grid_points,
    scatter,
    strip,
    tracks,
)  # fmt: skip
from diffusionbook.plots.reverse import compare_reverse
from diffusionbook.plots.rows import dot_rows, priced
from diffusionbook.plots.squares import image_squares
from diffusionbook.plots.style import COLOURS, canvas
from diffusionbook.plots.ticks import log_ticks
from diffusionbook.plots.transformer import stack
from diffusionbook.plots.unet import Row, u_net
from diffusionbook.plots.vae import autoencoder

__all__ = [
    "COLOURS", "Curve", "Law", "Row", "autoencoder", "canvas", "compare_reverse", "digit_grid",
    "digit_strip", "dot_rows", "draw", "fields", "fields_over_time", "grid_points", "heat_maps",
    "histograms", "image_squares", "keeping", "leaves", "log_ticks", "measured", "narrow", "note",
    "plot", "priced", "scatter", "side_by_side", "stack", "strip", "tracks", "u_net",
    "with_phone_layout", "word",
]  # fmt: skip
