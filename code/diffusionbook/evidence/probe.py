"""Measure in a tiny form, on a copy of the package, and see what of the package ran.

``TINY`` in the module of an experiment or a recipe holds smaller values for constants and fields
that it reaches, such as ``{"SAMPLES": 40, "SpiralMLP.steps": 3}``, or, of a number without a name,
``{"MnistUNet.evaluate 2_000": 20}``. They are written into a copy of the sources, so that the
functions which run are the measurement's own, at any commit, and take seconds.
"""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from diffusionbook.evidence import record
from diffusionbook.evidence.closure import Closure
from diffusionbook.evidence.sources import Node, Package

TRACED = Path(__file__).parent / "traced"
PROGRAMS = {
    record.experiment: """\
import importlib, sys, torch
module = importlib.import_module(sys.argv[1])
numbers = module.measure(module.SEEDS[0], torch.device("cpu"))
""",
    record.evaluation: """\
import sys, torch
from diffusionbook import zoo
from diffusionbook.zoo import make
numbers = {}
for name in sys.argv[2:]:
    metrics = make.evaluate(zoo.find(name), zoo.load(name), None)
    numbers.update({f"{name} {key}": value["mean"] for key, value in metrics.items()})
""",
}
START = "import torch\ntorch.set_num_threads(1)\n"
TIMED = "cpu seconds"
END = "\nimport json\nprint(json.dumps({k: float(v).hex() for k, v in numbers.items()}))\n"


@dataclass(frozen=True)
class Probe:
    """What a tiny run gave.

    Attributes:
        closure: of the sources that ran, before they were made tiny.
        numbers: each number as hexadecimal digits, so that equal means bit for bit; times, whose
            keys end in ``cpu seconds``, are left out.
        ran: the units whose code was called.
        outside: units, or files, that ran or were opened and are not in the closure.
    """

    closure: Closure
    numbers: dict[str, str]
    ran: frozenset[Node]
    outside: tuple[str, ...]


def tiny(module: str, package: Package) -> dict[str, object]:
    """The constants that make a measurement take seconds, read from its module's text.

    Raises:
        ValueError: it has none, or they are no plain values.
    """
    path = package.path(module)
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "TINY":
            return ast.literal_eval(node.value)
    raise ValueError(f"{module} has no TINY, the constants of its tiny form")


