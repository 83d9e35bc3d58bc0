"""What a code keeps of images and what it drops, over the curve of what that costs."""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from diffusionbook.arguments import all_finite, finite
from diffusionbook.plots.curves import Curve, draw
from diffusionbook.plots.style import COLOURS, EXACT, canvas

Images = Float[Tensor, "n 1 h w"]


def keeping(
    rows: Mapping[str, Images],
    curve: Curve,
    at: tuple[float, float],
    *,
    x: str,
    y: str,
) -> Figure:
    """A table of images, and below it a curve with one point on it; for the frames of a film.

    Args:
        rows: title → images of one row, as many in each; in [-1, 1], 1 is ink, what lies outside
            is clipped.
        curve: drawn below.
        at: the point, as x and y.
        x, y: labels of the axes.

    Raises:
        ValueError: no rows, rows of unequal images, or a number that is not finite.
    """
    if not rows or len({tuple(images.shape) for images in rows.values()}) > 1:
        raise ValueError(f"rows must hold images of one shape; they hold "
                         f"{[tuple(images.shape) for images in rows.values()]}")
    for images in rows.values():
        all_finite("rows", images)
    finite("at", *at)
    fig, (table, ax) = canvas(2, 1, height=3.9, width=4.2)
    height = next(iter(rows.values())).shape[-2] + 2
    padded = [torch.nn.functional.pad(images[:, 0], (1, 1, 1, 1), value=-1.0)
              for images in rows.values()]
    paper = torch.cat([torch.cat(list(images), 1) for images in padded])
    table.imshow(paper.numpy(), cmap="gray_r", vmin=-1, vmax=1, interpolation="nearest")
    table.axis("off")
    for k, title in enumerate(rows):
        table.text(-2, (k + 0.5) * height, title, ha="right", va="center", fontsize=8, color=EXACT)
    draw(ax, [curve], x=x, y=y)
    ax.plot(*at, "o", color=COLOURS["guide"], ms=8, zorder=5)
    return fig
