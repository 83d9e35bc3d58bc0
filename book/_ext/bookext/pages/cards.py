"""A card for each numbered chapter, from the table of contents: its opening picture, title and what
it is about. In print the cards are a list.
"""

from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from ..book import Book
from .openings import opening


class chapter_cards(nodes.General, nodes.Element):
    """Holds the place of the cards until the chapters' titles are known."""


class ChapterCards(SphinxDirective):
    def run(self):
        return [chapter_cards()]


def card(app, book: Book, docname: str, number: int, chapter: str) -> str:
    """One chapter's card; the picture stands beside words that say it all."""
    title, about = heading(app, chapter)
    picture = opening(book, chapter)
    shown = ""
    if picture:
        name = f"{app.builder.imagedir}/opening-{chapter.rpartition('/')[2]}.png"
        path = Path(app.outdir, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path, optimize=True)
        root = "../" * docname.count("/")
        shown = (f'<img src="{root}{name}" alt="" width="{picture.width}" '
                 f'height="{picture.height}">')
    address = escape(app.builder.get_relative_uri(docname, chapter))
    return (f'<li><a href="{address}"><span class="card-picture" aria-hidden="true">{shown}</span>'
            f'<span class="card-title">{number} {escape(title)}</span>'
            f'<span class="card-about">{escape(about)}</span></a></li>')


def heading(app, chapter: str) -> tuple[str, str]:
    return (app.env.titles[chapter].astext(), app.env.metadata[chapter].get("description", ""))


def item(app, docname: str, chapter: str) -> nodes.list_item:
    title, about = heading(app, chapter)
    link = nodes.reference("", title, internal=True,
                           refuri=app.builder.get_relative_uri(docname, chapter))
    return nodes.list_item("", nodes.paragraph("", "", link, nodes.Text(f": {about}")))


def put_cards(app, doctree, docname: str) -> None:
    book = Book(Path(app.srcdir))
    for node in list(doctree.findall(chapter_cards)):
        if app.builder.format == "html":
            cards = "".join(card(app, book, docname, number, chapter)
                            for number, chapter in enumerate(book.numbered(), 1))
            node.replace_self(nodes.raw("", f'<ul class="chapter-cards">{cards}</ul>',
                                        format="html"))
        else:
            node.replace_self(nodes.enumerated_list(
                "", *(item(app, docname, chapter) for chapter in book.numbered())))


def setup(app):
    app.add_node(chapter_cards)
    app.add_directive("chapter-cards", ChapterCards)
    app.connect("doctree-resolved", put_cards)
