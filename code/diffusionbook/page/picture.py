"""Figures as a page holds them: as files, in base64, and as what stands in place of a live part."""

import base64
import io
from collections.abc import Mapping
from html import escape

from diffusionbook.arguments import whole


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

    png, stream = saved(fig, "png", tight=tight, dpi=dpi), io.BytesIO()
    pyplot.close(fig)
    Image.open(io.BytesIO(png)).convert("RGB").quantize(colours).save(
        stream, format="png", optimize=True)
    return stream.getvalue()


def in_base64(content: bytes) -> str:
    """What JSON and HTML can hold of a file."""
    return base64.b64encode(content).decode()


def live_part(
    part: str, data: Mapping[str, object], picture: str, alt: str, *, still: str = "explorer-still"
) -> dict[str, str]:
    """The element that a live part's scripts fill, by MIME type; where none runs, its picture.

    Args:
        part: its class, which says what the page loads.
        data: what the scripts are told; True is said by the name alone, False not at all.
        picture: a PNG in base64.
        alt: what the picture shows, in words.
        still: the picture's class.
    """
    told = "".join(
        f" data-{name}" if value is True else f' data-{name}="{escape(str(value), quote=True)}"'
        for name, value in data.items() if value is not False)
    html = (f'<div class="{part}"{told}><img class="{still}" alt="{escape(alt, quote=True)}" '
            f'src="data:image/png;base64,{picture}"></div>')
    return {"text/html": html, "image/png": picture, "text/plain": alt}
