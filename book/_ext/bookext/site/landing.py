"""The landing page: a cover that lives, and what to press first.

It alone loads the scripts of the cover, in the order in which they run.
"""

from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from ..book import Book
from . import addresses

SCRIPTS = [*(f"js/shared/{name}" for name in ("parts", "random", "plane")), "js/explorer/mixture",
           "header/law", "js/cover/drop", "js/cover/cover"]


class front_buttons(nodes.General, nodes.Element):
    """Holds the place of the buttons until it is known where they lead."""


class FrontButtons(SphinxDirective):
    def run(self):
        return [front_buttons()]


def targets(app, docname: str) -> list[tuple[str, str]]:
    """What the buttons say, and where each leads from this page."""
    first = Book(Path(app.srcdir)).numbered()[0]
    return [("Read chapter 1", app.builder.get_relative_uri(docname, first)),
            ("Open in Colab", addresses.colab(app, first)),
            ("PDF", addresses.pdf(app))]


def put_buttons(app, doctree, docname: str) -> None:
    for node in list(doctree.findall(front_buttons)):
        links = "".join(f'<a href="{escape(address)}">{escape(text)}</a>'
                        for text, address in targets(app, docname)) \
            if app.builder.format == "html" else ""
        node.replace_self(nodes.raw("", f'<div class="front-buttons">{links}</div>', format="html"))


def add_cover(app, pagename, templatename, context, doctree):
    if pagename == app.config.root_doc:
        app.add_css_file("css/cover.css", priority=900)  # after the book's own
        for script in SCRIPTS:
            app.add_js_file(f"{script}.js", loading_method="defer")


def setup(app):
    app.add_node(front_buttons)
    app.add_directive("front-buttons", FrontButtons)
    app.connect("doctree-resolved", put_buttons)
    app.connect("html-page-context", add_cover)