def run(measures: record.Measures, name: str, package: Package, small: dict[str, object],
        python: str = sys.executable) -> Probe:
    """Measure in the tiny form, alone, with one thread.

    Args:
        measures: what is measured, ``record.experiment`` or ``record.evaluation``.
        name: of the experiment or the model.
        package: sources to run; they stay as they are.
        small: the constants, from :func:`tiny`.
        python: the interpreter.

    Raises:
        ValueError: a constant is not there, or the run failed.
    """
    closure = measures(name, package)
    with tempfile.TemporaryDirectory() as scratch:
        copy, seen = Path(scratch, "code", package.name), Path(scratch, "seen")
        shutil.copytree(package.root, copy, ignore=shutil.ignore_patterns("__pycache__"))
        seen.mkdir()
        for key, value in small.items():
            _shrink(copy, package, closure, key, value)
        environment = {
            **os.environ, "PYTHONPATH": os.pathsep.join([str(TRACED), str(copy.parent)]),
            "TRACE_ROOT": str(copy), "TRACE_TO": str(seen), "OMP_NUM_THREADS": "1",
            "PYTHONDONTWRITEBYTECODE": "1", "BOOK_BUILD": "1",
        }
        done = subprocess.run(
            [python, "-c", START + _program(measures, package) + END, closure.roots[0][0],
             *_models(name, closure)],
            cwd=scratch, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise ValueError(f"the tiny form of {name} failed: {done.stderr.strip()[-2000:]}")
        held = [json.loads(path.read_text("utf-8")) for path in seen.glob("*.json")]
        numbers = {key: value for key, value in json.loads(done.stdout.splitlines()[-1]).items()
                   if not key.endswith(TIMED)}
        if not numbers:
            raise ValueError(f"{name} holds times alone, which no run gives again: measure it")
        ran, outside = _units((tuple(call) for part in held for call in part["called"]),
                              copy, package, closure)
        # what constants ran at import: those that are reached count, the others move nothing
        ran |= _units((tuple(call) for part in held for call in part["imported"]),
                      copy, package, closure)[0]
        for path in sorted({path for part in held for path in part["opened"]}):
            inside = Path(path).relative_to(copy).as_posix()
            weights = inside.removesuffix(".json") + ".safetensors"  # a receipt goes with them
            own = inside.startswith(f"weights/{name}.")  # of a receipt, its seal holds them
            if not own and not {("", inside), ("", weights)} & closure.own.keys():
                outside.add(inside)
        return Probe(closure, numbers, frozenset(ran), tuple(sorted(outside)))


def _program(measures: record.Measures, package: Package) -> str:
    """The program of the code that is measured: in another commit things had other places."""
    own = f"{package.name}.evidence.probe"
    if package.path(own) is None:
        return PROGRAMS[measures]
    return (f"from {package.name}.evidence import probe, record\n"
            f"exec(probe.PROGRAMS[record.{measures.__name__}])\n")


def _models(name: str, closure: Closure) -> list[str]:
    """The model and those whose weights its evaluation loads: by the names of their methods, how
    these are evaluated is reached, too."""
    loaded = {Path(leaf).stem for module, leaf in closure.own if leaf.startswith("weights/")}
    return [name, *sorted(loaded - {name})]


def _units(called: Iterable[tuple], copy: Path, package: Package, closure: Closure
           ) -> tuple[set[Node], set[str]]:
    """The units that called functions belong to, and those outside the closure."""
    ran, outside = set(), set()
    for file, line, _ in called:
        parts = Path(file).relative_to(copy).with_suffix("").parts
        module = ".".join((package.name, *parts)).removesuffix(".__init__")
        for node in package.at(module, line):
            if node in closure.own:
                ran.add(node)
            else:
                outside.add(":".join(node))
    return ran, outside


def _shrink(copy: Path, package: Package, closure: Closure, key: str, value: object) -> None:
    key, _, literal = key.partition(" ")
    owner, _, field = key.rpartition(".")
    if literal:
        _in_place(copy, package, closure, key, literal, repr(value))
        return
    found = [(module, name) for module, name in closure.own if module and name == (owner or field)]
    if not found:
        raise ValueError(f"TINY has {key!r}, which the experiment does not reach")
    for module, _ in found:
        path = copy / package.path(module).relative_to(package.root)
        source = path.read_text("utf-8").replace("\r\n", "\n")
        path.write_text(_with(source, owner, field, repr(value), key), "utf-8")


def _in_place(copy: Path, package: Package, closure: Closure, name: str, literal: str, text: str
              ) -> None:
    """Another number in the place of a literal in one function."""
    for module, unit in closure.own:
        if unit == name:
            path = copy / package.path(module).relative_to(package.root)
            lines = path.read_text("utf-8").replace("\r\n", "\n").split("\n")
            first, last = package.unit((module, unit)).lines
            here, count = re.subn(rf"\b{literal}\b", text, "\n".join(lines[first - 1 : last]))
            if not count:
                raise ValueError(f"TINY has {f'{name} {literal}'!r}, which is not in its text")
            lines[first - 1 : last] = here.split("\n")
            path.write_text("\n".join(lines), "utf-8")


def _with(source: str, owner: str, field: str, text: str, key: str) -> str:
    """`source` with another value of a constant or field; every line stays in its place."""
    body = ast.parse(source).body
    if owner:
        body = next(n.body for n in body if isinstance(n, ast.ClassDef) and n.name == owner)
    for node in body:
        targets = node.targets if isinstance(node, ast.Assign) else (
            [node.target] if isinstance(node, ast.AnnAssign) else [])
        if any(getattr(target, "id", None) == field for target in targets) and node.value:
            old, lines = node.value, source.encode().split(b"\n")
            last = old.end_lineno - 1
            kept = lines[old.lineno - 1][: old.col_offset] + text.encode()
            kept += lines[last][old.end_col_offset :]
            lines[old.lineno - 1 : last + 1] = [kept] + [b""] * (last - old.lineno + 1)
            return b"\n".join(lines).decode()
    raise ValueError(f"TINY has {key!r}, which is no constant or field with a value")
