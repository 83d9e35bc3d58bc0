"""Two generated pages: what each page takes to run, and the models that are shipped."""

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
MODELS = """\
(models-and-receipts)=
# Models and receipts

A model that ships with the package carries a receipt: the recipe, the data's hash, the seed, the
steps, the time and the device, and what it scored. Training it again is one command, `make train
RECIPE=name`.
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
    results = _records(book.package / "results")
    text = RUN_TIMES + "\n".join(lines) + "\n"
    if results:
        text += ("\n## Experiments\n\nNumbers that take longer to make are quoted from committed "
                 "results. `python -m diffusionbook experiment NAME` makes one again.\n\n"
                 "| experiment | time |\n|:--|--:|\n")
        text += "\n".join(f"| `{name}` | {in_words(_seconds(record))} |"
                          for name, record in results.items()) + "\n"
    return text


def models(book: Book) -> str:
    receipts = _records(book.package / "weights")
    if not receipts:
        return MODELS + "\nNone is shipped yet: the networks of this edition train while you watch.\n"
    parts = [MODELS]
    for name, receipt in receipts.items():
        rows = "\n".join(f"| {key.replace('_', ' ')} | {_cell(value)} |"
                         for key, value in receipt.items() if _short(value))
        parts.append(f"\n## {name}\n\n| | |\n|:--|:--|\n{rows}\n")
    return "".join(parts)


def _records(folder: Path) -> dict[str, dict]:
    return {p.stem: json.loads(p.read_text("utf-8")) for p in sorted(folder.glob("*.json"))}


def _seconds(record: dict) -> float:
    for place in (record, record.get("provenance", {}), record.get("run", {})):
        if "seconds" in place:
            return float(place["seconds"])
    raise KeyError(f"no run time among {sorted(record)}")


def _short(value) -> bool:
    return not isinstance(value, list) or len(value) <= 6


def _cell(value) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k}: {_cell(v)}" for k, v in value.items())
    if isinstance(value, list):
        return ", ".join(map(_cell, value))
    return f"{value:.4g}" if isinstance(value, float) else f"`{value}`"


def write_pages(app):
    book = Book(Path(app.srcdir))
    write_if_changed(book.source("book/pages/run-times"), run_times(book))
    write_if_changed(book.source("book/pages/models"), models(book))


def setup(app):
    app.connect("config-inited", lambda app, config: write_pages(app), priority=100)
