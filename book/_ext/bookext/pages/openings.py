"""The picture that a chapter opens with, out of its committed outputs: it cannot go stale."""

import io
import re
from binascii import a2b_base64

from PIL import Image, ImageChops

from ..book import Book, code_cells
from ..chapters import outputs

FIGURE = re.compile(r"^[`:]{3,}\{glue:figure\}[ \t]+(\S+)", re.M)
PNG = f"{outputs.PREFIX}image/png"


def opening(book: Book, docname: str) -> Image.Image | None:
    """The first figure of a chapter that has a raster picture, without the empty paper around."""
    kept = outputs.load(book.committed / f"{docname}.ipynb")
    if kept is None:
        return None
    found = {output.metadata.get("scrapbook", {}).get("name"): output.data[PNG]
             for cell in code_cells(kept) for output in cell.outputs
             if PNG in output.get("data", {})}
    names = FIGURE.findall(book.source(docname).read_text("utf-8"))
    first = next((found[name] for name in names if name in found), None)
    return first and trimmed(Image.open(io.BytesIO(a2b_base64(first))))


def trimmed(picture: Image.Image) -> Image.Image:
    """A picture on white paper, cut to what is drawn on it."""
    drawn = Image.new("RGB", picture.size, "white")
    drawn.paste(picture.convert("RGB"), mask=picture.convert("RGBA").getchannel("A"))
    empty = Image.new("RGB", picture.size, "white")
    return drawn.crop(ImageChops.difference(drawn, empty).getbbox())
