"""Results and receipts that the book quotes: are they true of today's code and pinned libraries?"""

from collections.abc import Iterator

from diffusionbook.evidence import receipts, report, results
from diffusionbook.evidence.sources import Package

from ..book import Book
from .key import LIBRARIES, pinned

NO_BREAK = "\N{NON-BREAKING HYPHEN}"
SECTION = """
## What the numbers depend on

Each result, and the metrics in each model's receipt, hold for the definitions that they can reach:
when one of those changes, the book does not build until they are measured anew, or shown to be the
same bit for bit (a reseal). `make evidence` prints this table and what is stale.
"""


def doubts(book: Book) -> list[str]:
    """One line for each result or receipt that cannot be believed, or was measured with other
    versions than the pinned ones; a reader's kernel asks for the first only."""
    package, found = Package(book.package), []
    for folder, stale in (("results", results.stale), ("weights", receipts.stale)):
        for path in sorted((book.package / folder).glob("*.json")):
            message = stale(path.stem, path.parent, package)
            found += [message] if message else _other_versions(book, path.stem, report.read(path))
    return found


def _other_versions(book: Book, name: str, held: dict) -> Iterator[str]:
    evidence = held["evidence"]
    resealed = [entry["versions"] for entry in evidence["reseals"]]
    versions = resealed[-1] if resealed else evidence.get(
        "versions", held.get("facts", {}).get("versions", {}))
    for library in LIBRARIES:
        then, now = versions.get(library, "none").split("+")[0], pinned(book, library)
        if then != now:
            yield (f"{name} holds for {library} {then}, and constraints.txt has {now}: reseal it "
                   "with --reseal --old-python, or measure it again")


def section(book: Book) -> Iterator[str]:
    """The part of the page of run times."""
    found = report.all_evidence(Package(book.package))
    if not found:
        return
    yield SECTION
    yield "| numbers | definitions | lines | hold since | resealed |\n|:--|--:|--:|:--|--:|"
    for one in found:
        yield (f"| {one.kind} `{one.name}` | {len(one.closure.own)} | {one.lines:,} "
               f"| {one.since.replace('-', NO_BREAK)} | {one.reseals or ''} |")
