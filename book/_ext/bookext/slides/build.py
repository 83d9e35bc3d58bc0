"""Writes the slides of each numbered chapter into the built site."""

from html import escape
from pathlib import Path

from ..book import Book
from ..site import addresses, errata, written
from .outline import slides
from .page import page

FOLDER, BIBLIOGRAPHY = "slides", "book/pages/bibliography"
LINKS = """\
<ul>
<li><a href="../{chapter}">The chapter</a>, with proofs, code, exercises and their solutions</li>
{others}</ul>
<p>These slides were made from the chapter's own sentences, equations and figures.
<a href="{mistake}">{words}</a></p>
"""


def target(docname: str) -> str:
    """Where the slides of a chapter are, from the site's root."""
    return f"{FOLDER}/{docname.rpartition('/')[2]}.html"


def decks(book: Book) -> dict[str, str]:
    """The slides of each chapter that has some."""
    return {docname: target(docname) for docname in book.numbered()}


def links(app, docname: str) -> str:
    """The last slide."""
    book = Book(Path(app.srcdir))
    others = []
    if book.is_chapter(docname):
        others.append(f'<li><a href="../_sources/{docname}.ipynb">Its notebook</a>, or '
                      f'<a href="{escape(addresses.colab(app, docname))}">in Colab</a></li>\n')
    if BIBLIOGRAPHY in app.env.titles:
        title = escape(app.env.titles[BIBLIOGRAPHY].astext())
        others.append(f'<li><a href="../{BIBLIOGRAPHY}.html">{title}</a></li>\n')
    order = list(decks(book))
    if following := order[order.index(docname) + 1:][:1]:
        title = escape(app.env.titles[following[0]].astext())
        others.append(f'<li>Next: <a href="../{target(following[0])}">{title}</a></li>\n')
    form = errata.form(app, docname, app.env.titles[docname].astext())
    return LINKS.format(chapter=app.builder.get_target_uri(docname), others="".join(others),
                        mistake=escape(form), words=errata.WORDS)


def write(app, error) -> None:
    if error or app.builder.name != "html":
        return
    for docname, name in decks(Book(Path(app.srcdir))).items():
        path = Path(app.outdir, name)
        if written.stands(app, docname, path):
            continue
        doctree = app.env.get_and_resolve_doctree(docname, app.builder)
        app.builder.post_process_images(doctree)
        path.parent.mkdir(exist_ok=True)
        path.write_text(page(app, docname, name, slides(doctree), links(app, docname)), "utf-8")


def announce(app) -> None:
    """For the map of the site, which lists the pages of the table of contents by itself."""
    app.bookext_more_pages = list(decks(Book(Path(app.srcdir))).values())


def setup(app):
    app.connect("builder-inited", announce)
    app.connect("build-finished", write)
