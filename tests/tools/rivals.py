"""Train the quick digits recipe beside two public implementations and print them side by side.

    make rivals                            measure all of them (hours) and print the table
    make bench                             print the table that was measured last
    python tests/tools/rivals.py --measure --budget 20 --samples 100 --json try.json

Everyone gets the same data, processor seconds on one thread, judge and number of samples, and keeps
the training and sampling settings of its own example, but for its length: nobody gets more than the
budget, so the rivals stop early in theirs. The rivals are installed from the package
index into ``_build/rivals``; the book does not depend on them.
"""

import argparse
import importlib
import importlib.metadata
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "book" / "_ext"))
from bookext.pages.rivals import length, reached  # noqa: E402

STORE = Path(__file__).with_suffix(".json")
FOLDER = ROOT / "_build" / "rivals"
PINS = (
    "torchcfm==1.0.7", "torchdiffeq==0.2.5",
    "smalldiffusion==0.5.0", "accelerate==1.15.0", "einops==0.8.2", "torch-ema==0.3",
)  # fmt: skip
BUDGET = 1_180.0  # of the quick recipe
SHARES = (1 / 8, 1 / 4, 1 / 2, 1)  # of the budget, after which a model may be judged
SAMPLES = 1_000
LEVEL = 30.0  # the Fréchet distance to reach


def main(argv: list[str] | None = None) -> int:
    options = _options().parse_args(argv)
    if options.measure:
        measure(options)
    if not options.json.is_file():
        print("The comparison with public implementations is not measured yet: make rivals")
        return 0
    print(table(json.loads(options.json.read_text("utf8"))))
    return 0


@dataclass(frozen=True)
class Kept:
    """A model as it was after so much training."""

    cpu_seconds: float
    images: int
    network: object


def train(contestant, budget: float) -> list[Kept]:
    """Train for ``budget`` processor seconds; keep the model after some shares of it."""
    marks, kept, images, spent = [share * budget for share in SHARES], [], 0, 0.0
    begun = time.process_time()
    for images in contestant.train():
        spent = time.process_time() - begun
        if spent >= marks[0]:
            kept.append(Kept(spent, images, contestant.network()))
            marks = [mark for mark in marks if mark > spent]
            if not marks:
                return kept
    return [*kept, Kept(spent, images, contestant.network())]


def judged(kept: list[Kept], score: Callable[[Kept], dict], level: float) -> Iterator[dict]:
    """The last model's scores, then those of earlier ones, until one misses the level.

    Training makes a model better, so what came before a miss is taken to miss, too; judging it
    would take longer than training it did.
    """
    for one in reversed(kept):
        found = {"cpu_seconds": one.cpu_seconds, "images": one.images, **score(one)}
        yield found
        if found["frechet"] > level:
            return


def table(held: dict) -> str:
    """All of them side by side, and below what each was."""
    setting, real = held["setting"], held["real"]
    level = setting["level"]
    lines = [
        f"{setting['cpu_seconds']:,g} CPU-seconds of training each, {setting['samples']:,} samples "
        f"against the test set in the features of {setting['judge']}",
        f"(real images: Fréchet distance {real:.1f}); {setting['device']}",
        "",
        f"{'':<26}{'images per':>11}{'evaluations':>13}{'CPU-seconds':>13}{'Fréchet':>10}"
        f"{'right':>8}  CPU-seconds to",
        f"{'':<26}{'CPU-second':>11}{'per sample':>13}{'per sample':>13}{'distance':>10}"
        f"{'label':>8}  Fréchet distance {level:g}",
    ]
    for name, one in held["contestants"].items():
        last, best = one["curve"][0], min(point["frechet"] for point in one["curve"])
        first, label = reached(one["curve"], level), last.get("accuracy")
        lines.append(
            f"{name:<26}{last['images'] / last['cpu_seconds']:>11.1f}{last['evaluations']:>13.1f}"
            f"{last['sample_cpu_seconds']:>13.3f}{last['frechet']:>10.1f}"
            f"{'–' if label is None else f'{label:.1%}':>8}  "
            + (f"not reached (best {best:.1f})" if first is None else f"{first:,.0f}")
        )
    lines.append("")
    for name, one in held["contestants"].items():
        steps, share = length(one)
        own = "all" if share is None else f"{share:.1%}"
        lines.append(f"{name}: {one['parameters']:,} weights; {steps:,} steps of {one['batch']:,} "
                     f"images, {own} of its own training; {one['note']}")
    return "\n".join([*lines, ", ".join(f"{k} {v}" for k, v in setting["versions"].items())])


