"""One meaning, one colour, one mark, in every figure of the book."""

from importlib.resources import files
from typing import Literal

from matplotlib import pyplot, style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from diffusionbook.arguments import finite, positive, whole

DATA = "#0072B2"
NOISE = "#B84A00"
LEARNED = "#007A5A"
EXACT = "#1A1A1A"
GUIDE = "#A03C78"
FAINT = "#8A8A8A"

Meaning = Literal["data", "noise", "learned", "exact", "guide", "faint"]
COLOURS = {
    "data": DATA, "noise": NOISE, "learned": LEARNED,
    "exact": EXACT, "guide": GUIDE, "faint": FAINT,
}  # fmt: skip
LINES = {
    "data": "-", "noise": (0, (6, 2, 1, 2)), "learned": "-",
    "exact": (0, (5, 2)), "guide": (0, (1, 1.5)), "faint": "-",
}  # fmt: skip

SHEET = str(files("diffusionbook.plots") / "book.mplstyle")
WIDTH = 7.0  # inches: the width of the text


def canvas(
    rows: int = 1,
    columns: int = 1,
    *,
    height: float = 3.0,
    width: float = WIDTH,
    share: bool = False,
) -> tuple[Figure, list[Axes]]:
    """A figure in the book's style, as wide as the text, and its axes row by row.

    Args:
        rows: rows of axes.
        columns: columns of axes.
        height: of the figure, in inches.
        width: of the figure, in inches.
        share: whether all axes have the same limits.

    Raises:
        ValueError: a number is not positive and finite.
    """
    whole("rows", rows, least=1)
    whole("columns", columns, least=1)
    positive("height", height)
    positive("width", width)
    style.use(SHEET)  # for good: titles and labels that are set later must follow it, too
    fig, axes = pyplot.subplots(
        rows, columns, figsize=(width, height), squeeze=False, sharex=share, sharey=share
    )
    return fig, list(axes.flat)


def end_labels(ax: Axes, labels: list[tuple[float, float, str, str]], gap: float = 11.0) -> None:
    """Write each curve's name where it ends, pushed apart so that no two names overlap.

    A name that had to move far is joined to its curve by a thin line.

    Args:
        ax: with its final limits and scales.
        labels: (x, y, text, colour) of the ends, in data coordinates.
        gap: the least distance of two names, in points.
    """
    finite("gap", gap)
    ax.figure.canvas.draw()
    scale = ax.figure.dpi / 72
    placed: list[float] = []
    for x, y, text, colour in sorted(labels, key=lambda label: label[1]):
        pixel = ax.transData.transform((x, y))[1] / scale
        target = max([pixel, *(p + gap for p in placed[-1:])])
        placed.append(target)
        leader = {"arrowstyle": "-", "color": colour, "lw": 0.5, "relpos": (0, 0.5),
                  "shrinkA": 0, "shrinkB": 1}  # fmt: skip
        ax.annotate(
            text, (x, y), xytext=(6, target - pixel), textcoords="offset points",
            color=colour, va="center", fontsize=8, annotation_clip=False,
            arrowprops=leader if target - pixel > gap / 2 else None,
        )  # fmt: skip
