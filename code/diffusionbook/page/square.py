"""A square of images to walk through: drag a point, and the page shows what stands there.

The images are computed before: a lattice of them, in one picture that the page's script cuts into
frames, so what the reader sees at a place was drawn at that place. No kernel and no network are
asked. In print, and where no script runs, stands a part of the lattice.
"""

import io
import json
import os
from collections.abc import Callable, Mapping
from html import escape

import numpy as np
import torch
from torch import Tensor

from diffusionbook.arguments import all_finite, whole
from diffusionbook.page.picture import in_base64, pixels
from diffusionbook.page.report import publish
from diffusionbook.shapes import Samples

Place = Callable[[Tensor, Tensor], Samples]
GREYS = 16  # of the picture: four bits a pixel
PRINTED = 5  # images along an edge of what stands in print
GAP = 2  # pixels of paper between them


def walk(views: Mapping[str, Place], *, alt: str, name: str | None = None, side: int = 9) -> None:
    """Show squares of images, with a point to drag (mouse, finger, arrow keys).

    In a live notebook the place is two ipywidgets sliders and each move draws anew, so the reader
    may change what is drawn. While the book is built (the environment variable BOOK_BUILD is set)
    a lattice is drawn once and becomes the square that needs no kernel.

    Args:
        views: title → function of two (n,) tensors, how far across and how far down, in [0, 1],
            that returns (n, 1, h, h) images in [-1, 1]; -1 is paper and 1 is ink. The reader
            switches between them by their titles.
        alt: what the squares show, for those who do not see them.
        name: glue it under this name, for ``{glue:figure}``; otherwise it shows in place.
        side: places along an edge of the lattice, 4 k + 1 for a whole k, so that five of them are
            evenly spaced.

    Raises:
        ValueError: no views, an empty ``alt``, another ``side``, or images of another shape or
            that are not finite.
    """
    whole("side", side, least=PRINTED)
    if side % (PRINTED - 1) != 1:
        raise ValueError(f"side must be 5, 9, 13, …; it is {side}")
    if not views:
        raise ValueError("views must hold at least one square; it is empty")
    if not alt.strip():
        raise ValueError("alt must say in a sentence what the squares show; it is empty")
    if not os.environ.get("BOOK_BUILD"):
        _live(views, alt)
        return
    lattices = {title: lattice(draw, side) for title, draw in views.items()}
    sizes = {x.shape for x in lattices.values()}
    if len(sizes) > 1:
        raise ValueError(f"views must draw images of one size; theirs are "
                         f"{sorted(tuple(size[2:]) for size in sizes)}")
    publish(name, {"text/html": _html(lattices, alt), "image/png": in_base64(_print(lattices)),
                   "text/plain": alt})


def lattice(draw: Place, side: int) -> Tensor:
    """(side, side, h, h) images in [0, 1], 1 is ink; row by row from the upper left.

    Raises:
        ValueError: ``side`` < 2, or what ``draw`` returns has another shape or is not finite.
    """
    whole("side", side, least=2)
    shares = torch.linspace(0, 1, side)
    with torch.no_grad():
        images = draw(shares.repeat(side), shares.repeat_interleave(side))
    height = images.shape[-1]
    if images.shape != (side * side, 1, height, height):
        raise ValueError(f"views must draw square images of shape ({side * side}, 1, h, h) for "
                         f"{side * side} places; they have {tuple(images.shape)}")
    all_finite("views", images)
    return ((images.float() + 1) / 2).clamp(0, 1).reshape(side, side, height, height)


def mosaic(images: Tensor, gap: int) -> bytes:
    """Rows of images in [0, 1], (rows, columns, h, w), as a PNG of few greys: black ink on white.

    Raises:
        ValueError: ``gap``, the pixels of paper between two images, is below 0, or an image is not
            finite.
    """
    from PIL import Image

    whole("gap", gap, least=0)
    all_finite("images", images)
    rows, columns, height, width = images.shape
    paper = np.zeros((rows * (height + gap) - gap, columns * (width + gap) - gap), np.uint8)
    levels = (images * (GREYS - 1)).round().to(torch.uint8).cpu().numpy()
    for row in range(rows):
        for column in range(columns):
            top, left = row * (height + gap), column * (width + gap)
            paper[top : top + height, left : left + width] = levels[row, column]
    picture, stream = Image.fromarray(paper, "P"), io.BytesIO()
    shades = [255 - 255 * k // (GREYS - 1) for k in range(GREYS)]
    picture.putpalette([shade for shade in shades for _ in range(3)])
    picture.save(stream, format="png", optimize=True, bits=4)
    return stream.getvalue()


def _some(images: Tensor) -> Tensor:
    """Those that stand in print."""
    step = (len(images) - 1) // (PRINTED - 1)
    return images[::step, ::step]


def _print(lattices: Mapping[str, Tensor]) -> bytes:
    from diffusionbook.plots.squares import image_squares

    return pixels(image_squares({title: _some(x) for title, x in lattices.items()}), dpi=160)


def _html(lattices: Mapping[str, Tensor], alt: str) -> str:
    side = len(next(iter(lattices.values())))
    stills = "".join(
        f'<div><p>{escape(title)}</p><img alt="{escape(f"{alt} Here: {title}.", quote=True)}" '
        f'src="data:image/png;base64,{in_base64(mosaic(_some(x), GAP))}"></div>'
        for title, x in lattices.items())
    frames = in_base64(mosaic(torch.cat(list(lattices.values())), 0))
    titles = escape(json.dumps(list(lattices)), quote=True)
    return (f'<div class="latent-square" data-side="{side}" data-titles="{titles}" '
            f'data-alt="{escape(alt, quote=True)}" data-frames="data:image/png;base64,{frames}">'
            f'<div class="square-still">{stills}</div></div>')


def _live(views: Mapping[str, Place], alt: str) -> None:
    from IPython.display import display
    from ipywidgets import Dropdown, FloatSlider, Label, VBox, interactive_output
    from matplotlib import pyplot

    from diffusionbook.plots.images import digit_grid

    def show(view: str, across: float, down: float) -> None:
        with torch.no_grad():
            figure = digit_grid(views[view](*torch.tensor([[across], [down]])), rows=1, scale=2.0)
        display(figure)
        pyplot.close(figure)

    place = {axis: FloatSlider(0.5, min=0, max=1, step=0.05, description=axis,
                               continuous_update=False) for axis in ("across", "down")}
    which = Dropdown(options=list(views), description="square")
    display(VBox([which, *place.values(), Label(alt)]),
            interactive_output(show, {"view": which, **place}))
