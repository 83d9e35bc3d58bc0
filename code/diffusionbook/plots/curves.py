"""Line plots: curves that are named where they end, with bands for the spread over seeds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from diffusionbook.arguments import finite
from diffusionbook.plots.phone import with_phone_layout
from diffusionbook.plots.style import COLOURS, LINES, Meaning, canvas, end_labels
from diffusionbook.plots.ticks import log_ticks


@dataclass(frozen=True)
class Curve:
    """One line of a plot.

    Attributes:
        name: written at its end.
        x: where.
        y: what.
        meaning: fixes colour and line style.
        spread: half the height of the band around y, or None for no band.
        mark: draw a dot at every point.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    meaning: Meaning = "learned"
    spread: Sequence[float] | None = None
    mark: str = ""


def draw(
    ax: Axes,
    lines: Sequence[Curve],
    *,
    x: str,
    y: str,
    log: str = "",
    title: str = "",
    limits: tuple[float, float] | None = None,
    levels: Mapping[str, float] | None = None,
    ticks: Mapping[str, Sequence[float]] | None = None,
) -> None:
    """Draw curves on one pair of axes.

    Args:
        ax: where.
        lines: the curves.
        x: label of the horizontal axis.
        y: label of the vertical axis.
        log: "", "x", "y" or "xy": which axes are logarithmic.
        title: of the axes.
        limits: of the vertical axis.
        levels: names and heights of faint horizontal lines, each named below its middle.
        ticks: of "x" and "y" where they are logarithmic,
            see :func:`diffusionbook.plots.ticks.log_ticks`.
    """
    if "x" in log:
        ax.set_xscale("log")
    if "y" in log:
        ax.set_yscale("log")
    ends = []
    for line in lines:
        xs, ys = [float(v) for v in line.x], [float(v) for v in line.y]
        colour = COLOURS[line.meaning]
        ax.plot(xs, ys, marker=line.mark, ls=LINES[line.meaning], color=colour)
        if line.spread is not None:
            low = [v - float(s) for v, s in zip(ys, line.spread, strict=True)]
            high = [v + float(s) for v, s in zip(ys, line.spread, strict=True)]
            if "y" in log:
                low = [max(v, h / 1e3) for v, h in zip(low, high, strict=True)]
            ax.fill_between(xs, low, high, color=colour, alpha=0.15, lw=0)
        if line.name:
            ends.append((xs[-1], ys[-1], line.name, colour))
    ax.set(xlabel=x, ylabel=y, title=title)
    if limits is not None:
        finite("limits", *limits)
        ax.set_ylim(*limits)
    ax.grid(True)
    finite("levels", *(levels or {}).values())
    for name, height in (levels or {}).items():
        ax.axhline(height, color=COLOURS["faint"], lw=0.8)
        ax.annotate(name, (0.55, height), (0, -9), xycoords=ax.get_yaxis_transform(),
                    textcoords="offset points", fontsize=8)
    for which, values in (ticks or {}).items():
        log_ticks(ax, which, values)
    end_labels(ax, ends)


@with_phone_layout
def plot(
    lines: Sequence[Curve],
    *,
    x: str,
    y: str,
    log: str = "",
    height: float = 3.0,
    limits: tuple[float, float] | None = None,
    ticks: Mapping[str, Sequence[float]] | None = None,
) -> Figure:
    """One pair of axes with curves, see :func:`draw`."""
    fig, (ax,) = canvas(height=height)
    draw(ax, lines, x=x, y=y, log=log, limits=limits, ticks=ticks)
    return fig


def note(ax: Axes, text: str, at: tuple[float, float], place: tuple[float, float]) -> None:
    """Write ``text`` at ``place``, with an arrow to ``at``, both in data coordinates."""
    finite("at", *at)
    finite("place", *place)
    arrow = {"arrowstyle": "->", "lw": 0.6}
    ax.annotate(text, at, place, fontsize=8, va="center", arrowprops=arrow)


@with_phone_layout
def side_by_side(
    panels: Sequence[tuple[str, Sequence[Curve], str]], *, x: str, height: float = 2.6,
    ticks: Mapping[str, Sequence[float]] | None = None,
) -> Figure:
    """A row of panels over one horizontal axis: several measures of the same thing.

    Args:
        panels: (title, curves, log) of each, log as in :func:`draw`.
        x: label of the horizontal axes.
        height: of the figure, in inches.
        ticks: as in :func:`draw`, of the panels where that axis is logarithmic.
    """
    fig, axes = canvas(1, len(panels), height=height)
    for ax, (title, lines, log) in zip(axes, panels, strict=True):
        here = {which: values for which, values in (ticks or {}).items() if which in log}
        draw(ax, lines, x=x, y="", log=log, title=title, ticks=here)
    return fig
