"""Ticks of logarithmic axes, written as a reader says them: 0.5 and 16, not powers of ten."""

from collections.abc import Sequence
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.ticker import FixedFormatter, FixedLocator, NullFormatter, NullLocator

from diffusionbook.arguments import positive


def log_ticks(ax: Axes, which: Literal["x", "y"], values: Sequence[float]) -> None:
    """Put the ticks of a logarithmic axis at these values and write them out; no others.

    The limits stay: a value beyond them is not shown. Call it before the names of curves are
    written, and again for each layout; a figure that is drawn with
    :func:`diffusionbook.plots.curves.draw` has them by its ``ticks``.

    Args:
        ax: where.
        which: of its two axes.
        values: where the ticks stand, each written as ``f"{value:g}"``.

    Raises:
        ValueError: the axis is not logarithmic, or a value is not positive and finite.
    """
    axis = {"x": ax.xaxis, "y": ax.yaxis}[which]
    if axis.get_scale() != "log":
        raise ValueError(f"the {which} axis is {axis.get_scale()}, not logarithmic")
    for value in values:
        positive("values", value)
    axis.set_major_locator(FixedLocator(list(values)))
    axis.set_major_formatter(FixedFormatter([f"{value:g}" for value in values]))
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())
