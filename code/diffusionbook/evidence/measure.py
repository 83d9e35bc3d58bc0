"""Run an experiment and write its result with everything the numbers depend on."""

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import ModuleType

import torch

from diffusionbook.evidence import record, results
from diffusionbook.evidence.closure import Closure
from diffusionbook.evidence.sources import Package
from diffusionbook.files.tensors import tensor_digest
from diffusionbook.files.whole import DamagedFile, read_json, write_json
from diffusionbook.machine.environment import describe, versions


def run(
    experiment: ModuleType,
    folder: Path,
    device: torch.device,
    data_root: Path | None,
    tell: Callable[[str], None] = print,
) -> Path:
    """Measure for every training seed and write ``folder/NAME.json``.

    What each seed measured is kept in ``folder/NAME.part`` until all are there, so a run that was
    interrupted goes on with the next seed, if code, versions and device are what they were.

    Args:
        experiment: its module, see :func:`diffusionbook.experiments.find`.
        folder: an existing folder.
        device: where to train.
        data_root: where data files are; None for the usual places.
        tell: called with a line after each seed.

    Raises:
        ValueError: its seeds measured different things, or a definition that it reaches changed
            while it ran.
    """
    name = experiment.__name__.rpartition(".")[2].replace("_", "-")
    before, many = closure(name), len(experiment.SEEDS)
    so_far = _Partial(Path(folder) / f"{name}.part",
                      {"digest": before.digest, "versions": versions(), "device": describe(device)})
    for number, seed in enumerate(experiment.SEEDS, 1):
        if seed in so_far.runs:
            tell(f"{name}: seed {seed} ({number} of {many}) had been measured before")
            continue
        tell(f"{name}: measuring seed {seed} ({number} of {many})")
        started = time.perf_counter()
        measured = experiment.measure(seed, device)
        first = next(iter(so_far.runs.values()), measured)
        if measured.keys() != first.keys():
            raise ValueError(f"measure({seed}) of {name} returned other names than the first seed")
        changed = record.difference(record.bind(before), closure(name))
        if changed:
            raise ValueError(f"{changed} while {name} ran; run it again")
        seconds = time.perf_counter() - started
        so_far.add(seed, measured, seconds)
        tell(f"{name}: seed {seed} took {seconds:.0f} s")
    held = {
        "experiment": name,
        "seeds": list(experiment.SEEDS),
        "numbers": {key: [so_far.runs[seed][key] for seed in experiment.SEEDS]
                    for key in so_far.runs[experiment.SEEDS[0]]},
        "facts": {
            "recipes": {recipe.name: asdict(recipe) for recipe in experiment.RECIPES},
            "data": {recipe.name: _data(recipe, data_root) for recipe in experiment.RECIPES},
            "device": describe(device),
            "versions": versions(),
            "seconds": round(so_far.seconds, 1),
        },
        "evidence": record.bind(before),
    }
    path = Path(folder) / f"{name}.json"
    write_json(path, {**held, "sha256": results.seal(held)})
    so_far.path.unlink(missing_ok=True)
    return path


class _Partial:
    """The seeds that have been measured, on the disk after each of them.

    Args:
        path: the file; one of other code, versions or device is begun anew.
        under: what must be the same for all seeds.
    """

    def __init__(self, path: Path, under: dict[str, object]) -> None:
        self.path, self.under = path, under
        self.runs: dict[int, dict[str, float]] = {}
        self.seconds = 0.0
        try:
            held = read_json(path)
            if held["under"] == under:
                self.seconds = float(held["seconds"])
                self.runs = {int(seed): dict(run) for seed, run in held["runs"].items()}
        except (OSError, DamagedFile, KeyError, TypeError, ValueError, AttributeError):
            pass  # there is none, or it is not whole: measure

    def add(self, seed: int, measured: dict[str, float], seconds: float) -> None:
        self.runs[seed], self.seconds = measured, self.seconds + seconds
        write_json(self.path, {"under": self.under, "seconds": self.seconds, "runs": self.runs})


def closure(name: str) -> Closure:
    """What the experiment reaches in the package as it is on the disk now."""
    return record.experiment(name, Package())


def _data(recipe, root: Path) -> str:
    return tensor_digest({str(i): x for i, x in enumerate(recipe.data(root))})
