"""Run an experiment and write its result with everything the numbers depend on."""

import time
from collections.abc import Callable
from contextlib import suppress
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

# What reading a file raises that is not there, or not what a run wrote: then it is measured anew.
NOT_WHOLE = (OSError, DamagedFile, KeyError, TypeError, ValueError, AttributeError)


def run(
    experiment: ModuleType,
    folder: Path,
    device: torch.device,
    data_root: Path | None,
    tell: Callable[[str], None] = print,
) -> Path:
    """Measure for every training seed and write ``folder/NAME.json``.

    What each seed measured is kept in ``folder/NAME.part`` until all are there, so a run that was
    interrupted goes on with the next seed, if code and versions are what they were. So does a run
    of an experiment that was given more seeds, from the result that is in the folder.

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
                      {"digest": before.digest, "versions": versions()})
    so_far.take(Path(folder) / f"{name}.json", before)
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
        so_far.add(seed, measured, seconds, describe(device))
        tell(f"{name}: seed {seed} took {seconds:.0f} s")
    held = {
        "experiment": name,
        "seeds": list(experiment.SEEDS),
        "numbers": {key: [so_far.runs[seed][key] for seed in experiment.SEEDS]
                    for key in so_far.runs[experiment.SEEDS[0]]},
        "facts": {
            "recipes": {recipe.name: asdict(recipe) for recipe in experiment.RECIPES},
            "data": {recipe.name: _data(recipe, data_root) for recipe in experiment.RECIPES},
            "device": " or ".join(sorted(so_far.devices)),
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
        path: the file; one of other code or versions is begun anew.
        under: what must be the same for all seeds.
    """

    def __init__(self, path: Path, under: dict[str, object]) -> None:
        self.path, self.under = path, under
        self.runs: dict[int, dict[str, float]] = {}
        self.seconds, self.devices = 0.0, set[str]()
        with suppress(*NOT_WHOLE):
            held = read_json(path)
            if held["under"] == under:
                runs = {int(seed): dict(run) for seed, run in held["runs"].items()}
                self.seconds, self.devices = float(held["seconds"]), set(held["devices"])
                self.runs = runs

    def take(self, path: Path, today: Closure) -> None:
        """Take over the seeds of a result that only its list of seeds keeps from being today's."""
        if self.runs or results.damaged(path.stem, path.parent):
            return
        with suppress(*NOT_WHOLE):
            held = read_json(path)
            facts, then = held["facts"], held["evidence"]["reaches"]
            if (record.changes(then, today.reaches) == {"SEEDS": "has changed"}
                    and facts["versions"] == self.under["versions"]):
                self.seconds, self.devices = facts["seconds"], set(facts["device"].split(" or "))
                self.runs = {seed: {key: values[k] for key, values in held["numbers"].items()}
                             for k, seed in enumerate(held["seeds"])}

    def add(self, seed: int, measured: dict[str, float], seconds: float, device: str) -> None:
        self.runs[seed], self.seconds = measured, self.seconds + seconds
        self.devices.add(device)
        write_json(self.path, {"under": self.under, "seconds": self.seconds,
                               "devices": sorted(self.devices), "runs": self.runs})


def closure(name: str) -> Closure:
    """What the experiment reaches in the package as it is on the disk now."""
    return record.experiment(name, Package())


def _data(recipe, root: Path) -> str:
    return tensor_digest({str(i): x for i, x in enumerate(recipe.data(root))})
