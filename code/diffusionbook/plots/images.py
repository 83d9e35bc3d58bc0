"""Digits on paper: grids and strips of small grey images, black ink on white."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from diffusionbook.arguments import all_finite, positive, whole
from diffusionbook.plots.phone import narrow, with_phone_layout
from diffusionbook.plots.style import EXACT, canvas, text_width

Images = Float[Tensor, "n 1 h w"]

GAP = 2  # pixels of paper between two images
LARGEST = 0.75  # inches: no image is drawn larger unless it is asked for
LINE = 0.17  # inches that a line of text takes
LETTER = 0.075  # inches, about, that a letter is wide


@with_phone_layout
def digit_grid(
    images: Images,
    *,
    rows: int,
    titles: Sequence[str] | None = None,
    scale: float | None = None,
) -> Figure:
    """Images in rows, the first row from left to right first.

    Args:
        images: in [-1, 1], -1 is paper and 1 is ink; what lies outside is clipped.
        rows: how many; the last one may be shorter.
        titles: one above each image.
        scale: width of one image in inches; default: what the width of the text allows, at most
            0.75.

    Raises:
        ValueError: ``rows`` is not in 1 … n, or the number of titles is not that of the images.
    """
    n = len(images)
    whole("rows", rows)
    if not 1 <= rows <= n:
        raise ValueError(f"rows must lie in 1 … {n}, the number of images; it is {rows}")
    if titles is not None and len(titles) != n:
        raise ValueError(f"titles must be {n}, one for each image; there are {len(titles)}")
    columns = -(-n // rows)
    scale = _fitting(scale, text_width() / columns)
    ax, corners = _lay_out(images, columns, scale, LINE if titles else 0.0)
    for (left, top), title in zip(corners, titles or [""] * n, strict=True):
        ax.text(left + images.shape[-1] / 2, top - GAP, title, ha="center", va="bottom",
                fontsize=8, color=EXACT)
    return ax.figure


@with_phone_layout
def digit_strip(
    rows: Sequence[Images],
    row_titles: Sequence[str],
    column_titles: Sequence[str],
    *,
    scale: float | None = None,
) -> Figure:
    """A table of images: a title left of each row and one above each column.

    Args:
        rows: the images of each row, as many in each; in [-1, 1], 1 is ink.
        row_titles: one for each row; may be empty words.
        column_titles: one for each column; may be empty words.
        scale: width of one image in inches; default as in :func:`digit_grid`, with room for the
            longest title of a row.

    Raises:
        ValueError: rows of different length, or the wrong number of titles.
    """
    lengths = [len(row) for row in rows]
    if not rows or len(set(lengths)) > 1:
        raise ValueError(f"rows must hold the same number of images each; they hold {lengths}")
    for name, found, wanted in (("row_titles", row_titles, len(rows)),
                                ("column_titles", column_titles, lengths[0])):
        if len(found) != wanted:
            raise ValueError(f"{name} must be {wanted}; there are {len(found)}")
    margin = LETTER * max(len(title) for title in row_titles)
    scale = _fitting(scale, (text_width() - margin) / lengths[0])
    above = LINE if any(column_titles) else 0.0
    ax, corners = _lay_out(torch.cat(list(rows)), lengths[0], scale, 0.0, above, margin)
    height, width = rows[0].shape[-2:]
    for title, (_, top) in zip(row_titles, corners[:: lengths[0]], strict=True):
        ax.text(-2 * GAP, top + height / 2, title, ha="right", va="center", fontsize=8, color=EXACT)
    longest = LETTER * max(1, *(len(title) for title in column_titles))
    for k, (title, (left, top)) in enumerate(zip(column_titles, corners, strict=False)):
        if narrow() and k % math.ceil(longest / scale):
            continue  # no room for all of them
        ax.text(left + width / 2, top - GAP, title, ha="center", va="bottom", fontsize=8,
                color=EXACT)
    return ax.figure


def _fitting(scale: float | None, room: float) -> float:
    """Inches of an image's width: what was asked for, or what is usual, but on a phone no more than
    there is room for."""
    if scale is None:
        return min(LARGEST, room)
    return min(scale, room) if narrow() else scale


def _lay_out(
    images: Images, columns: int, scale: float, between: float, above: float = 0.0,
    margin: float = 0.0,
) -> tuple[Axes, list[tuple[float, float]]]:
    """One picture of all images on axes that count in pixels of an image.

    Args:
        images: row by row.
        columns: images in a row.
        scale: inches of an image's width.
        between: inches of paper above every row, for titles.
        above: inches of paper above the first row alone.
        margin: inches of paper on the left.

    Returns:
        The axes, and the upper left corner of each image.
    """
    positive("scale", scale)
    all_finite("images", images)
    n, _, height, width = images.shape
    rows, inch = -(-n // columns), width / scale
    step_x, step_y = width + GAP, height + GAP + round(between * inch)
    first = round(between * inch)
    paper = np.full((first + rows * step_y - (step_y - height), columns * step_x - GAP), -1.0)
    corners = []
    for k, image in enumerate(images.detach().double().clamp(-1, 1).cpu().numpy()):
        top, left = first + k // columns * step_y, k % columns * step_x
        paper[top : top + height, left : left + width] = image[0]
        corners.append((left - 0.5, top - 0.5))
    tall, wide = paper.shape
    fig, (ax,) = canvas(height=tall / inch + above + 0.08, width=wide / inch + margin + 0.08)
    ax.imshow(paper, cmap="gray_r", vmin=-1, vmax=1, interpolation="nearest")
    ax.axis("off")
    return ax, corners
