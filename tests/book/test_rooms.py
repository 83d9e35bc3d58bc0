"""Rooms of the extension import from the rooms below them, wherever in a file they do it."""

import ast
from pathlib import Path

import pytest

import bookext

ROOT = Path(bookext.__file__).parent
# each may use those before it
FLOORS = ("book", "site", "chapters", "pages", "notebooks", "slides", "printed")


def rooms_of(source: str, module: tuple[str, ...]) -> set[str]:
    """Rooms, and modules beside them, that a module with this dotted name imports from."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = ("bookext", *module)[: -node.level]
            names = [(*base, *(node.module or "").split(".")) if node.module else (*base, a.name)
                     for a in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [(*node.module.split("."), a.name) for a in node.names]
        elif isinstance(node, ast.Import):
            names = [tuple(a.name.split(".")) for a in node.names]
        else:
            continue
        found |= {name[1] for name in names if name[0] == "bookext" and len(name) > 1}
    return found


def modules() -> dict[str, Path]:
    paths = (p for p in sorted(ROOT.rglob("*.py")) if "templates" not in p.parts)
    return {p.relative_to(ROOT).with_suffix("").as_posix(): p for p in paths}


def test_every_module_stands_in_a_room() -> None:
    assert {name.split("/")[0] for name in modules()} == {"__init__", *FLOORS}


@pytest.mark.parametrize("name", [n for n in modules() if n != "__init__"])
def test_imports_run_downhill(name) -> None:
    room, *_ = parts = tuple(name.split("/"))
    below = FLOORS[: FLOORS.index(room) + 1]
    assert rooms_of(modules()[name].read_text("utf-8"), parts) <= set(below)


@pytest.mark.parametrize(("line", "room"), [
    ("from ..notebooks import page", "notebooks"), ("from . import key", "chapters"),
    ("from .key import version", "chapters"), ("from .. import site", "site"),
    ("import bookext.pages.cost", "pages"), ("from bookext import pages", "pages"),
    ("def f():\n    from ..pages.cost import cost", "pages"),
])
def test_every_form_of_an_import_is_seen(line, room) -> None:
    assert rooms_of(line, ("chapters", "build")) == {room}
