"""A diffusion transformer as a drawing: one stack of blocks, told from the side."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from diffusionbook.plots.boxes import BOX, PAGE, ROW, TALL, arrow, box
from diffusionbook.plots.style import canvas


def stack(
    parts: Sequence[tuple[str, str]], told: tuple[str, str], listening: Sequence[int]
) -> Figure:
    """Draw parts from the image down to the answer, and what some of them are told.

    Args:
        parts: (name, shape) in order of use.
        told: (name, shape) of what stands beside them.
        listening: the positions of the parts that are told.

    Raises:
        ValueError: no parts, none that listens, or a position that is none of a part.
    """
    if not parts or not listening:
        raise ValueError(f"parts and listening must not be empty; they hold {len(parts)} and "
                         f"{len(listening)}")
    if not all(0 <= k < len(parts) for k in listening):
        raise ValueError(f"listening must hold positions 0 … {len(parts) - 1}; it holds "
                         f"{list(listening)}")
    tall, left, right = len(parts) * ROW, 0.1 + BOX / 2, PAGE - 0.1 - BOX / 2
    fig, (ax,) = canvas(height=tall, width=PAGE)
    ax.set(xlim=(0, PAGE), ylim=(tall, 0))
    ax.axis("off")
    heights = [(k + 0.5) * ROW for k in range(len(parts))]
    for y, part in zip(heights, parts, strict=True):
        box(ax, left, y, part)
        if y > heights[0]:
            arrow(ax, (left, y - ROW + TALL / 2), (left, y - TALL / 2))
    middle = sum(heights[k] for k in listening) / len(listening)
    box(ax, right, middle, told)
    for k in listening:
        arrow(ax, (right - BOX / 2, middle), (left + BOX / 2, heights[k]), dashed=True)
    return fig
