"""A U-Net as a drawing: down on the left, up on the right, and the skips across."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from diffusionbook.plots.boxes import BOX, PAGE, ROW, TALL, arrow, box
from diffusionbook.plots.style import canvas

LEFT, RIGHT = 0.1 + BOX / 2, PAGE - 0.1 - BOX / 2  # where the two arms stand


@dataclass(frozen=True)
class Row:
    """Two parts at one height.

    Attributes:
        down: name of the part on the way down, and the shape of what it returns.
        up: the same on the way up.
        skip: whether the part on the way up is also given what the one on the way down returned.
    """

    down: tuple[str, str]
    up: tuple[str, str]
    skip: bool = False


def u_net(rows: Sequence[Row], bottom: Sequence[tuple[str, str]]) -> Figure:
    """Draw the parts of a U-Net with their shapes.

    Args:
        rows: from the image downwards.
        bottom: (name, shape) of the parts in the middle, in order of use.

    Raises:
        ValueError: no rows, or nothing at the bottom.
    """
    if not rows or not bottom:
        raise ValueError(f"rows and bottom must hold parts; they hold {len(rows)}, {len(bottom)}")
    tall = (len(rows) + len(bottom)) * ROW
    fig, (ax,) = canvas(height=tall, width=PAGE)
    ax.set(xlim=(0, PAGE), ylim=(tall, 0))
    ax.axis("off")
    for k, row in enumerate(rows):
        y = (k + 0.5) * ROW
        box(ax, LEFT, y, row.down)
        box(ax, RIGHT, y, row.up)
        if k:
            arrow(ax, (LEFT, y - ROW + TALL / 2), (LEFT, y - TALL / 2))
            arrow(ax, (RIGHT, y - TALL / 2), (RIGHT, y - ROW + TALL / 2))
        if row.skip:
            arrow(ax, (LEFT + BOX / 2, y), (RIGHT - BOX / 2, y), dashed=True)
    middle, last = (LEFT + RIGHT) / 2, (len(rows) - 0.5) * ROW + TALL / 2
    for k, part in enumerate(bottom):
        y = (len(rows) + k + 0.5) * ROW
        box(ax, middle, y, part)
        if k:
            arrow(ax, (middle, y - ROW + TALL / 2), (middle, y - TALL / 2))
    arrow(ax, (LEFT, last), (middle - BOX / 2, (len(rows) + 0.5) * ROW))
    arrow(ax, (middle + BOX / 2, (len(rows) + len(bottom) - 0.5) * ROW), (RIGHT, last))
    return fig
