"""What ``make evidence`` prints: what each result and receipt reaches, and what edits cost."""

import json
import math
import statistics
from dataclasses import dataclass
from pathlib import Path

from diffusionbook.evidence import receipts, record, results
from diffusionbook.evidence.closure import Closure, size
from diffusionbook.evidence.sources import Package


@dataclass(frozen=True)
class Evidence:
    """One result or receipt.

    Attributes:
        name: of the experiment or model.
        kind: "result" or "receipt".
        closure: what its numbers reach today.
        lines: of source text in it.
        hours: that measuring took; of a receipt 0, since its metrics take minutes.
        since: the day it was measured.
        reseals: how often its record was renewed.
        stale: why it cannot be believed, None if it can.
    """

    name: str
    kind: str
    closure: Closure
    lines: int
    hours: float
    since: str
    reseals: int
    stale: str | None


def all_evidence(package: Package | None = None) -> list[Evidence]:
    """Every result, then every receipt of the package."""
    package = package or Package()
    found = []
    for kind, closure_of, stale in (("result", record.experiment, results.stale),
                                    ("receipt", record.evaluation, receipts.stale)):
        folder = package.root / ("results" if kind == "result" else "weights")
        for path in sorted(folder.glob("*.json")):
            held = read(path)
            evidence, facts = held.get("evidence", {}), held.get("facts", {})
            try:
                closure = closure_of(path.stem, package)
            except ValueError:  # its code is gone; that it is stale says so
                closure = Closure({}, {}, {}, ())
            found.append(Evidence(
                path.stem, kind, closure, size(package, closure), facts.get("seconds", 0) / 3600,
                evidence.get("since", "unknown"), len(evidence.get("reseals", ())),
                stale(path.stem, folder, package)))
    return found


def report() -> tuple[list[str], bool]:
    """The lines to print, and whether something is stale."""
    package = Package()
    found = all_evidence(package)
    width = max(len(one.name) for one in found)
    lines = [f"{'':7} {'':{width}} {'reaches':>8} {'lines':>6} {'hours':>6}  since"]
    for one in found:
        sealed = f", resealed {one.reseals} times" if one.reseals else ""
        lines.append(f"{one.kind:7} {one.name:{width}} {len(one.closure.own):8} {one.lines:6} "
                     f"{one.hours:6.2f}  {one.since}{sealed}")
    measured = [one for one in found if one.kind == "result"]
    lines += ["", _cost(measured, package)]
    stale = [one.stale for one in found if one.stale]
    return lines + ["", *(stale or ["Everything is true of today's code."])], bool(stale)


def _cost(measured: list[Evidence], package: Package) -> str:
    by_unit, by_module = edit_costs(measured, package)
    return (f"Adding a definition stales none of {len(measured)} results. Editing one of "
            f"{len(by_unit)} functions, classes and methods\n"
            f"stales {statistics.fmean(by_unit):.2f} hours of measuring on average; if they were "
            "bound to whole modules, "
            f"{statistics.fmean(by_module):.2f}.")


def edit_costs(measured: list[Evidence], package: Package) -> tuple[list[float], list[float]]:
    """For every function, class and method, the hours of measuring that an edit of it makes stale.

    Returns:
        As the record has it, and as it would be if a result depended on every module that its
        experiment imports.
    """
    imported = {one.name: package.imported({module for module, _ in one.closure.own if module})
                for one in measured}
    by_unit, by_module = [], []
    for node in package.definitions():
        by_unit.append(sum(o.hours for o in measured if node in o.closure.own))
        by_module.append(sum(o.hours for o in measured if node[0] in imported[o.name]))
    return by_unit, by_module


def most_resealed(package: Package | None = None) -> str | None:
    """The result whose record was renewed most often since it was measured; None without any."""
    found = [one for one in all_evidence(package) if one.kind == "result" and one.reseals]
    return max(found, key=lambda one: one.reseals).name if found else None


def unlike(name: str, folder: Path | str, errors: float = 5.0) -> list[str]:
    """Numbers of a result that another measurement of it does not give again.

    Args:
        name: of the result.
        folder: where the other measurement is.
        errors: standard errors that the means over training seeds may differ by; a thousandth of
            the number is allowed besides, for arithmetic that differs from machine to machine.
    """
    one, other = results.load(name), results.load(name, folder)
    found = []
    for key in sorted({*one.numbers, *other.numbers}):
        if key not in one.numbers or key not in other.numbers:
            found.append(f"{name}: {key} was measured once only")
            continue
        error = math.sqrt((one.spread(key) ** 2 + other.spread(key) ** 2) / len(one.seeds))
        bound = errors * error + 1e-3 * abs(one.mean(key))
        if not abs(one.mean(key) - other.mean(key)) <= bound:
            found.append(f"{name}: {key} is {other.mean(key):.6g}, was {one.mean(key):.6g}; it may "
                         f"differ by {bound:.2g}")
    return found


def read(path: Path) -> dict:
    """A result or receipt as it stands; of a damaged file, nothing."""
    try:
        held = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        held = None
    return held if isinstance(held, dict) else {}
