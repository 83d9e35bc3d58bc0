"""Figures of how a sampler's error falls, and of where its time grid puts the steps."""

from collections.abc import Mapping, Sequence
from itertools import cycle

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from diffusionbook.arguments import whole
from diffusionbook.plots.phone import with_phone_layout
from diffusionbook.plots.style import EXACT, FAINT, canvas, end_labels

MARKS = ("o", "s", "^", "D", "v", "P")


def falling(
    ax: Axes,
    errors: Mapping[str, Mapping[int, float]],
    slopes: Sequence[int],
    *,
    x: str,
    y: str,
    title: str = "",
) -> None:
    """Errors against a count on logarithmic axes, with grey lines of given slopes.

    Args:
        ax: where.
        errors: for each curve, the error at each count; there are six marks, then they repeat.
        slopes: 1 draws a line that falls as 1 / count, 2 as 1 / count squared.
        x: label of the horizontal axis.
        y: label of the vertical axis.
        title: of the axes.
    """
    whole("slopes", *slopes)
    ax.set(xscale="log", yscale="log", xlabel=x, ylabel=y, title=title)
    ends = []
    for mark, (name, points) in zip(cycle(MARKS), errors.items(), strict=False):
        counts, values = list(points), list(points.values())
        ax.plot(counts, values, marker=mark, color=EXACT, lw=1.1, mfc="white", mew=1.1)
        ends.append((counts[-1], values[-1], name, EXACT))
    counts = sorted({count for points in errors.values() for count in points})
    first = [points[counts[0]] for points in errors.values() if counts[0] in points]
    for slope in slopes:
        # the shallowest guide runs above all curves, a steeper one below them
        at = 2 * max(first) if slope == min(slopes) else 0.35 * min(first)
        guide = [at * (counts[0] / count) ** slope for count in counts]
        ax.plot(counts, guide, color=FAINT, lw=0.8, ls=(0, (1, 2)), zorder=0)
        side = 1 if slope == min(slopes) else -1
        middle = len(counts) // 2
        ax.annotate(f"slope −{slope}", (counts[middle], guide[middle]), xytext=(4 * side, 5 * side),
                    textcoords="offset points", color="#5A5A5A", fontsize=8,
                    ha="left" if side > 0 else "right", va="center")  # fmt: skip
    ax.set_xticks(counts, [str(count) for count in counts])
    ax.minorticks_off()
    ax.grid(True)
    end_labels(ax, ends)


@with_phone_layout
def side_by_side(
    left: Mapping[str, Mapping[int, float]],
    right: Mapping[str, Mapping[int, float]],
    *,
    titles: tuple[str, str],
    y: tuple[str, str],
    x: tuple[str, str],
    slopes: tuple[Sequence[int], Sequence[int]],
) -> Figure:
    """Two panels of :func:`falling`, left and right."""
    fig, axes = canvas(1, 2, height=3.3)
    for ax, errors, title, label, across, slope in zip(
        axes, (left, right), titles, y, x, slopes, strict=True
    ):
        falling(ax, errors, slope, x=across, y=label, title=title)
    return fig


@with_phone_layout
def grids(choices: Mapping[str, Tensor]) -> Figure:
    """Where time grids look at the model: a row of dots for each, data left and noise right."""
    fig, (ax,) = canvas(height=0.5 + 0.32 * len(choices))
    names = list(choices)
    for row, name in enumerate(names):
        times = choices[name].tolist()
        ax.plot(times, [-row] * len(times), "-", color=FAINT, lw=0.6)
        # the model is asked at every time but the last
        ax.plot(times[:-1], [-row] * (len(times) - 1), "o", color=EXACT, ms=3.5)
        ax.plot(times[-1:], [-row], "o", color=EXACT, mfc="white", ms=3.5)
    ax.set_yticks([-row for row in range(len(names))], names)
    ax.set(xlim=(-0.02, 1.02), ylim=(0.6 - len(names), 0.5), xlabel="t   (0 is data, 1 is noise)")
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    return fig
