"""Which tests can notice a change in a module: those whose imports reach it."""

import ast
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "diffusionbook"
# drawing, arguments, display, answers to exercises: mutated only when named
NOT_ARITHMETIC = ("plots", "cli", "page/report", "page/picture", "checks")
OTHER_TESTS = {"site", "book", "tools", "chapters"}  # of the book and its tools, not of a module


@dataclass
class Plan:
    """The tests that reach a module: those of its room that are named after it (all of the room's
    if none is), and the others."""

    own: list[str]
    rest: list[str]


def plan(root: Path, module: str) -> Plan:
    """The test files whose imports reach the module."""
    target = f"{PACKAGE}.{module.replace('/', '.')}"
    graph = {name: _imports(path) for name, path in _modules(root).items()}
    *above, last = module.split("/")
    room = above[0] if above else "."
    near, named, far = [], [], []
    for path in sorted((root / "tests").rglob("test_*.py")):
        place = path.relative_to(root / "tests")
        if place.parts[0] in OTHER_TESTS or target not in _reached(path, graph):
            continue
        is_named = last.removesuffix("s") in place.stem.removeprefix("test_")
        kind = far if place.parent.as_posix() != room else named if is_named else near
        kind.append(path.relative_to(root).as_posix())
    return Plan(named, near + far) if named or not above else Plan(near, far)


def all_modules(root: Path) -> list[str]:
    """Every module of the package that computes something, as a path without its suffix."""
    names = (n.removeprefix(PACKAGE + ".").replace(".", "/")
             for n, path in _modules(root).items() if path.name != "__init__.py")
    return [n for n in names if not f"{n}/".startswith(tuple(f"{a}/" for a in NOT_ARITHMETIC))]


def module_file(root: Path, module: str) -> Path:
    path = root / "code" / PACKAGE / f"{module}.py"
    return path if path.exists() else path.with_suffix("") / "__init__.py"


def _reached(test: Path, graph: dict[str, set[str]]) -> set[str]:
    reached, todo = set(), list(_imports(test) | _helped(test))
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo += graph.get(name, ())
    return reached


def _helped(test: Path) -> set[str]:
    """What the helpers that a test imports name of the package."""
    tests = next(folder for folder in test.parents if folder.name == "tests")
    names = {node.module for node in ast.walk(ast.parse(test.read_text("utf8")))
             if isinstance(node, ast.ImportFrom) and not node.level}
    helpers = [tests / "helpers" / f"{name}.py" for name in names]
    return {found for path in helpers if path.is_file() for found in _imports(path)}


def _modules(root: Path) -> dict[str, Path]:
    """Dotted name → file, for every module of the package."""
    names = {}
    for path in sorted((root / "code" / PACKAGE).rglob("*.py")):
        parts = path.relative_to(root / "code").with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return names


def _imports(path: Path) -> set[str]:
    """Every module of the package that a file's imports may name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf8"))):
        if isinstance(node, ast.Import):
            found |= {a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{a.name}" for a in node.names)}
    return {n for n in found if n.split(".")[0] == PACKAGE}
