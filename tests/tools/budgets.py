"""The budgets of the book: what it may cost those who read it and those who build it."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from row import Row

CI = Path("_build", "ci.json")
TESTS = ("test", "slow", "oracle", "pages", "timed")  # parts of it
TRAINED = "Processor minutes of trainings, and of each chapter with its experiments"
PAIRS = 5  # of training steps, one in each arithmetic


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
        pages = [*(clone / "book").glob("chapters/*.md"), clone / "index.md"]
        chapter = max(pages, key=lambda path: path.stat().st_size)
        with chapter.open("a", encoding="utf8") as file:
            file.write("\nOne more sentence.\n")
        begun = time.perf_counter()
        _run(make, clone)
        yield Row("a sentence changed, rebuilt", time.perf_counter() - begun, 10, "s")


def chapters(root: Path) -> Iterator[Row]:
    """What each page took from a fresh kernel when its committed outputs were made: seconds and the
    kernel's highest memory."""
    sys.path.insert(0, str(root / "book" / "_ext"))
    from bookext.book import Book
    from bookext.chapters import outputs

    book, total = Book(root), 0.0
    for name in book.chapters():
        cost = outputs.load(book.committed / f"{name}.ipynb").metadata[outputs.RECORD]
        total += cost["seconds"]
        page = Path(name).name
        yield Row(f"{page}: executed", cost["seconds"], 180, "s")
        yield Row(f"{page}: memory", cost["peak_mb"] / 1000, 2, "GB")
    yield Row("the whole book executed", total, 1800, "s")


def whole(root: Path) -> Iterator[Row]:
    """What the last run of `.ci/run` in this folder took."""
    path = root / CI
    if not path.is_file():
        raise FileNotFoundError(f"there is no {CI}: run `.ci/run` first, which writes it")
    took = json.loads(path.read_text("utf-8"))
    yield Row("fast tests", took["test"], 120, "s")
    every = sum(took[part] for part in TESTS)
    yield Row("all tests, without JupyterLab and notebooks", every, 900, "s")
    yield Row(".ci/run", took["all"] / 60, 65, "min")


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
        "shipped weights", sum(f.stat().st_size for f in files if f.is_file()) / 1e6, 60, "MB"
    )


def training(root: Path) -> Iterator[Row]:
    """Processor minutes of training and of experiments, as their receipts and results record them.

    What several chapters use counts for the first of them.
    """
    package, minutes = root / "code" / "diffusionbook", {}
    for path in sorted((package / "weights").glob("*.json")):
        minutes[path.stem] = json.loads(path.read_text("utf-8"))["cpu_seconds"] / 60
        bound = 2 * (90 if path.stem == "mnist-unet" else 40)  # so long on two processors
        yield Row(path.stem, minutes[path.stem], bound, "", TRAINED)
    for path in sorted((package / "results").glob("*.json")):  # each on one thread
        facts = json.loads(path.read_text("utf-8"))["facts"]
        minutes[path.stem] = minutes.get(path.stem, 0) + facts["seconds"] / 60
    for chapter in sorted((root / "book" / "chapters").glob("*.md")):
        text = chapter.read_text("utf-8")
        used = [name for name in minutes if f'"{name}"' in text]
        total = sum(minutes.pop(name) for name in used)
        yield Row(chapter.stem, total, 600, "", TRAINED)
    if minutes:
        yield Row("other pages", sum(minutes.values()), 600, "", TRAINED)


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
