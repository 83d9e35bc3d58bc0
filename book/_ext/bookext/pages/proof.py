"""The generated page of proof: what the book promises, what was measured, what others reach."""

import json
from collections.abc import Iterator
from pathlib import Path

from ..book import Book, generate
from .rivals import rivals
from .run_times import records

MEASURED = Path("tests", "tools")
PROOF = """\
(proof)=
# Proof, as a table

What was asked of the book and its models before they were made, and what came of it. Where nothing
was asked, the exact answer or another method stands beside, in brackets. What is missed stays in
the table and says so. The {ref}`glossary` has the distances and the judges.
"""
WHERE = """
Looked at, timed and counted on {places}, on {days}, by `make bench`. What takes hours, the numbers
of the chapters, is read from results {{ref}}`that still hold <run-times>`; `python -m diffusionbook
experiment NAME` measures them again. Only `mnist-judge` and `canvas-judge` judge here, which chose
nothing. A training or an experiment that several chapters use counts for the first of them.
"""
HEAD = "| what | measured | asked |\n|:--|--:|--:|"


def page(book: Book) -> str:
    """The page as MyST."""
    beside = rivals(measured(book, "rivals"), records(book.package / "weights"))
    return "\n".join([PROOF, *_table(measured(book, "bench")), *beside]) + "\n"


def measured(book: Book, name: str) -> dict | None:
    """What a tool of the tests recorded, None if it has not been run."""
    path = book.root / MEASURED / f"{name}.json"
    return json.loads(path.read_text("utf-8")) if path.is_file() else None


def _table(held: dict | None) -> Iterator[str]:
    """What ``make bench RECORD=1`` wrote last, a table for each group."""
    if held is None:
        return
    yield WHERE.format(places=_all(held, "device"), days=_all(held, "day"))
    for group in dict.fromkeys(row["group"] for row in held["rows"]):
        yield f"\n## {group}\n\n{HEAD}"
        yield from (line(row) for row in held["rows"] if row["group"] == group)
    if held["why"]:
        yield "\n## Why it was missed\n"
    for what, why in held["why"].items():
        yield f"{what}\n: {why}.\n"


def _all(held: dict, fact: str) -> str:
    return " and ".join(sorted({row[fact] for row in held["rows"]}))


def line(row: dict) -> str:
    """One row of the table."""
    unit = f"\N{NO-BREAK SPACE}{row['unit']}" if row["unit"] else ""
    shown = f"{row['measured']:,.{row['digits']}f}{unit}"
    asked = "–"
    if row["bound"] is not None:
        asked = f"{'≥' if row['least'] else '≤'}\N{NO-BREAK SPACE}{row['bound']:,.4g}{unit}"
        asked += "" if row["ok"] else ", **missed**"
    beside = f" (*{row['beside']}*)" if row["beside"] else ""
    return f"| {row['what']}{beside} | {shown} | {asked} |"


def setup(app):
    generate(app, "book/pages/proof", page)
