"""What running a page takes, said where the page says it, by the role ``cost``."""

from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxRole

from ..book import Book
from ..chapters import outputs


def in_words(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} seconds"
    return f"{round(seconds / 60)} minutes"


def cost(book: Book, docname: str, what: str) -> str:
    """The ``time`` or ``memory`` that running a page took.

    Raises:
        ValueError: `what` is neither, or the page has not been run.
    """
    kept = outputs.find(book, docname, book.read(docname))
    if kept is None:
        raise ValueError(f"cost: {docname} has no run to report")
    record = kept.metadata[outputs.RECORD]
    if what == "time":
        return in_words(record["seconds"]).replace(" ", "\u00a0")
    if what == "memory":
        return f"{record['peak_mb'] / 1000:.1f}\u00a0GB"
    raise ValueError(f"cost: {what!r} is neither time nor memory")


class Cost(SphinxRole):
    def run(self):
        try:
            text = cost(Book(Path(self.env.srcdir)), self.env.docname, self.text)
        except ValueError as error:
            return [], [self.inliner.reporter.warning(str(error), line=self.lineno)]
        return [nodes.Text(text)], []


def setup(app):
    app.add_role("cost", Cost())
