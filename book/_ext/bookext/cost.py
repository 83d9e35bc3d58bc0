"""What running a page takes, said where the page says it, by the role ``cost``."""

from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxRole

from . import outputs
from .book import Book


def in_words(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} seconds"
    return f"{round(seconds / 60)} minutes"


def memory_in_words(megabytes: float) -> str:
    return f"{megabytes / 1000:.1f} GB"


class Cost(SphinxRole):
    def run(self):
        book = Book(Path(self.env.srcdir))
        kept = outputs.find(book, self.env.docname, book.read(self.env.docname))
        if kept is None or self.text not in ("time", "memory"):
            what = "is neither time nor memory" if kept else "has no run to report"
            return [], [self.inliner.reporter.warning(f"cost: {self.text!r} {what}",
                                                      line=self.lineno)]
        record = kept.metadata[outputs.RECORD]
        text = (in_words(record["seconds"]) if self.text == "time"
                else memory_in_words(record["peak_mb"]))
        return [nodes.Text(text.replace(" ", "\u00a0"))], []


def setup(app):
    app.add_role("cost", Cost())
