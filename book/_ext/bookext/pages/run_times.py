"""The generated page of run times, from what outputs and results record."""

import json
from collections.abc import Iterator
from pathlib import Path

from ..book import Book, generate
from ..chapters import evidence, outputs
from .cost import in_words

RUN_TIMES = """\
(run-times)=
# Run times

What it took to run each page from a fresh kernel, without a GPU, when its committed outputs were
made{places}. Building the book runs none of this: it reads the outputs.
"""
EXPERIMENTS = """
## Experiments

Numbers that take longer to make are quoted from committed results, measured{places}.
`python -m diffusionbook experiment NAME` makes one again.
"""


def page(book: Book) -> str:
    """The page as MyST."""
    parts = [*_pages(book), *_experiments(book), *evidence.section(book)]
    return "\n".join(parts) + "\n"


def records(folder: Path) -> dict[str, dict]:
    """The JSON files of a folder, by name."""
    return {p.stem: json.loads(p.read_text("utf-8")) for p in sorted(folder.glob("*.json"))}


def _pages(book: Book) -> Iterator[str]:
    kept = {name: outputs.load(book.committed / f"{name}.ipynb") for name in book.chapters()}
    held = {name: k.metadata[outputs.RECORD] if k else None for name, k in kept.items()}
    ran = [record for record in held.values() if record]
    yield RUN_TIMES.format(places=_places(ran))
    yield "| page | time | memory |\n|:--|--:|--:|"
    for name, record in held.items():
        cost = "not run yet | " if record is None else (
            f"{in_words(record['seconds'])} | {record['peak_mb'] / 1000:.1f} GB")
        yield f"| {{doc}}`/{name}` | {cost} |"
    yield f"| all pages | {in_words(sum(record['seconds'] for record in ran))} | |"


def _places(records: list[dict]) -> str:
    """Where these were measured, as the end of a clause."""
    devices = sorted({record["device"] for record in records})
    return f" on {' or on '.join(devices)}" if devices else ""


def _experiments(book: Book) -> Iterator[str]:
    results = records(book.package / "results")
    if results:
        yield EXPERIMENTS.format(places=_places([r["facts"] for r in results.values()]))
        yield "| experiment | time |\n|:--|--:|"
    for name, result in results.items():
        yield f"| `{name}` | {in_words(result['facts']['seconds'])} |"


def setup(app):
    generate(app, "book/pages/run-times", page)
