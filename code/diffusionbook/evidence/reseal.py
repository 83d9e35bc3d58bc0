"""Reseal: prove that changed text gives the same numbers, bit for bit, and say so in the record.

Where text changes and behaviour does not (a rename, an extraction, a new version of a library),
nothing need be measured for hours again. The tiny form of a measurement runs under the code that
its record holds for, twice, and under the code as it is now, on this machine and with one thread;
if every bit agrees and every changed or new unit was run, or is the same but for names and refusals
(:mod:`diffusionbook.evidence.same`), the record goes on under a new digest. No number is touched,
and each reseal stays in the record. What it shows is as wide as the tiny form: the result that was
resealed most often is measured again in full every week.
"""

import hashlib
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from diffusionbook.evidence import probe, record
from diffusionbook.evidence.probe import Probe
from diffusionbook.evidence.same import never_made, refuses_only, same, words_of
from diffusionbook.evidence.sources import Node, Package

COMMITS = 200  # that are searched for the code of a result


def reseal(measures: record.Measures, name: str, evidence: dict, repository: Path,
           old_python: str | None = None, now: Package | None = None) -> dict:
    """The record, renewed for today's code.

    Args:
        measures: what was measured, ``record.experiment`` or ``record.evaluation``.
        name: of the experiment or the model.
        evidence: its record; it stays as it is.
        repository: where git knows the older code.
        old_python: an interpreter with the older libraries, to reseal for new ones; default: this.
        now: today's code; default: this package.

    Raises:
        ValueError: the record still holds, the code it holds for is not found, the tiny form does
            not give the same numbers under both or not twice, or it does not run what has changed;
            the message says which.
    """
    now = now or Package()
    if record.difference(evidence, measures(name, now)) is None and old_python is None:
        raise ValueError(f"{name} is still true of today's code: there is nothing to reseal")
    inside = now.root.relative_to(Path(repository).resolve())
    small = probe.tiny(measures(name, now).roots[0][0], now)
    with tempfile.TemporaryDirectory() as scratch:
        commit, then = _code_of(measures, name, evidence["digest"], repository, inside,
                                Path(scratch))
        small_then = _by_older_names(small, measures(name, then).roots[0][0], then)
        first, again = (probe.run(measures, name, then, small_then, old_python or sys.executable)
                        for _ in range(2))
        if first.numbers != again.numbers:
            raise ValueError(f"{name} gives other numbers each time (of the old code, "
                             f"{_differs(first, again)}): measure it again")
        after = probe.run(measures, name, now, small)
        if first.numbers != after.numbers:
            raise ValueError(f"{name} gives other numbers under today's code "
                             f"({_differs(first, after)}): measure it again")
        missed = _not_run(after, now, first)
        words = tuple(words_of(package, (m for m, _ in ran.closure.own if m))
                      for package, ran in ((then, first), (now, after)))
        read = {node for node in missed
                if refuses_only(now, node)
                or never_made(now, node, _ran(after, now), after.closure.edges)
                or any(same(then, old, now, node, words)
                       for old in _before(node, first, after, then))}
        missed = sorted({name for _, name in missed - read})
        unseen = sorted({name for _, name in _not_run(first, then, after)} - set(missed))
    if missed:
        raise ValueError(f"the tiny form of {name} does not run {', '.join(missed)}, which "
                         "changed: measure it again, or let TINY reach it")
    entry = {
        "from": evidence["digest"], "to": after.closure.digest, "commit": commit,
        "day": record.today(),
        "units": record.changes(first.closure.reaches, after.closure.reaches),
        "same": sorted({name for _, name in read}), "unseen": unseen,
        "probe": hashlib.sha256(json.dumps([small, after.numbers]).encode()).hexdigest(),
        "versions": _versions(sys.executable),
    }
    return {**evidence, "digest": after.closure.digest,
            "reseals": [*evidence["reseals"], entry], "reaches": after.closure.reaches}


def _by_older_names(small: dict[str, object], module: str, then: Package) -> dict[str, object]:
    """Today's constants of the tiny form, under the names that some of them had."""
    try:
        older = probe.tiny(module, then)
    except ValueError:
        return small  # there was no tiny form, so nothing says other names
    gone = [key for key in older if key not in small]
    found = {}
    for key, value in small.items():
        once = None if key in older else next((k for k in gone if older[k] == value), None)
        found[once or key] = value
        gone = [k for k in gone if k != once]
    return found


def _code_of(measures: record.Measures, name: str, digest: str, repository: Path, inside: Path,
             scratch: Path) -> tuple[str, Package]:
    """The newest commit whose code a record holds for, and that code."""
    try:
        commits = _git(repository, "log", f"-{COMMITS}", "--format=%h", "--", str(inside)).split()
    except (OSError, subprocess.CalledProcessError):
        raise ValueError(f"git has no history in {repository}: reseal in a clone") from None
    for commit in map(bytes.decode, commits):
        folder = scratch / commit
        try:
            held = _git(repository, "archive", commit, str(inside))
        except subprocess.CalledProcessError:
            continue  # the package stood elsewhere
        with tarfile.open(fileobj=io.BytesIO(held)) as tar:
            tar.extractall(folder, filter="data")
        package = Package(folder / inside)
        try:
            if measures(name, package).digest == digest:
                return commit, package
        except ValueError:
            pass  # a commit without it
    raise ValueError(f"no commit of the last {COMMITS} has the code that {name} was measured with")


def _git(repository: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", "-C", str(repository), *arguments], check=True,
                          capture_output=True).stdout


def _not_run(of: Probe, package: Package, other: Probe) -> set[Node]:
    """Units that one side has, the other has not as they are, and that were not run."""
    ran = _ran(of, package)
    return {node for node, value in of.closure.own.items()
            if node[0] and node not in ran
            and value not in other.closure.reaches.get(node[1], "")}


def _before(node: Node, first: Probe, after: Probe, then: Package) -> list[Node]:
    """What a unit may have been: of the same name, reached or not, or of one that is gone."""
    held = [old for old in first.closure.own if old[0] and old[1] == node[1]]
    return held or then.all_named(node[1]) or [old for old in first.closure.own
                    if old[0] and old[1] not in after.closure.reaches]


def _ran(of: Probe, package: Package) -> set[Node]:
    """What ran; and of units without code of their own, such as a constant or a class with its
    fields, those that something names which ran, and the classes of methods that ran."""
    edges, ran = of.closure.edges, set(of.ran)
    while True:
        near = {to for node in ran for to in edges[node].values()}
        near |= {node for node, to in edges.items()
                 if any(name.startswith(".") and inner in ran for name, inner in to.items())}
        more = {node for node in near - ran if node[0] and not package.unit(node).runs}
        if not more:
            return ran
        ran |= more


def _differs(one: Probe, other: Probe) -> str:
    key = next(k for k in {**one.numbers, **other.numbers}
               if one.numbers.get(k) != other.numbers.get(k))
    a, b = (float.fromhex(p.numbers[key]) if key in p.numbers else "absent" for p in (one, other))
    return f"{key}: {a} and {b}"


def _versions(python: str) -> dict[str, str]:
    program = ("import importlib.metadata as m, json; "
               "print(json.dumps({k: m.version(k) for k in ('torch', 'numpy')}))")
    done = subprocess.run([python, "-c", program], capture_output=True, check=True)
    return json.loads(done.stdout)
