"""Chapters in a Sphinx build: outputs come from the store, or from running a stale chapter.

``BOOK_EXECUTE=never`` runs nothing and fails on stale chapters; without it a stale chapter is run
and its outputs are kept in ``_build/outputs``, where only this checkout sees them.
"""

import os
from pathlib import Path

from sphinx.util import logging

from ..book import Book, read_source
from . import evidence, outputs, phone_figures
from .kernel import run
from .key import execution_key, made_from
from .stale import stale_message

log = logging.getLogger(__name__)


def read_chapter(text: str, root: str, docname: str):
    """The reader that myst-nb calls for a chapter: its notebook, with outputs."""
    book, notebook = Book(Path(root)), read_source(text)
    kept = outputs.find(book, docname, notebook)
    if kept is None and os.environ.get("BOOK_EXECUTE") != "never":
        key, parts = execution_key(book, notebook), made_from(book, notebook)
        log.info("running %s", docname)
        executed = read_source(text)
        cost = run(book, docname, executed)
        path = book.local / f"{docname}.ipynb"
        outputs.save(path, executed, key, {**cost, "made_from": parts})
        kept = outputs.load(path)
    if kept is not None:
        outputs.merge(notebook, kept)
        phone_figures.write(book, kept)
    return notebook


def register_chapters(app):
    """Let myst-nb read each chapter, recognised by the end of its path, through our reader."""
    book = Book(Path(app.srcdir))
    app.env.mystnb_config.custom_formats = {
        f"/{name}.md": ("bookext.chapters.build.read_chapter",
                        {"root": str(book.root), "docname": name}, False)
        for name in book.chapters()
    }


def outdated(app, env, added, changed, removed):
    """Chapters whose key is not the one they were last read with must be read again."""
    book = Book(Path(app.srcdir))
    keys = {name: execution_key(book, book.read(name)) for name in book.chapters()}
    before, env.bookext_keys = getattr(env, "bookext_keys", {}), keys
    if _cut_off(app).exists():
        return set(env.found_docs)
    _cut_off(app).touch()
    return {name for name, key in keys.items() if before.get(name) != key}


def check_stale(app):
    """Without leave to run anything, outputs and results that are out of date are an error."""
    if os.environ.get("BOOK_EXECUTE") != "never":
        return
    book = Book(Path(app.srcdir))
    stale = [n for n in book.chapters() if outputs.find(book, n, book.read(n), True) is None]
    messages = evidence.doubts(book)
    if stale:
        messages.append(f"{stale_message(book, stale)}\nRefresh them with: make outputs")
    if messages:  # not a Sphinx error: its traceback would bury the message
        raise SystemExit("\nStale:\n" + "\n".join(messages))


def _cut_off(app) -> Path:
    """It is there while a build runs, and after one that was killed: what that wrote, the index of
    the search among it, is not whole, so the next one reads all again."""
    return Path(app.doctreedir, "cut-off")


def forget_after_warnings(app, error):
    """A page that warned would not be read, nor warn, in the next build: read all again."""
    _cut_off(app).unlink(missing_ok=True)
    if error or app._warncount:
        Path(app.doctreedir, "environment.pickle").unlink(missing_ok=True)


def setup(app):
    app.connect("builder-inited", check_stale, priority=800)
    app.connect("builder-inited", register_chapters, priority=900)
    app.connect("env-get-outdated", outdated)
    app.connect("build-finished", forget_after_warnings)
