"""Named boxes joined by arrows: what drawings of networks are made of."""

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from diffusionbook.plots.style import EXACT, FAINT

PAGE, ROW = 3.9, 0.5  # inches: a figure that a phone need not shrink; the height of a row
BOX, TALL = 1.5, 0.36  # of a part


def box(ax: Axes, x: float, y: float, part: tuple[str, str]) -> None:
    """A part at its place: name and shape."""
    ax.add_patch(FancyBboxPatch(
        (x - BOX / 2, y - TALL / 2), BOX, TALL, boxstyle="round,pad=0,rounding_size=0.06",
        facecolor="none", edgecolor=EXACT, linewidth=1.0))
    name, shape = part
    ax.text(x, y, f"{name}\n{shape}", ha="center", va="center", fontsize=9, color=EXACT,
            linespacing=1.05)


def arrow(
    ax: Axes, start: tuple[float, float], end: tuple[float, float], dashed: bool = False
) -> None:
    """From one place to another; a dashed one leads aside."""
    ax.annotate("", end, xytext=start, arrowprops={
        "arrowstyle": "->", "color": FAINT if dashed else EXACT, "lw": 1.0,
        "ls": (0, (4, 2)) if dashed else "-", "shrinkA": 0, "shrinkB": 0})
