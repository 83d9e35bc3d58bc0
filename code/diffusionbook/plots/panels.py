"""Line plots side by side over one horizontal axis: several measures of the same thing."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from diffusionbook.plots.curves import Curve, draw
from diffusionbook.plots.style import canvas


def side_by_side(
    panels: Sequence[tuple[str, Sequence[Curve], str]], *, x: str, height: float = 2.6
) -> Figure:
    """A row of panels, each with a title of its own.

    Args:
        panels: (title, curves, log) of each, log as in :func:`diffusionbook.plots.curves.draw`.
        x: label of the horizontal axes.
        height: of the figure, in inches.
    """
    fig, axes = canvas(1, len(panels), height=height)
    for ax, (title, lines, log) in zip(axes, panels, strict=True):
        draw(ax, lines, x=x, y="", log=log, title=title)
    return fig
