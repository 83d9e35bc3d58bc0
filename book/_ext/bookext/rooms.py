"""The rooms of the package, and which of them imports from which, read from the sources."""

import ast
from collections.abc import Iterator
from pathlib import Path

NAME = "diffusionbook"
# From the ground up: whoever stands later may import from whoever stands before, never the other
# way round.
ORDER = (
    "shapes", "arguments", "randomness", "machine", "files", "paths", "prediction", "exact",
    "denoisers", "losses", "samplers", "guidance", "likelihood", "transport", "data", "metrics",
    "nets", "evidence", "training", "recipes", "zoo", "experiments", "plots", "checks", "page",
    "cli", "__main__",
)  # fmt: skip


def entries(package: Path) -> list[str]:
    """What stands at the root of the package: rooms and modules by name, folders of data, too."""
    return sorted(path.name.removesuffix(".py") for path in package.iterdir()
                  if path.name != "__pycache__" and not path.name.startswith("."))


def room(dotted: str) -> str | None:
    """The room that a dotted name lies in; None for the package itself and names of others."""
    first, *rest = dotted.split(".")
    return rest[0] if first == NAME and rest and rest[0] in ORDER else None


def mentioned(path: Path) -> Iterator[str]:
    """Names of the package that a module imports, at its top or inside a function, or holds in a
    string, as a whole or at its start."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield module
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.Constant(value=str(text)) if text.startswith(f"{NAME}."):
                yield text


def arrows(package: Path) -> dict[tuple[str, str], list[str]]:
    """(room, room it imports from) → the modules that do; a room's own modules are left out."""
    found: dict[tuple[str, str], list[str]] = {}
    for path in sorted(package.rglob("*.py")):
        inside = path.relative_to(package).with_suffix("")
        here = inside.parts[0]
        for name in mentioned(path):
            there = room(name)
            if there is not None and there != here:
                held = found.setdefault((here, there), [])
                if inside.as_posix() not in held:
                    held.append(inside.as_posix())
    return found


def floors(package: Path) -> list[list[str]]:
    """Rooms by floor: each stands one above the highest room that it imports from."""
    height: dict[str, int] = {}
    found = arrows(package)
    for here in ORDER:
        below = [height[b] for a, b in found if a == here and b in height]
        height[here] = max(below, default=-1) + 1
    held = set(entries(package))
    return [[r for r in ORDER if r in held and height[r] == k]
            for k in range(max(height.values()) + 1)]
