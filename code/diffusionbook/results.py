"""Results of experiments: numbers that are believed only while they are true of today's code.

``results/NAME.json`` holds the numbers of one experiment for each training seed, and the digest of
every file they depend on. If one of those files has changed, the result is *stale*: a chapter that
loads it fails, and so does the build of the book. Asking needs the standard library alone.
"""

import hashlib
import json
import statistics
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from diffusionbook import provenance

RESULTS = provenance.PACKAGE / "results"


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


def stale(name: str, folder: Path | str = RESULTS, root: Path = provenance.PACKAGE) -> str | None:
    """Why a result cannot be believed, in one sentence; None if it can."""
    path, cure = Path(folder) / f"{name}.json", f"python -m diffusionbook experiment {name}"
    if not path.is_file():
        near = " or ".join(get_close_matches(name, names(folder), cutoff=0.3))
        return f"there is no result {name!r}{f' (there is {near})' if near else ''}; run: {cure}"
    try:
        held = json.loads(path.read_bytes())
        then, sealed = held["files"], held["sha256"]
        intact = seal(held) == sealed and isinstance(then, dict)
    except (ValueError, KeyError, TypeError):
        return f"result {name!r} is damaged; run: {cure}"
    if not intact:
        return f"result {name!r} was edited after it was measured; run: {cure}"
    try:
        now = dependencies(name, root)
    except ValueError as error:
        return f"result {name!r} is stale: {error}; run: {cure}"
    for key in sorted({*then, *now}):
        if then.get(key) != now.get(key):
            what = "is new" if key not in then else "is gone" if key not in now else "has changed"
            return f"result {name!r} is stale: {key} {what} since it was measured; run: {cure}"
    return None


def dependencies(name: str, root: Path = provenance.PACKAGE) -> dict[str, str]:
    """The digest of every file that the experiment's numbers depend on, itself included.

    Raises:
        ValueError: there is no such experiment.
    """
    root = Path(root).resolve()
    paths = provenance.files([f"{root.name}.experiments.{name.replace('-', '_')}"], root)
    own = root / "results" / f"{name}.json"
    return {
        path.relative_to(root.parent).as_posix():
            hashlib.sha256(provenance.content(path)).hexdigest()
        for path in paths if path != own
    }


def seal(held: dict) -> str:
    """SHA-256 of everything in a result but the seal itself."""
    rest = {key: value for key, value in held.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()
