"""The record that ties numbers to the definitions they can reach, and the question if it holds.

A result and a receipt carry one under ``"evidence"``: the digest of the closure, the hash of every
definition in it, since when it holds, and its reseals. Asking needs the standard library alone.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from diffusionbook.evidence.closure import Closure, reach
from diffusionbook.evidence.sources import Package

# Where evaluation and loading stand, and where they stood in code that records may hold for.
PLACES = {"evaluate": ("zoo.make", "runs"), "load": ("zoo.store", "zoo")}
Measures = Callable[[str, Package], Closure]  # experiment or evaluation


def experiment(name: str, package: Package) -> Closure:
    """What the numbers of an experiment can reach.

    Raises:
        ValueError: there is no such experiment, or it lacks ``SEEDS``, ``RECIPES`` or ``measure``.
    """
    module = f"{package.name}.experiments.{name.replace('-', '_')}"
    if package.path(module) is None:
        raise ValueError(f"there is no experiment {name!r}")
    return reach(package, *((module, part) for part in ("SEEDS", "RECIPES", "measure")), of=name)


def evaluation(name: str, package: Package) -> Closure:
    """What the metrics in a model's receipt can reach; its weights are told by their SHA-256.

    Raises:
        ValueError: there is no such recipe.
    """
    module = f"{package.name}.recipes.{name.replace('-', '_')}"
    if package.path(module) is None:
        raise ValueError(f"there is no recipe {name!r}")
    return reach(package, (module, "RECIPE"),
                 *((_place(package, name), name) for name in PLACES))


def _place(package: Package, name: str) -> str:
    places = (f"{package.name}.{place}" for place in PLACES[name])
    return next((place for place in places if package.path(place) is not None), package.name)


def bind(closure: Closure) -> dict[str, object]:
    """A fresh record, as JSON can hold it."""
    return {"digest": closure.digest, "since": today(), "reseals": [],
            "reaches": closure.reaches}


def today() -> str:
    """The day, such as ``2026-01-31``, in UTC."""
    return datetime.now(UTC).date().isoformat()


def doubt(held: object, closure: Callable[[], Closure]) -> str | None:
    """Why a record no longer holds, as the middle of a sentence; None if it does.

    Args:
        held: a record as it was read from a file, or whatever stands in its place.
        closure: what works today's closure out.
    """
    if not (isinstance(held, dict) and isinstance(held.get("digest"), str)
            and isinstance(held.get("reaches"), dict)):
        return "it has no record of what it depends on"
    try:
        reason = difference(held, closure())
    except ValueError as error:
        return str(error)
    return f"since it was measured {reason}" if reason else None


def difference(held: dict, closure: Closure) -> str | None:
    """Which definition is not what it was, and by which way it is reached; None if all are.

    Args:
        held: a record.
        closure: of the same roots, today.
    """
    if held["digest"] == closure.digest:
        return None
    then, now = held["reaches"], closure.reaches
    changed = changes(then, now)
    for kind in ("has changed", "is new", "is gone"):
        for name in sorted(changed):
            if changed[name] == kind:
                way = " → ".join(closure.way_to(name))
                return f"{name} {kind}" + (f" ({way})" if way else "")
    return "a name stands for another definition of the same name"


def changes(then: dict[str, str], now: dict[str, str]) -> dict[str, str]:
    """For each name that differs between two records: has changed, is new, or is gone."""
    return {name: "is new" if name not in then else "is gone" if name not in now else "has changed"
            for name in sorted({*then, *now}) if then.get(name) != now.get(name)}
