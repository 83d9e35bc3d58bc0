"""``make execute``: run every chapter afresh and hold the committed outputs against the run.

Outputs that were made with other versions of torch or numpy are stale; `VERSIONS=any` compares them
all the same, to learn what the newest libraries do.
"""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ..book import Book, code_cells
from . import outputs
from .agree import numbers, same_digits, same_words
from .kernel import ChapterFailed, run
from .key import execution_key
from .outputs import PREFIX

TEXTS = ("text/plain", "text/markdown", "text/html")


def compare(book: Book, names: list[str] | None = None, stale_too: bool = False) -> list[str]:
    """Run chapters in scratch places; return what does not agree with ``book/_outputs``.

    Each runs on one thread, so two run side by side.
    """
    return side_by_side(lambda name: _compared(book, name, stale_too), names or book.chapters())


def side_by_side(compared: Callable[[str], tuple[str, list[str]]], names: list[str]) -> list[str]:
    """What does not agree, of each name in order: two are compared at a time, and what each cost is
    printed as soon as its turn has come."""
    problems = []
    with ThreadPoolExecutor(2) as pool:
        for said, found in pool.map(compared, names):
            print(said, flush=True)
            problems += found
    return problems


def in_words(what: str, cost: dict, found: list[str]) -> str:
    """What a run cost and whether it agrees, a line."""
    return (f"{what}: {cost['seconds']} s, {cost['peak_mb']} MB: "
            f"{'agrees' if not found else f'{len(found)} differences'}")


def _compared(book: Book, name: str, stale_too: bool) -> tuple[str, list[str]]:
    """What a chapter cost, in words, and what does not agree."""
    notebook = book.read(name)
    key = execution_key(book, notebook)
    try:
        cost = run(book, name, notebook)
    except ChapterFailed as failure:
        return f"{name} failed", [str(failure)]
    scratch = book.root / "_build" / "execute" / f"{name}.ipynb"
    outputs.save(scratch, notebook, key, cost)
    kept = outputs.load(book.committed / f"{name}.ipynb")
    found = differences(kept, outputs.load(scratch), None if stale_too else key)
    return in_words(name, cost, found), [f"{name}: {problem}" for problem in found]


def differences(kept, new, key: str | None) -> list[str]:
    """What in ``new``, a fresh run, is not as the kept outputs say; without a key, stale or not."""
    if kept is None:
        return ["has no committed outputs (make outputs)"]
    record = kept.metadata[outputs.RECORD]
    if key is not None and record["key"] != key:
        return ["its committed outputs are stale (make outputs)"]
    found = ["its committed outputs were edited by hand (make outputs)"] if outputs.edited(kept) \
        else []
    were, are = code_cells(kept), code_cells(new)
    if len(were) != len(are):
        return [*found, f"has {len(are)} code cells, committed are {len(were)} (make outputs)"]
    return found + cell_differences(were, are)


def cell_differences(were: list, are: list) -> list[str]:
    """What in these executed cells is not as the kept ones say, which are as many."""
    found = []
    for number, (old_cell, new_cell) in enumerate(zip(were, are, strict=True), 1):
        where = f"cell {number} ({old_cell.source.strip().splitlines()[0][:60]})"
        if "volatile" in old_cell.metadata.get("tags", []):
            continue
        if len(old_cell.outputs) != len(new_cell.outputs):
            found.append(f"{where} gave {len(new_cell.outputs)} outputs, "
                         f"committed are {len(old_cell.outputs)}")
            continue
        for old, fresh in zip(old_cell.outputs, new_cell.outputs, strict=True):
            found += [f"{where}: {text}" for text in _output(old, fresh)]
    return found


def _output(old, new) -> list[str]:
    if old.output_type != new.output_type:
        return [f"an output was {old.output_type}, now {new.output_type}"]
    if old.output_type == "stream":
        return _text("printed text", old.text, new.text)
    if old.output_type == "error":
        return _text("the error", f"{old.ename}: {old.evalue}", f"{new.ename}: {new.evalue}")
    old_data, new_data = old.get("data", {}), new.get("data", {})
    if set(old_data) != set(new_data):
        return [f"kinds of output were {sorted(old_data)}, now {sorted(new_data)}"]
    name = old.get("metadata", {}).get("scrapbook", {}).get("name")
    if name != new.get("metadata", {}).get("scrapbook", {}).get("name"):
        return [f"glued {name!r} is gone"]
    if name and "diffusionbook" in old.metadata:
        return _numbers(name, old, new)
    return [p for mime in TEXTS for key in (mime, PREFIX + mime) if key in old_data
            for p in _text(name or mime, old_data[key], new_data[key])]


def _numbers(name: str, old, new) -> list[str]:
    """Glued numbers agree within the committed spread; without one, as printed, up to rounding."""
    record, fresh = old.metadata["diffusionbook"], new.metadata.get("diffusionbook", {})
    texts = [next(iter(o.data.values())) for o in (old, new)]
    if record.get("spread") is None:
        if _as_printed(texts, record["value"], fresh.get("value")):
            return []
        return [f"{name} is {texts[1]!r}, committed {texts[0]!r}"]
    was, now = _list(record["value"]), _list(fresh.get("value"))
    if len(was) != len(now):
        return [f"{name} has {len(now)} numbers, committed {len(was)}"]
    problems = []
    for a, b in zip(was, now, strict=True):
        bound = record["spread"] * (abs(a) if record.get("relative") else 1.0)
        if not abs(a - b) <= bound:
            problems.append(f"{name} is {b:.6g}, committed {a:.6g}, spread {bound:.3g}")
    return problems or _text(name, *texts)


def _as_printed(texts: list[str], was, now) -> bool:
    """A number is the same to half a unit of its last printed digit; words and tables by text."""
    if isinstance(was, float) and isinstance(now, float):
        ((_, unit),) = numbers(texts[0])
        return abs(was - now) <= 0.5 * (unit or 1.0) and same_words(*texts)
    return same_digits(*texts)


def _text(what: str, old: str, new: str) -> list[str]:
    """Texts agree but for the numbers in them; numbers that matter are glued."""
    if same_words(old, new):
        return []
    return [f"{what} is {new.strip()[:80]!r}, committed {old.strip()[:80]!r}"]


def _list(value) -> list:
    return value if isinstance(value, list) else [] if value is None else [value]


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="backslashreplace")  # a console may not know 10⁻³
    chosen = [name for name in sys.argv[1:] if name != "--stale-too"]
    found = compare(Book(Path.cwd()), chosen or None, "--stale-too" in sys.argv[1:])
    print("\n".join(found) if found else "every committed output agrees with a fresh run")
    sys.exit(1 if found else 0)
