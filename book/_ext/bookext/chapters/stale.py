"""Why a chapter's committed outputs are not what its cells would give now."""

from ..book import Book, code_cells
from . import outputs
from .key import made_from

NAMED = 3  # of what changed; the rest is counted


def stale_message(book: Book, stale: list[str]) -> str:
    """One line for each stale chapter, with the reason."""
    lines = ["these chapters are not what their committed outputs were made from."]
    return "\n".join([*lines, *(f"  {name}: {reason(book, name)}" for name in stale)])


def reason(book: Book, name: str) -> str:
    """What changed since the outputs were made, as far as they tell."""
    kept = outputs.load(book.committed / f"{name}.ipynb")
    if kept is None:
        return "has no committed outputs"
    if outputs.edited(kept):
        return "its committed outputs were edited by hand"
    notebook = book.read(name)
    before = kept.metadata[outputs.RECORD].get("made_from", {})
    found = [*_cells(code_cells(kept), code_cells(notebook)),
             *(_parts(before, made_from(book, notebook)) if before else ())]
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    if not found:
        return "a cell, a tag, a file of the package or a library version changed"
    return f"{', '.join(found[:NAMED])}{more}"


def _cells(before: list, now: list) -> list[str]:
    """How the code cells differ."""
    if len(before) != len(now):
        return [f"it has {len(now)} code cells and had {len(before)}"]
    return [f"cell {number} ({new.source.strip().splitlines()[0][:40]}) changed"
            for number, (old, new) in enumerate(zip(before, now, strict=True), 1)
            if old.source.strip() != new.source.strip()]


def _parts(before: dict, now: dict) -> list[str]:
    """Which libraries and files of the package differ."""
    found = [f"{name} is {version} and was {before['versions'].get(name)}"
             for name, version in now["versions"].items()
             if version != before["versions"].get(name)]
    then, files = before["files"], now["files"]
    for path in sorted({*then, *files}):
        if then.get(path) != files.get(path):
            found.append(f"code/{path} "
                         + ("is new" if path not in then else "is gone" if path not in files
                            else "changed"))
    return found
