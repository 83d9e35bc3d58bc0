"""Raster figures that are drawn, of dots and lines, get a class: dark mode turns them round.

``diffusionbook.page.picture`` writes into each PNG whether it is one. The file is read here without
the package, which takes seconds to import.
"""

from pathlib import Path

from docutils import nodes
from PIL import Image

CONTENT, DRAWN = "Content", "drawn marks"


def drawn(path: Path) -> bool:
    """Whether this file is a PNG that says it is drawn."""
    if path.suffix != ".png" or not path.is_file():
        return False
    with Image.open(path) as image:
        return image.info.get(CONTENT) == DRAWN


def mark(app, doctree, docname: str) -> None:
    """Ask the file of each picture on the page."""
    if app.builder.format == "html":
        for image in doctree.findall(nodes.image):
            if drawn(Path(app.srcdir, image["uri"].lstrip("/"))):
                image["classes"].append("drawn")


def setup(app):
    app.connect("doctree-resolved", mark)
