"""Measure the budgets of the book on this machine and print them beside their bounds.

    make bench                            everything, and the table of rivals.py
    make bench RECORD=1                   and keep them for the book's page of run times
    python tests/tools/bench.py --only build weight --json times.json

Exits 1 if a bound is passed. The build is timed in a fresh clone of the last commit, with the
environment already installed.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[2]
PYTHON = Path(".venv", "bin", "python")
EVERY = (["-m", "not timed", "-n", "2"], ["-m", "timed"])  # what holds a time runs alone
PAIRS = 5  # of training steps, one in each arithmetic
REASONS = {  # for what is known to miss its bound
    "02-generating-images: trainings, experiments": "its experiments train the network dozens of "
        "times, so that each number has a spread over training seeds",
    "all tests": "most of it is a browser that looks at every page, light and dark, wide and "
        "narrow",
}


@dataclass(frozen=True)
class Row:
    """One measurement; ``bound`` is the most it may be."""

    what: str
    measured: float
    bound: float
    unit: str

    @property
    def ok(self) -> bool:
        return self.measured <= self.bound

    @property
    def digits(self) -> int:
        return 0 if self.measured >= 100 or not self.unit else 2 if self.unit[1:] == "B" else 1


def main(argv: list[str] | None = None) -> int:
    options = _options().parse_args(argv)
    rows = []
    for name in options.only or MEASUREMENTS:
        for row in MEASUREMENTS[name](ROOT):
            print(_line(row), file=sys.stderr, flush=True)
            rows.append(row)
    print(table(rows))
    if options.json:
        options.json.write_text(json.dumps(record(rows), indent=1) + "\n", "utf-8")
    return 0 if rows and all(r.ok for r in rows) else 1


def build(root: Path) -> Iterator[Row]:
    """A fresh clone to a built book, and once more after a sentence was added to a chapter."""
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        clone = Path(scratch, "clone")
        begun = time.perf_counter()
        _run(["git", "clone", "--quiet", str(root), str(clone)], root)
        (clone / ".venv").symlink_to(root / ".venv")
        make = ["make", "--silent", "--assume-old=.venv/.book", "book"]
        _run(make, clone)
        yield Row("fresh clone to built book", time.perf_counter() - begun, 60, "s")
        pages = [*(clone / "book").glob("chapters/*.md"), clone / "book" / "index.md"]
        chapter = max(pages, key=lambda path: path.stat().st_size)
        with chapter.open("a", encoding="utf8") as file:
            file.write("\nOne more sentence.\n")
        begun = time.perf_counter()
        _run(make, clone)
        yield Row("a sentence changed, rebuilt", time.perf_counter() - begun, 10, "s")


def chapters(root: Path) -> Iterator[Row]:
    """Every chapter from a fresh kernel: seconds and the kernel's highest memory."""
    sys.path.insert(0, str(root / "book" / "_ext"))
    from bookext.book import Book
    from bookext.chapters.kernel import run

    book, total = Book(root), 0.0
    for name in book.chapters():
        cost = run(book, name, book.read(name))
        total += cost["seconds"]
        page = Path(name).name
        yield Row(f"{page}: executed", cost["seconds"], 180, "s")
        yield Row(f"{page}: memory", cost["peak_mb"] / 1000, 2, "GB")
    yield Row("the whole book executed", total, 1800, "s")


def fast(root: Path) -> Iterator[Row]:
    yield Row("fast tests", _tests(root, ["-n", "2"]), 60, "s")


def every(root: Path) -> Iterator[Row]:
    yield Row("all tests", sum(_tests(root, marks) for marks in EVERY), 600, "s")


def weight(root: Path) -> Iterator[Row]:
    """The heaviest page of the built book, gzipped, and the most requests that leave the site."""
    sys.path.insert(0, str(root / "tests" / "site"))
    import serve
    import visit

    folder = root / "_build" / "html"
    heaviest, outside = (0.0, ""), 0
    with serve.serve(folder) as address, visit.chromium() as browser:
        for name in serve.pages(folder):
            with visit.visit(browser, f"{address}/{name}") as seen:
                heaviest = max(heaviest, (sum(seen.weight().values()) / 1e6, Path(name).stem))
                outside = max(outside, len(seen.outside()))
    if not heaviest[1]:
        raise FileNotFoundError("there is no built book: run `make book` first")
    yield Row(f"heaviest page, gzipped ({heaviest[1]})", heaviest[0], 1.5, "MB")
    yield Row("requests that leave the site", outside, 0, "")


