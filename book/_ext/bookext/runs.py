"""The generated page of run times, from what outputs, results and measurements record."""

import json
from collections.abc import Iterator
from pathlib import Path

from . import evidence, outputs
from .book import Book, write_if_changed
from .cost import in_words

MEASURED = Path("tests", "tools")
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
BUDGETS = """
## Budgets

What the book may cost its readers and its authors, and what it did cost on {device}, on {day}.
`make bench` measures it again.
"""
RIVALS = """
## Beside public implementations

The quick digits recipe and two public implementations, each at the settings of its own example:
{seconds:,.0f} seconds of processor time for the training of each, on {device}, and {samples:,}
samples against the test set in the features of `{judge}`, in which real images have a Fréchet
distance of {real:.1f}. The first column is this book's. `make rivals` measures it all again, which
takes hours.
"""


def run_times(book: Book) -> str:
    parts = [*_pages(book), *_experiments(book), *evidence.section(book), *_budgets(book),
             *_rivals(book)]
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


def _measured(book: Book, name: str) -> dict | None:
    """What a tool of the tests recorded, None if it has not been run."""
    path = book.root / MEASURED / f"{name}.json"
    return json.loads(path.read_text("utf-8")) if path.is_file() else None


def _budgets(book: Book) -> Iterator[str]:
    """What ``make bench RECORD=1`` wrote last."""
    held = _measured(book, "bench")
    if held is None:
        return
    yield BUDGETS.format(**held)
    yield "| what | measured | at most | kept |\n|:--|--:|--:|:--|"
    for row in held["rows"]:
        unit = f" {row['unit']}".rstrip()
        yield (f"| {row['what']} | {row['measured']:.{row['digits']}f}{unit} "
               f"| {row['bound']:g}{unit} | {'yes' if row['ok'] else 'missed'} |")
    yield ""
    for what, why in held["why"].items():
        yield f"{what}\n: missed, since {why}.\n"


def _rivals(book: Book) -> Iterator[str]:
    """What ``make rivals`` wrote last."""
    held = _measured(book, "rivals")
    if held is None:
        return
    setting, level = held["setting"], held["setting"]["level"]
    yield RIVALS.format(seconds=setting["cpu_seconds"], real=held["real"],
                        **{key: setting[key] for key in ("device", "samples", "judge")})
    columns = [("what", "images for each CPU-second of training", "evaluations for each sample",
                "CPU-seconds for each sample", "Fréchet distance", "right label",
                f"CPU-seconds of training to a Fréchet distance of {level:g}")]
    for name, one in held["contestants"].items():
        last, label = one["curve"][0], one["curve"][0].get("accuracy")
        first = reached(one["curve"], level)
        columns.append((
            name, f"{last['images'] / last['cpu_seconds']:.0f}", f"{last['evaluations']:.0f}",
            f"{last['sample_cpu_seconds']:.3f}", f"{last['frechet']:,.1f}",
            "–" if label is None else f"{100 * label:.1f} %",
            "not reached" if first is None else f"{first:,.0f}"))
    head, *rows = zip(*columns, strict=True)
    for row in (head, [":--", *["--:"] * (len(columns) - 1)], *rows):
        yield f"| {' | '.join(row)} |"
    yield ""
    for name, one in held["contestants"].items():
        yield f"{name}\n: {one['parameters']:,} weights. Settings: {one['note']}.\n"
    yield f"Versions: {', '.join(f'{k} {v}' for k, v in setting['versions'].items())}."


def reached(curve: list[dict], level: float) -> float | None:
    """The processor seconds after which a model was first judged to be within the level."""
    within = [point["cpu_seconds"] for point in curve if point["frechet"] <= level]
    return min(within, default=None)


def write_pages(app):
    book = Book(Path(app.srcdir))
    write_if_changed(book.source("book/pages/run-times"), run_times(book))


def setup(app):
    app.connect("config-inited", lambda app, config: write_pages(app), priority=100)
