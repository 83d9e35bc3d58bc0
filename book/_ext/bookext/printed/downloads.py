"""The whole book as a file: the PDF and the offline edition, in the download menu of every page,
and in that of a chapter its slides.

The PDF is linked where it has been made (``make pdf`` before ``make book``), and nowhere else, so
that no link is dead. The offline edition is the built site, zipped, which cannot hold itself:
its link leads to the published one.
"""

import shutil
from pathlib import Path

from ..book import Book
from ..site.addresses import PDF, made_pdf
from ..slides.build import decks

OFFLINE = "learning-diffusion-models.zip"


def add_buttons(app, pagename, templatename, context, doctree) -> None:
    """In the menu that the theme calls Download; a page without a source gets one, too."""
    added = []
    if deck := decks(Book(Path(app.srcdir))).get(pagename):
        added.append(button(context["pathto"](deck, 1), "Slides (.html)", "fas fa-display",
                            "This chapter as a lecture"))
    if made_pdf(app):
        root = context["pathto"](PDF, 1)
        added.append(button(root, "Book (.pdf)", "fas fa-book", "The whole book as a PDF"))
    if app.config.html_baseurl:
        added.append(button(f"{app.config.html_baseurl}{OFFLINE}", "Offline (.zip)",
                            "fas fa-file-zipper", "This site as a folder, to read offline"))
    menus = [b for b in context.get("header_buttons", []) if b.get("label") == "download-buttons"]
    if added and menus:
        menus[0]["buttons"] += added
    elif added:
        context.setdefault("header_buttons", []).insert(0, {
            "type": "group", "tooltip": "Download the book", "icon": "fas fa-download",
            "buttons": added, "label": "download-buttons"})


def button(url: str, text: str, icon: str, tooltip: str) -> dict:
    return {"type": "link", "url": url, "text": text, "icon": icon, "tooltip": tooltip,
            "label": "download-book-button"}


def redraw(app, env) -> list[str]:
    """All pages, where the PDF has come or gone since they were drawn."""
    if app.builder.format != "html":
        return []
    before, env.bookext_pdf = getattr(env, "bookext_pdf", None), bool(made_pdf(app))
    return list(env.all_docs) if before != env.bookext_pdf else []


def copy(app, exception) -> None:
    if exception is None and app.builder.format == "html":
        target = Path(app.outdir, PDF)
        target.unlink(missing_ok=True)
        if path := made_pdf(app):
            shutil.copyfile(path, target)


def setup(app):
    app.connect("html-page-context", add_buttons, priority=900)
    app.connect("env-updated", redraw)
    app.connect("build-finished", copy)
