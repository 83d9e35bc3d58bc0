"""Which tests can notice a change in a module: those whose imports reach it."""

import ast
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "diffusionbook"
# drawing, arguments, display, answers to exercises: mutated only when named
NOT_ARITHMETIC = {"plots", "cli", "report", "picture", "checks"}
OTHER_TESTS = {"site", "book", "tools", "chapters"}  # of the book and its tools, not of a module


@dataclass
class Plan:
    """The tests that reach a module: those named after it, and the others."""

    own: list[str]
    rest: list[str]


def plan(root: Path, module: str) -> Plan:
    """The test files whose imports reach the module."""
    target = f"{PACKAGE}.{module.replace('/', '.')}"
    graph = {name: _imports(path) for name, path in _modules(root).items()}
    own, rest = [], []
    for path in sorted((root / "tests").rglob("test_*.py")):
        place = path.relative_to(root / "tests")
        if place.parts[0] in OTHER_TESTS or target not in _reached(path, graph):
            continue
        name, last = place.stem.removeprefix("test_"), module.split("/")[-1]
        named = last.removesuffix("s") in name or module.replace("/", "_") in name
        (own if named else rest).append(path.relative_to(root).as_posix())
    return Plan(own, rest)


def all_modules(root: Path) -> list[str]:
    """Every module of the package that computes something, as a path without its suffix."""
    names = (n.removeprefix(PACKAGE + ".").replace(".", "/") for n in _modules(root))
    return [n for n in names if n.split("/")[0] not in NOT_ARITHMETIC and n != PACKAGE]


def module_file(root: Path, module: str) -> Path:
    path = root / "code" / PACKAGE / f"{module}.py"
    return path if path.exists() else path.with_suffix("") / "__init__.py"


def _reached(test: Path, graph: dict[str, set[str]]) -> set[str]:
    reached, todo = set(), list(_imports(test))
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo += graph.get(name, ())
    return reached


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
