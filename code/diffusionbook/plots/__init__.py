"""Figures. These are the only modules of the package that import matplotlib."""

from diffusionbook.plots.curves import Curve, draw, plot, side_by_side
from diffusionbook.plots.guidance import Law, histograms, measured
from diffusionbook.plots.images import digit_grid, digit_strip
from diffusionbook.plots.points import fields, grid_points, scatter, strip, tracks
from diffusionbook.plots.reverse import compare_reverse
from diffusionbook.plots.style import COLOURS, canvas
from diffusionbook.plots.unet import Row, u_net

__all__ = [
    "COLOURS", "Curve", "Law", "Row", "canvas", "compare_reverse", "digit_grid", "digit_strip",
    "draw", "fields", "grid_points", "histograms", "measured", "plot", "scatter", "side_by_side",
    "strip", "tracks", "u_net",
]  # fmt: skip
