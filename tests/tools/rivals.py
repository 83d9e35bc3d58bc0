"""Train the quick digits recipe beside two public implementations and print them side by side.

    make rivals                            measure all of them (an hour and more), print the tables
    make bench                             print the tables that were measured last
    python tests/tools/rivals.py --measure --budget 20 --probe 5 --samples 100 --json try.json

Everyone gets the same data, processor seconds on one thread, judge and number of samples, and keeps
the training and sampling settings of its own example, but for its length: nobody gets more than the
budget, so the rivals stop early in theirs. They take turns, a few seconds each, so that what else
the machine does meets all of them. Before that, each is tried under several settings of the
allocator, and trains under the one that is best for it. The rivals are installed from the package
index into ``_build/rivals``; the book does not depend on them.
"""

import argparse
import importlib.metadata
import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "book" / "_ext"))
from citations import CITED  # noqa: E402
from turns import Setting, Trainee, answer, take_turns  # noqa: E402

from bookext.pages.rivals import KEPT, rivals  # noqa: E402
from diffusionbook.files.whole import write_json  # noqa: E402

STORE = Path(__file__).with_suffix(".json")
FOLDER = ROOT / "_build" / "rivals"
PINS = (
    "torchcfm==1.0.7", "torchdiffeq==0.2.5",
    "smalldiffusion==0.5.0", "accelerate==1.15.0", "einops==0.8.2", "torch-ema==0.3",
)  # fmt: skip
NEEDED = [pin.split("==")[0] for pin in PINS]
NAMES = ("mnist-unet-quick", "torchcfm", "smalldiffusion, batch 64", "smalldiffusion")
OURS = NAMES[0]
ALIKE = {"smalldiffusion": "smalldiffusion, batch 64"}  # the same work on a part of the batch
BUDGET = 600.0  # CPU-seconds of training each
PROBE = 20.0  # CPU-seconds under each setting
WARM = 4.0  # CPU-seconds before that, which do not count
LONG = 1e6  # CPU-seconds: a budget that no probe spends
SLICE = 5.0  # CPU-seconds of a turn
SAMPLES = 500

LOCK = Lock()
HELD = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "10000000000"}
PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1", "MALLOC_TOP_PAD_": "268435456"}
SETTINGS: dict[str, Setting] = {
    "as it comes": Setting(),
    "keeps freed memory": Setting(HELD),
    "keeps it, in huge pages": Setting(HELD | PAGES),
    "keeps it, channels last": Setting(HELD, channels_last=True),
    "keeps it, 2 threads": Setting(HELD, threads=2),
}
CHOICE = tuple(SETTINGS)[:3]  # one thread each, and not a sum in another order


def main(argv: list[str] | None = None) -> int:
    options = _options().parse_args(argv)
    if options.measure:
        measure(options)
    if not options.json.is_file():
        print("The comparison with public implementations is not measured yet: make rivals")
        return 0
    print("\n".join(rivals(json.loads(options.json.read_text("utf8")), {})))
    return 0


def measure(options: argparse.Namespace) -> None:
    """Probe, train and judge; store what is known after each."""
    install(FOLDER)
    folder = FOLDER / "trained"
    held = json.loads(options.json.read_text("utf8")) if options.resume else {}
    if "setting" not in held:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        sys.path.insert(0, str(FOLDER))
        others = {name: importlib.metadata.version(name) for name in NEEDED}
        facts = answer("real", "--samples", options.samples, rivals=FOLDER, setting=Setting())
        held["real"] = facts.pop("real")
        facts["versions"] |= others
        held["setting"] = {"cpu_seconds": options.budget, "probe": options.probe, "slice": SLICE,
                           "samples": options.samples, "seed": 0, **facts}
        write_json(options.json, held)
    if "speeds" not in held:
        held["speeds"] = speeds(options.probe)
        write_json(options.json, held)
    if "contestants" not in held:
        held["contestants"] = train(options, held["speeds"], folder)
        write_json(options.json, held)

    def judge(task: tuple[str, dict, str]) -> None:
        name, trained, sampler = task
        trained["scores"][sampler] = found = answer(
            "judge", name, "--images", trained["images"], "--samples", options.samples,
            "--sampler", sampler, "--budget", options.budget, "--folder", folder, rivals=FOLDER,
            setting=SETTINGS[held["contestants"][name]["setting"]])
        print(f"{name}: {sampler}: {found}", file=sys.stderr, flush=True)
        with LOCK:
            write_json(options.json, held)

    with ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(judge, unjudged(held["contestants"])))


def unjudged(contestants: dict) -> list[tuple[str, dict, str]]:
    """What is to be judged yet: after equal seconds first, and there each by its own sampler
    first; then after equal images, and there what is cheaper first."""
    found = []
    for equal, order in (("CPU-seconds", list), ("images", reversed)):
        for name, one in contestants.items():
            for trained in one["trained"]:
                if trained["equal"] == equal:
                    found += [(name, trained, sampler) for sampler in order(one["samplers"])
                              if sampler not in trained["scores"]]
    return found


def speeds(seconds: float) -> dict[str, dict[str, float]]:
    """Images for each CPU-second in training, under each setting, by contestant."""
    found: dict[str, dict[str, float]] = {}
    for name in NAMES:
        if name in ALIKE:
            found[name] = found[ALIKE[name]]
            continue
        found[name] = {}
        for title, setting in SETTINGS.items():
            one = Trainee(name, LONG, rivals=FOLDER, setting=setting)
            one.go_on(WARM)
            before = one.state
            one.go_on(seconds)
            one.end()
            found[name][title] = ((one.state["images"] - before["images"])
                                  / (one.state["cpu_seconds"] - before["cpu_seconds"]))
        print(f"{name}: {found[name]}", file=sys.stderr, flush=True)
    return found


def train(options: argparse.Namespace, speeds: dict, folder: Path) -> dict:
    """Everybody for the budget, in turns; then the recipe on as many images as the slowest saw."""
    best = {name: max(CHOICE, key=speeds[name].get) for name in NAMES}

    def trainee(name: str, images: int | None = None) -> Trainee:
        return Trainee(name, options.budget, images=images, rivals=FOLDER, folder=folder,
                       setting=SETTINGS[best[name]])

    trainees = {name: trainee(name) for name in NAMES}
    take_turns(list(trainees.values()), SLICE, folder / "turns.jsonl")
    equal = min(one.state["images"] for one in trainees.values()) // KEPT * KEPT
    found = {}
    for name, one in trainees.items():
        same = one.trained("images") | {
            "images": equal,
            "cpu_seconds": equal * one.state["cpu_seconds"] / one.state["images"]}
        if name == OURS and equal:
            again = trainee(name, equal)
            take_turns([again], SLICE)
            same = again.trained("images")
        found[name] = {**one.facts, "setting": best[name], "cited": CITED.get(name),
                       "trained": [one.trained("CPU-seconds"), *([same] if equal else [])]}
    return found


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
    parser.add_argument("--resume", action="store_true", help="measure what is not stored yet")
    parser.add_argument("--budget", type=float, default=BUDGET, help="CPU-seconds of training each")
    parser.add_argument("--probe", type=float, default=PROBE, help="CPU-seconds of each setting")
    parser.add_argument("--samples", type=int, default=SAMPLES, help="a multiple of 10")
    parser.add_argument("--jobs", type=int, default=1, help="models to judge at a time")
    parser.add_argument("--json", type=Path, default=STORE, help="where results are stored")
    return parser


if __name__ == "__main__":
    sys.exit(main())