def measure(options: argparse.Namespace) -> None:
    """Train and judge; store what is known after every judgement."""
    install(FOLDER)
    sys.path.insert(0, str(FOLDER))
    import torch

    torch.set_num_threads(1)
    importlib.import_module("diffusionbook.data.vision")  # before the rivals import torchvision
    from contestants import CONTESTANTS, SEED, counted

    from diffusionbook.data.mnist import all_labels
    from diffusionbook.files.whole import write_json
    from diffusionbook.machine.environment import describe, versions
    from diffusionbook.zoo.judge import JUDGE, Judge

    judge, labels = Judge(JUDGE), all_labels(options.samples)
    rivals = {pin.split("==")[0]: importlib.metadata.version(pin.split("==")[0]) for pin in PINS}
    setting = {
        "cpu_seconds": options.budget, "samples": options.samples, "level": LEVEL, "judge": JUDGE,
        "seed": SEED, "data": judge.test.source.replace("test", "train and test"),
        "device": describe("cpu"), "versions": versions() | rivals,
    }  # fmt: skip
    held = json.loads(options.json.read_text("utf8")) if options.json.is_file() else {}
    if held.get("setting") != setting:
        real = judge.score_real(options.samples, SEED)["frechet"]
        held = {"setting": setting, "real": real, "contestants": {}}

    def score(one: Kept) -> dict[str, float]:
        torch.manual_seed(SEED + 1)
        with torch.no_grad(), counted(one.network) as looks:
            begun = time.process_time()
            images = contestant.draw(one.network, labels)
            seconds = time.process_time() - begun
        scores = judge.score(images, labels if contestant.labels else None)
        return {"evaluations": sum(looks) / len(labels),
                "sample_cpu_seconds": seconds / len(labels), **scores}

    for name in options.only or CONTESTANTS:
        contestant = CONTESTANTS[name](options.budget)
        parameters = sum(p.numel() for p in contestant.network().parameters())
        entry = {"note": contestant.note, "parameters": parameters, "batch": contestant.batch,
                 "whole": contestant.whole, "curve": []}
        print(f"{name}: training", file=sys.stderr, flush=True)
        for point in judged(train(contestant, options.budget), score, LEVEL):
            print(f"{name}: {point}", file=sys.stderr, flush=True)
            entry["curve"].append(point)
            held["contestants"][name] = entry
            write_json(options.json, held)


def install(folder: Path) -> None:
    """Put the rivals, and what the book's environment lacks for them, into a folder."""
    note = folder / "pins.txt"
    if note.is_file() and note.read_text("utf8").split() == list(PINS):
        return
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--upgrade"]
    subprocess.run([*pip, "--target", str(folder), *PINS], check=True)
    note.write_text("\n".join(PINS), "utf8")


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--measure", action="store_true", help="anew; else print what is stored")
    parser.add_argument("--only", nargs="+", help="measure these, and keep what else is stored")
    parser.add_argument("--budget", type=float, default=BUDGET, help="CPU-seconds of training each")
    parser.add_argument("--samples", type=int, default=SAMPLES, help="a multiple of 10")
    parser.add_argument("--json", type=Path, default=STORE, help="where results are stored")
    return parser


if __name__ == "__main__":
    sys.exit(main())
