"""Figures on a phone: the page offers a second layout, and the browser fetches the one that fits.

A chapter's outputs hold both layouts. When the chapter is read, the second one is written below
``_build/phone``, under the name that the first one's file will have; when its page is written,
each picture that has one there becomes a choice of two.
"""

import hashlib
from binascii import a2b_base64
from pathlib import Path

from docutils import nodes
from sphinx.util.osutil import ensuredir, relative_uri

from ..book import Book, code_cells
from .outputs import PREFIX

PHONE = f"{PREFIX}application/vnd.diffusionbook.phone"  # as report glues it
SCREEN = "(max-width: 600px)"
KINDS = {"image/png": ".png", "image/svg+xml": ".svg"}


def contents(data: dict, mime: str, kind: str) -> bytes:
    """What the file of a picture holds, byte for byte as myst-nb writes it."""
    if kind == "image/png":
        return a2b_base64(data[mime])
    return "\n".join(data[mime].splitlines()).encode()


def layouts(notebook) -> dict[str, bytes]:
    """The second layout of each figure by the name of the first one's file."""
    found = {}
    for cell in code_cells(notebook):
        for data in (output.get("data", {}) for output in cell.outputs):
            for kind, ending in KINDS.items():
                if PHONE in data and f"{PREFIX}{kind}" in data:
                    first = contents(data, f"{PREFIX}{kind}", kind)
                    name = f"{hashlib.sha256(first).hexdigest()}{ending}"
                    found[name] = contents(data, PHONE, kind)
    return found


def write(book: Book, notebook) -> None:
    for name, content in layouts(notebook).items():
        book.phone.mkdir(parents=True, exist_ok=True)
        (book.phone / name).write_bytes(content)


def offer(app, doctree, docname: str) -> None:
    """On the site, let a phone take the second layout of each figure that has one."""
    if app.builder.name != "html":
        return
    folder = Path(app.outdir) / app.builder.imagedir
    for image in list(doctree.findall(nodes.image)):
        second = Book(Path(app.srcdir)).phone / Path(image["uri"]).name
        if not second.is_file():
            continue
        ensuredir(folder)
        (folder / f"phone-{second.name}").write_bytes(second.read_bytes())
        address = relative_uri(app.builder.get_target_uri(docname),
                               f"{app.builder.imagedir}/phone-{second.name}")
        place = image.parent.index(image)
        image.parent.insert(place + 1, nodes.raw("", "</picture>", format="html"))
        image.parent.insert(place, nodes.raw(
            "", f'<picture><source media="{SCREEN}" srcset="{address}">', format="html"))


def setup(app):
    app.connect("doctree-resolved", offer)
