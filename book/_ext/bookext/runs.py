"""The generated page of run times, from what the committed outputs and results record."""

import json
from pathlib import Path

from . import outputs
from .book import Book, write_if_changed
from .cost import in_words

RUN_TIMES = """\
(run-times)=
# Run times

What it took to run each page from a fresh kernel, on two cores and without a GPU, when its
committed outputs were made. Building the book runs none of this: it reads the outputs.

| page | time | memory |
|:--|--:|--:|
"""

def run_times(book: Book) -> str:
    lines, total = [], 0.0
    for name in book.chapters():
        kept = outputs.load(book.committed / f"{name}.ipynb")
        if kept is None:
            lines.append(f"| {{doc}}`/{name}` | not run yet | |")
            continue
        record = kept.metadata[outputs.RECORD]
        total += record["seconds"]
        lines.append(f"| {{doc}}`/{name}` | {in_words(record['seconds'])} "
                     f"| {record['peak_mb'] / 1000:.1f} GB |")
    lines.append(f"| all pages | {in_words(total)} | |")
    results = records(book.package / "results")
    text = RUN_TIMES + "\n".join(lines) + "\n"
    if results:
        text += ("\n## Experiments\n\nNumbers that take longer to make are quoted from committed "
                 "results. `python -m diffusionbook experiment NAME` makes one again.\n\n"
                 "| experiment | time |\n|:--|--:|\n")
        text += "\n".join(f"| `{name}` | {in_words(record['facts']['seconds'])} |"
                          for name, record in results.items()) + "\n"
    return text


def records(folder: Path) -> dict[str, dict]:
    """The JSON files of a folder, by name."""
    return {p.stem: json.loads(p.read_text("utf-8")) for p in sorted(folder.glob("*.json"))}


def write_pages(app):
    book = Book(Path(app.srcdir))
    write_if_changed(book.source("book/pages/run-times"), run_times(book))


def setup(app):
    app.connect("config-inited", lambda app, config: write_pages(app), priority=100)
