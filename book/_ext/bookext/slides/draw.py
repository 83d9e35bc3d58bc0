"""Parts of a chapter as HTML for a page that stands elsewhere."""

import io
import posixpath
import re
from base64 import b64decode
from pathlib import Path
from urllib.parse import urlsplit

from docutils import nodes
from PIL import Image

from ..chapters.phone_figures import SCREEN
from .stacked import stacked

ADDRESS = re.compile(r'(?<=\s)(href|src|srcset)="([^"]*)"')
ID = re.compile(r'\s(?:id|name)="[^"]*"(?=[^<]*>)')
HEADERLINK = re.compile(r'<a class="headerlink".*?</a>', re.S)
STILL = re.compile(r"<img\b[^>]*>")
PLAYER = '<div class="frame-player">'
SIZES = re.compile(r'<svg[^>]*?\bviewBox="[\d.-]+ [\d.-]+ ([\d.]+) ([\d.]+)"', re.S)
INSIDE = re.compile(r"base64,([A-Za-z0-9+/=]+)")


class Pen:
    """Draws nodes of one page with the builder's own translator, for another page's place."""

    def __init__(self, app, docname: str, target: str):
        self.app, self.builder = app, app.builder
        self.here, self.target = app.builder.get_target_uri(docname), target
        builder = self.builder
        builder.current_docname = docname
        builder.secnumbers = app.env.toc_secnumbers.get(docname, {})
        builder.fignumbers = app.env.toc_fignumbers.get(docname, {})
        up = "../" * self.here.count("/")
        builder.imgpath, builder.dlpath = f"{up}{builder.imagedir}", f"{up}_downloads"

    def draw(self, node: nodes.Node) -> str:
        for raw in list(node.findall(nodes.raw)):
            if "html" in raw["format"]:
                raw.replace_self(nodes.raw("", still(raw.astext()), format="html",
                                           classes=raw["classes"]))
        return self.tidy(self.builder.render_partial(node)["fragment"])

    def inline(self, found: list[nodes.Node]) -> str:
        drawn = self.draw(nodes.inline("", "", *(node.deepcopy() for node in found)))
        return drawn.strip().removeprefix("<span>").removesuffix("</span>")

    def tidy(self, html: str) -> str:
        """Without anchors of its own, which the chapter has, and with links that lead there."""
        html = HEADERLINK.sub("", html)
        return ADDRESS.sub(lambda m: f'{m[1]}="{self.moved(m[2])}"', ID.sub("", html))

    def moved(self, address: str) -> str:
        """An address on the chapter's page as one on the page of its slides."""
        parts = urlsplit(address)
        if parts.scheme or address.startswith("//"):
            return address
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self.here), parts.path)) \
            if parts.path else self.here
        moved = posixpath.relpath(path, posixpath.dirname(self.target))
        return f"{moved}#{parts.fragment}" if parts.fragment else moved

    def shape(self, figure: nodes.figure) -> float:
        """How many times wider than high the picture is; 1 where nothing tells."""
        for image in figure.findall(nodes.image):
            path = Path(self.app.srcdir, image["uri"])
            if path.suffix == ".svg":
                found = SIZES.search(path.read_text("utf-8"))
                return float(found[1]) / float(found[2]) if found else 1
            with Image.open(path) as picture:
                return picture.width / picture.height
        for raw in figure.findall(nodes.raw):
            if found := INSIDE.search(raw.astext()):
                with Image.open(io.BytesIO(b64decode(found[1]))) as picture:
                    return picture.width / picture.height
        return 1


def live(figure: nodes.figure) -> bool:
    """Whether a reader can do more with a figure in the chapter than on a slide."""
    return any(still(raw.astext()) != raw.astext() for raw in figure.findall(nodes.raw))


def still(html: str) -> str:
    """A film as it is; of anything else that is live, its pictures, which print shows."""
    pictures = STILL.findall(html)
    if PLAYER in html or not pictures:
        return html
    return "".join(map(_for_both_screens, pictures))


def _for_both_screens(image: str) -> str:
    found = INSIDE.search(image)
    if not found or not (narrow := stacked(found[1])):
        return image
    source = f'<source media="{SCREEN}" srcset="data:image/png;base64,{narrow}">'
    return f"<picture>{source}{image}</picture>"
