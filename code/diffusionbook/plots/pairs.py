"""Who is paired with whom: lines between two clouds in the plane."""

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from diffusionbook.arguments import all_finite
from diffusionbook.plots.points import square
from diffusionbook.plots.style import COLOURS, DATA, NOISE
from diffusionbook.shapes import Samples


def joined(ax: Axes, starts: Samples, ends: Samples, *, extent: float, title: str = "") -> None:
    """A faint line for each pair, from an open dot to a filled one.

    Args:
        ax: where.
        starts: (n, 2), drawn as noise.
        ends: (n, 2), drawn as data.
        extent: the axes run from -extent to extent.
        title: of the axes.

    Raises:
        ValueError: a point is not finite, or ``extent`` is not positive and finite.
    """
    all_finite("starts", starts)
    all_finite("ends", ends)
    square(ax, extent, title)
    lines = [list(pair) for pair in zip(starts.tolist(), ends.tolist(), strict=True)]
    ax.add_collection(LineCollection(lines, colors=COLOURS["faint"], lw=0.7, alpha=0.8))
    ax.scatter(*starts.T.tolist(), s=11, facecolors="none", edgecolors=NOISE, lw=0.8, zorder=3)
    ax.scatter(*ends.T.tolist(), s=11, color=DATA, lw=0, zorder=4)
