"""Results of experiments: numbers that are believed only while they are true of today's code.

``results/NAME.json`` holds the numbers of one experiment for each training seed, and a record of
every definition that they can reach (:mod:`diffusionbook.evidence.record`). If one of those
definitions has changed, the result is *stale*: a chapter that loads it fails, and so does the build
of the book. Asking needs the standard library alone. Versions of libraries are recorded, too; the
build compares them with the pinned ones, and a reader's kernel never refuses a result for them.
"""

import hashlib
import json
import statistics
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from diffusionbook.evidence import record
from diffusionbook.evidence.sources import PACKAGE, Package

RESULTS = PACKAGE / "results"


@dataclass(frozen=True)
class Result:
    """The numbers of one experiment.

    Attributes:
        name: of the experiment.
        seeds: the training seeds.
        numbers: for each quantity, its values in the order of ``seeds``.
        facts: device, versions, seconds, data and recipes.
    """

    name: str
    seeds: list[int]
    numbers: dict[str, list[float]]
    facts: dict[str, object]

    def values(self, key: str) -> list[float]:
        """One value for each training seed.

        Raises:
            ValueError: there is no such quantity; the message has the nearest names.
        """
        if key not in self.numbers:
            near = " or ".join(get_close_matches(key, self.numbers, cutoff=0.3) or self.numbers)
            raise ValueError(f"key {key!r} was not measured by {self.name}; did you mean {near}?")
        return self.numbers[key]

    def mean(self, key: str) -> float:
        """The mean over training seeds."""
        return statistics.fmean(self.values(key))

    def spread(self, key: str) -> float:
        """The standard deviation over training seeds, 0 for a single one."""
        return statistics.stdev(self.values(key)) if len(self.seeds) > 1 else 0.0


def names(folder: Path | str = RESULTS) -> list[str]:
    """The names of the results in a folder, sorted."""
    return sorted(path.stem for path in Path(folder).glob("*.json"))


def load(name: str, folder: Path | str = RESULTS) -> Result:
    """The result of an experiment, if it is still true.

    Raises:
        ValueError: there is no such result, or it is stale, damaged or edited by hand; the
            message says which, and how to refresh it.
    """
    reason = stale(name, folder)
    if reason:
        raise ValueError(reason)
    held = json.loads((Path(folder) / f"{name}.json").read_bytes())
    return Result(name, held["seeds"], held["numbers"], held["facts"])


def stale(name: str, folder: Path | str = RESULTS, package: Package | None = None) -> str | None:
    """Why a result cannot be believed, in one sentence; None if it can.

    Args:
        name: of the experiment.
        folder: where its result is.
        package: today's code; default: this package, read anew.
    """
    reason = damaged(name, folder)
    if reason:
        return reason
    held = json.loads((Path(folder) / f"{name}.json").read_bytes())
    reason = record.doubt(held.get("evidence"),
                          lambda: record.experiment(name, package or Package()))
    return f"result {name!r} is stale: {reason}; {_cure(name)}" if reason else None


def damaged(name: str, folder: Path | str = RESULTS) -> str | None:
    """Why a result's file is not what a measurement wrote; None if it is."""
    path = Path(folder) / f"{name}.json"
    if not path.is_file():
        near = " or ".join(get_close_matches(name, names(folder), cutoff=0.3))
        hint = f" (there is {near})" if near else ""
        return f"there is no result {name!r}{hint}; {_cure(name)}"
    try:
        held = json.loads(path.read_bytes())
        intact = seal(held) == held["sha256"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return f"result {name!r} is damaged; {_cure(name)}"
    return None if intact else (
        f"result {name!r} was edited after it was measured; {_cure(name)}")


def _cure(name: str) -> str:
    return f"run: python -m diffusionbook experiment {name}"


def seal(held: dict) -> str:
    """SHA-256 of everything in a result but the seal itself."""
    rest = {key: value for key, value in held.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()
