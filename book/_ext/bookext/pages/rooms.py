"""The rooms of the package, and which of them imports from which, read from the sources."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from ..book import PACKAGE

DOOR = "__main__"  # the way in for the command line: a line that calls the room below it
# From the ground up: whoever stands later may import from whoever stands before, never the other
# way round.
ORDER = (
    "shapes", "arguments", "files", "randomness", "machine", "paths", "prediction", "exact",
    "denoisers", "losses", "guidance", "pareto", "samplers", "likelihood", "transport", "data",
    "metrics", "nets", "evidence", "training", "zoo", "recipes", "experiments", "plots", "checks",
    "page", "cli", DOOR,
)  # fmt: skip
LEAVES = ("results", "weights")  # files, which import nothing
WRITTEN = re.compile(rf"\b{PACKAGE}((?:\.\w+)+)|\bfrom {PACKAGE} import (\w+)")
NAMED = re.compile(r"\.(\w+)\.")  # in the middle of f"{PACKAGE}.recipes.{name}"


def entries(package: Path) -> list[str]:
    """What stands at the root of the package: rooms and single modules, and folders of files."""
    return sorted(path.name.removesuffix(".py") for path in package.iterdir()
                  if path.name != "__pycache__" and not path.name.startswith("."))


def room(dotted: str) -> str | None:
    """The room that a dotted name lies in; None for the package itself and names of others."""
    first, *rest = dotted.split(".")
    return rest[0] if first == PACKAGE and rest and rest[0] in ORDER else None


def imported(tree: ast.Module) -> Iterator[str]:
    """Dotted names that a module imports, at its top or inside a function."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.ImportFrom(level=level) if level:
                raise ValueError(f"line {node.lineno}: modules are imported by their full names")


def written(tree: ast.Module) -> Iterator[str]:
    """Dotted names in the strings of a module, whole or with a gap; documentation is no code."""
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    gaps = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)
            for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            for tail, name in WRITTEN.findall(node.value):
                yield f"{PACKAGE}{tail or '.' + name}"
            if id(node) in gaps:
                yield from (f"{PACKAGE}.{name}" for name in NAMED.findall(node.value))


def arrows(package: Path) -> dict[tuple[str, str], set[str]]:
    """(room, room it imports from) → the modules that do; a room's own modules are left out."""
    found: dict[tuple[str, str], set[str]] = {}
    for path in sorted(package.rglob("*.py")):
        inside, tree = path.relative_to(package).with_suffix(""), ast.parse(path.read_text("utf-8"))
        for name in (*imported(tree), *written(tree)):
            there = room(name)
            if there is not None and there != inside.parts[0]:
                found.setdefault((inside.parts[0], there), set()).add(inside.as_posix())
    return found


def upward(pair: tuple[str, str]) -> bool:
    """Whether an arrow goes from a lower room to a higher one."""
    here, there = pair
    return here in ORDER and ORDER.index(here) < ORDER.index(there)


def downward(package: Path) -> list[tuple[str, str]]:
    """All arrows between rooms but those of the door and those that only name a room above."""
    return [pair for pair in arrows(package) if DOOR not in pair and not upward(pair)]


def floors(package: Path) -> list[list[str]]:
    """Rooms from the ground up: each stands one floor above the highest that it imports from."""
    found, held = downward(package), set(entries(package)) - {DOOR}
    height: dict[str, int] = {}
    for here in (name for name in ORDER if name in held):
        height[here] = 1 + max((height[b] for a, b in found if a == here), default=-1)
    return [[name for name in height if height[name] == k]
            for k in range(1 + max(height.values()))]
