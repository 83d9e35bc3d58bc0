"""One meaning, one colour, one mark, in every figure of the book."""

from importlib.resources import files
from typing import Literal

from matplotlib import pyplot, style
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from diffusionbook.arguments import finite, positive, whole
from diffusionbook.plots.phone import PHONE, narrow

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

INK = LinearSegmentedColormap.from_list("ink", ["#FFFFFF", "#8CC3E6", DATA, "#08263B"])

SHEET = str(files("diffusionbook.plots") / "book.mplstyle")
WIDTH = 7.0  # inches: the width of the text
LONGEST_NAME = 9  # letters that fit beside the axes on a phone
LEAST_HEIGHT = 0.75  # of axes on a phone, in their widths


def canvas(
    rows: int = 1,
    columns: int = 1,
    *,
    height: float = 3.0,
    width: float = WIDTH,
    share: bool = False,
    across: int = 1,
) -> tuple[Figure, list[Axes]]:
    """A figure in the book's style, as wide as the text, and its axes row by row.

    On a phone it has at most ``across`` axes side by side, the others below them, each as high as
    its new width asks for. A table of that many rows is turned: its columns become rows.

    Args:
        rows: rows of axes.
        columns: columns of axes.
        height: of the figure, in inches.
        width: of the figure, in inches.
        share: whether all axes have the same limits.
        across: how many axes stand side by side on a phone.

    Raises:
        ValueError: a number is not positive and finite.
    """
    whole("rows", rows, least=1)
    whole("columns", columns, least=1)
    whole("across", across, least=1)
    positive("height", height)
    positive("width", width)
    style.use(SHEET)  # for good: titles and labels that are set later must follow it, too
    wanted, turned = rows * columns, False
    if narrow():
        turned = 1 < rows <= across < columns
        before = (width / columns, height / rows)
        width = min(width, PHONE)
        columns = rows if turned else min(columns, across)
        rows = -(-wanted // columns)
        room = width / columns
        height = rows * max(before[1] * min(1.0, room / before[0]), LEAST_HEIGHT * room)
    fig, axes = pyplot.subplots(
        rows, columns, figsize=(width, height), squeeze=False, sharex=share, sharey=share
    )
    ordered = list((axes.T if turned else axes).flat)
    for ax in ordered[wanted:]:
        ax.remove()
    return fig, ordered[:wanted]


def text_width() -> float:
    """Inches of the text that a figure stands in."""
    return PHONE if narrow() else WIDTH


def end_labels(ax: Axes, labels: list[tuple[float, float, str, str]], gap: float = 11.0) -> None:
    """Write each curve's name where it ends, pushed apart so that no two names overlap.

    A name that had to move far is joined to its curve by a thin line. On a phone, where long names
    would take half the width, they stand above the axes, each after a piece of its line, if the
    lines can be told apart.

    Args:
        ax: with its final limits and scales.
        labels: (x, y, text, colour) of the ends, in data coordinates.
        gap: the least distance of two names, in points.
    """
    finite("gap", gap)
    if narrow() and any(len(text) > LONGEST_NAME for _, _, text, _ in labels):
        lines = _ending(ax, labels)
        looks = {(line.get_color(), line.get_linestyle(), line.get_marker()) for line in lines}
        if len(looks) == len(lines):
            ax.set_title(ax.get_title(), pad=8 + 12 * len(lines))  # above the names, not below
            ax.legend(lines, [label[2] for label in labels], loc="lower left", fontsize=8,
                      labelcolor=[label[3] for label in labels], frameon=False,
                      bbox_to_anchor=(0, 1.0), borderaxespad=0.2)
            return
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


def _ending(ax: Axes, labels: list[tuple[float, float, str, str]]) -> list[Line2D]:
    """The lines that end where these labels stand."""
    ends = {tuple(map(float, line.get_xydata()[-1])): line for line in ax.get_lines()}
    return [ends[float(x), float(y)] for x, y, _, _ in labels]
