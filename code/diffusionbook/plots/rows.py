"""Methods compared: a row of dots for each, or a dot for each against what it costs."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from diffusionbook.arguments import finite, positive
from diffusionbook.plots.phone import narrow
from diffusionbook.plots.style import COLOURS, LINES, Meaning, end_labels
from diffusionbook.plots.ticks import log_ticks


def dot_rows(
    ax: Axes, rows: Mapping[str, Mapping[str, float]], *, x: str, level: float,
    filled: str, meaning: Meaning = "guide", title: str = "",
) -> None:
    """One row of dots for each name, top to bottom, and one line that all should lie on.

    Args:
        ax: where.
        rows: name → kind → value.
        x: label of the horizontal axis.
        level: where the exact answer stands, a dashed line.
        filled: the kind whose dots are filled; the others are open.
        meaning: fixes the colour of the dots.
        title: of the axes.

    Raises:
        ValueError: a number is not finite.
    """
    finite("level", level)
    ax.axvline(level, color=COLOURS["exact"], ls=LINES["exact"], lw=1.2, zorder=0)
    for height, values in enumerate(rows.values()):
        finite("rows", *values.values())
        for kind, value in values.items():
            ax.plot(value, height, "o", ms=5.5, color=COLOURS[meaning],
                    markerfacecolor=COLOURS[meaning] if kind == filled else "none")
    ax.set_yticks(range(len(rows)), list(rows))
    ax.set(xlabel=x, title=title, ylim=(len(rows) - 0.4, -0.6))
    ax.grid(True, axis="x")
    ax.tick_params(axis="y", length=0)


def priced(
    ax: Axes, dots: Mapping[str, tuple[float, float]], *, x: str, y: str, floor: float,
    ticks: Mapping[str, Sequence[float]], highlight: Sequence[str] = (),
) -> None:
    """A named dot for each method over its price, on logarithmic axes.

    On a phone, where the names would cover the dots, each method has a row of its own, from the
    cheapest to the dearest, and its price stands behind its name.

    Args:
        ax: where.
        dots: name → (price, value).
        x: label of the horizontal axis.
        y: label of the vertical axis.
        floor: the least value that can be measured, a dashed line.
        ticks: of "x" and "y".
        highlight: names in the colour of guidance; the others are grey.

    Raises:
        ValueError: a number is not positive and finite.
    """
    positive("floor", floor)
    for price, value in dots.values():
        positive("dots", price)
        positive("dots", value)
    if narrow():
        rows = {f"{name}, {price:g}": {y: value} for name, (price, value)
                in sorted(dots.items(), key=lambda dot: dot[1][0])}
        dot_rows(ax, rows, x=y, level=floor, filled=y, title=x)
        ax.set_xscale("log")
        log_ticks(ax, "x", ticks.get("y", ()))
        return
    ax.set(xscale="log", yscale="log")
    labels = []
    for name, (price, value) in dots.items():
        colour = COLOURS["guide" if name in highlight else "faint"]
        ax.plot(price, value, "o", ms=5.5, color=colour)
        labels.append((price, value, name, COLOURS["guide" if name in highlight else "exact"]))
    ax.axhline(floor, color=COLOURS["exact"], ls=LINES["exact"], lw=1.2, zorder=0)
    prices = [price for price, _ in dots.values()]
    ax.set(xlabel=x, ylabel=y, xlim=(min(prices) / 1.2, max(prices) * 1.7))
    ax.grid(True)
    for which, values in ticks.items():
        log_ticks(ax, which, values)
    end_labels(ax, labels)