def shipped(root: Path) -> Iterator[Row]:
    files = (root / "code" / "diffusionbook" / "weights").rglob("*")
    yield Row(
        "shipped weights", sum(f.stat().st_size for f in files if f.is_file()) / 1e6, 30, "MB"
    )


def training(root: Path) -> Iterator[Row]:
    """Minutes of training and of experiments, as their receipts and results record them.

    What several chapters use counts for the first of them.
    """
    package, minutes = root / "code" / "diffusionbook", {}
    for path in sorted((package / "weights").glob("*.json")):
        minutes[path.stem] = json.loads(path.read_text("utf-8"))["seconds"] / 60
        bound = 90 if path.stem == "mnist-unet" else 40
        yield Row(f"{path.stem}: trained", minutes[path.stem], bound, "min")
    for path in sorted((package / "results").glob("*.json")):
        facts = json.loads(path.read_text("utf-8"))["facts"]
        minutes[path.stem] = minutes.get(path.stem, 0) + facts["seconds"] / 60
    for chapter in sorted((root / "book" / "chapters").glob("*.md")):
        text = chapter.read_text("utf-8")
        used = [name for name in minutes if f'"{name}"' in text]
        total = sum(minutes.pop(name) for name in used)
        yield Row(f"{chapter.stem}: trainings, experiments", total, 100, "min")


def arithmetic(root: Path) -> Iterator[Row]:
    """The speed of training in the arithmetic that training picks here, against the faster one:
    steps of the quick digits recipe on random images, in pairs that take turns."""
    import torch

    from diffusionbook import zoo
    from diffusionbook.machine.precision import ARITHMETICS, fastest
    from diffusionbook.training.loop import batches, fit

    recipe = zoo.find("mnist-unet-quick")
    images, labels = torch.randn(recipe.batch, 1, 28, 28), torch.arange(recipe.batch) % 10
    taken: dict[str, list[float]] = {name: [] for name in ARITHMETICS}
    runs = {name: fit(recipe.model(), batches(images, labels, size=recipe.batch), recipe.loss,
                      steps=1 + PAIRS, lr=recipe.lr, arithmetic=name, log_every=1)
            for name in ARITHMETICS}  # fmt: skip
    for name in ARITHMETICS:
        next(runs[name])  # the first step of each also prepares
    for _ in range(PAIRS):
        for name in ARITHMETICS:
            begun = time.process_time()
            next(runs[name])
            taken[name].append(time.process_time() - begun)
    seconds = {name: statistics.median(values) for name, values in taken.items()}
    lost = 100 * (1 - min(seconds.values()) / seconds[fastest("cpu")])
    yield Row("speed of training lost by the arithmetic picked", lost, 5, "%")


MEASUREMENTS = {
    "build": build, "chapters": chapters, "fast": fast, "all": every, "weight": weight,
    "shipped": shipped, "training": training, "arithmetic": arithmetic,
}  # fmt: skip


def record(rows: list[Row]) -> dict:
    """What was measured, where and when."""
    from diffusionbook.machine.environment import describe

    return {"device": describe("cpu"), "day": date.today().isoformat(),
            "rows": [asdict(r) | {"digits": r.digits, "ok": r.ok} for r in rows],
            "why": {r.what: REASONS[r.what] for r in rows if not r.ok and r.what in REASONS}}


def table(rows: list[Row]) -> str:
    head = f"{'what':<54}{'measured':>10}{'bound':>10}\n"
    return head + "\n".join(map(_line, rows))


def _line(row: Row) -> str:
    measured, bound = f"{row.measured:.{row.digits}f} {row.unit}", f"{row.bound:g} {row.unit}"
    return f"{row.what:<54}{measured:>10}{bound:>10}  {'ok' if row.ok else 'TOO MUCH'}"


def _tests(root: Path, options: list[str]) -> float:
    begun = time.perf_counter()
    _run([str(PYTHON), "-m", "pytest", "-q", "-p", "no:cacheprovider", *options], root)
    return time.perf_counter() - begun


def _run(command: list[str], folder: Path) -> None:
    """Run it quietly, with compiled files kept as Python does unless told otherwise; if it fails,
    say what it said last."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(*(done.stdout + done.stderr).splitlines()[-40:], sep="\n", file=sys.stderr)
        sys.exit(f"{' '.join(command)} failed with status {done.returncode}")


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", nargs="+", choices=MEASUREMENTS, help="some of them")
    parser.add_argument("--json", type=Path, help="write what was measured to this file too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
