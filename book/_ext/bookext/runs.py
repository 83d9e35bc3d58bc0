"""The generated page of run times, from what outputs, results and measurements record."""

import json
from collections.abc import Iterator
from pathlib import Path

from . import outputs
from .book import Book, write_if_changed
from .cost import in_words

MEASURED = Path("tests", "tools")
RUN_TIMES = """\
(run-times)=
# Run times

What it took to run each page from a fresh kernel, without a GPU, when its committed outputs were
made. Building the book runs none of this: it reads the outputs.
"""
EXPERIMENTS = """
## Experiments

Numbers that take longer to make are quoted from committed results.
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
distance of {real:.1f}. The first row is this book's. `make rivals` measures it all again, which
takes hours.
"""


def run_times(book: Book) -> str:
    parts = [RUN_TIMES, *_pages(book), *_experiments(book), *_budgets(book), *_rivals(book)]
    return "\n".join(parts) + "\n"


def records(folder: Path) -> dict[str, dict]:
    """The JSON files of a folder, by name."""
    return {p.stem: json.loads(p.read_text("utf-8")) for p in sorted(folder.glob("*.json"))}


def _pages(book: Book) -> Iterator[str]:
    yield "| page | time | memory | on |\n|:--|--:|--:|:--|"
    total = 0.0
    for name in book.chapters():
        kept = outputs.load(book.committed / f"{name}.ipynb")
        if kept is None:
            yield f"| {{doc}}`/{name}` | not run yet | | |"
            continue
        record = kept.metadata[outputs.RECORD]
        total += record["seconds"]
        yield (f"| {{doc}}`/{name}` | {in_words(record['seconds'])} "
               f"| {record['peak_mb'] / 1000:.1f} GB | {record['device']} |")
    yield f"| all pages | {in_words(total)} | | |"


def _experiments(book: Book) -> Iterator[str]:
    results = records(book.package / "results")
    if results:
        yield EXPERIMENTS
        yield "| experiment | time | on |\n|:--|--:|:--|"
    for name, result in results.items():
        facts = result["facts"]
        yield f"| `{name}` | {in_words(facts['seconds'])} | {facts['device']} |"


def _budgets(book: Book) -> Iterator[str]:
    """What ``make bench RECORD=1`` wrote last."""
    path = book.root / MEASURED / "bench.json"
    if not path.is_file():
        return
    held = json.loads(path.read_text("utf-8"))
    yield BUDGETS.format(**held)
    yield "| what | measured | at most | |\n|:--|--:|--:|:--|"
    for row in held["rows"]:
        unit = f" {row['unit']}".rstrip()
        yield (f"| {row['what']} | {row['measured']:.{row['digits']}f}{unit} "
               f"| {row['bound']:g}{unit} | {'' if row['ok'] else 'missed'} |")


def _rivals(book: Book) -> Iterator[str]:
    """What ``make rivals`` wrote last."""
    path = book.root / MEASURED / "rivals.json"
    if not path.is_file():
        return
    held = json.loads(path.read_text("utf-8"))
    setting, level = held["setting"], held["setting"]["level"]
    yield RIVALS.format(seconds=setting["cpu_seconds"], real=held["real"],
                        **{key: setting[key] for key in ("device", "samples", "judge")})
    yield ("| | images a CPU-second | evaluations a sample | CPU-seconds a sample "
           f"| Fréchet distance | right label | CPU-seconds to {level:g} |\n"
           "|:--|--:|--:|--:|--:|--:|--:|")
    for name, one in held["contestants"].items():
        last, label = one["curve"][0], one["curve"][0].get("accuracy")
        within = [p["cpu_seconds"] for p in one["curve"] if p["frechet"] <= level]
        yield (f"| {name} | {last['images'] / last['cpu_seconds']:.0f} "
               f"| {last['evaluations']:.0f} | {last['sample_cpu_seconds']:.3f} "
               f"| {last['frechet']:.1f} | {'–' if label is None else f'{label:.1%}'} "
               f"| {f'{min(within):,.0f}' if within else 'not reached'} |")
    yield ""
    for name, one in held["contestants"].items():
        yield f"{name}\n: {one['parameters']:,} weights. Settings: {one['note']}.\n"
    yield f"Versions: {', '.join(f'{k} {v}' for k, v in setting['versions'].items())}."


def write_pages(app):
    book = Book(Path(app.srcdir))
    write_if_changed(book.source("book/pages/run-times"), run_times(book))


def setup(app):
    app.connect("config-inited", lambda app, config: write_pages(app), priority=100)
