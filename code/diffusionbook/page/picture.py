"""Figures as files that a page holds: vector graphics, or pixels in a palette, in base64.

A PNG says of itself whether all of it is drawn: lines, dots, letters and maps from paper to ink may
be turned round on a dark page, another image inside the figure, such as a digit, may not.
"""

import base64
import io

from diffusionbook.arguments import whole

CONTENT, DRAWN = "Content", "drawn marks"  # keyword and text inside a PNG


def saved(fig, kind: str, *, tight: bool = True, **options) -> bytes:
    """A matplotlib figure as a file.

    Args:
        fig: the figure.
        kind: ``"svg"``, ``"pdf"`` or ``"png"``.
        tight: cut its margins.
        options: of ``savefig``.
    """
    stream = io.BytesIO()
    fig.savefig(stream, format=kind, bbox_inches="tight" if tight else None, **options)
    return stream.getvalue()


def pixels(fig, *, dpi: int, colours: int = 32, tight: bool = True) -> bytes:
    """A matplotlib figure, which is closed, as a PNG in a palette: dots in one translucent colour
    need few, and weigh less.

    Args:
        fig: the figure.
        dpi: pixels an inch.
        colours: how many the palette holds.
        tight: cut its margins; frames of a film keep theirs, so that they have one size.

    Raises:
        ValueError: ``dpi`` or ``colours`` is not whole or below 1.
    """
    whole("dpi", dpi, least=1)
    whole("colours", colours, least=1)
    from matplotlib import pyplot
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    from diffusionbook.plots.style import TURNS

    about = PngInfo()
    images = [*fig.images, *(image for ax in fig.axes for image in ax.images)]
    if all(image.get_gid() == TURNS for image in images):
        about.add_text(CONTENT, DRAWN)
    png, stream = saved(fig, "png", tight=tight, dpi=dpi), io.BytesIO()
    pyplot.close(fig)
    Image.open(io.BytesIO(png)).convert("RGB").quantize(colours).save(
        stream, format="png", optimize=True, pnginfo=about)
    return stream.getvalue()


def drawn(png: bytes) -> bool:
    """Whether :func:`pixels` made this PNG of a figure that may be turned round.

    Raises:
        ValueError: these bytes are no image.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        return Image.open(io.BytesIO(png)).info.get(CONTENT) == DRAWN
    except UnidentifiedImageError:
        raise ValueError(f"png: {len(png)} bytes that are no PNG image") from None


def in_base64(content: bytes) -> str:
    """What JSON and HTML can hold of a file."""
    return base64.b64encode(content).decode()
