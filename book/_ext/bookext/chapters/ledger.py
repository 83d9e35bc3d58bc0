"""The ledger: labelled equations, the functions that implement them, the tests that verify them.

It reads sources only and imports nothing, so a gap shows as a gap and never as an import error.
"""

import ast
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from sphinx_external_toc.parsing import parse_toc_yaml

from ..book import Book

DIRECTIVE = re.compile(
    r"^[ \t]*(?:`{3,}|:{3,}|~{3,})\{math\}[^\n]*\n(?:[ \t]*:[\w-]+:[^\n]*\n)*", re.M)
OPTION = re.compile(r"^[ \t]*:label:[ \t]*(\S+)", re.M)
DOLLARS = re.compile(r"\$\$[ \t]*\(([^)\s]+)\)[ \t]*$", re.M)
ROLE = re.compile(r":eq:`(?:[^`<]*<)?([^`>]+)>?`")


@dataclass(frozen=True, order=True)
class Place:
    """Where something stands: a file inside the repository, a line, and its dotted name."""

    file: str
    line: int
    name: str = ""
    skipped: bool = False


@dataclass
class Ledger:
    equations: dict[str, list[Place]] = field(default_factory=dict)
    functions: dict[str, list[Place]] = field(default_factory=dict)
    tests: dict[str, list[Place]] = field(default_factory=dict)
    definitions: dict[str, str] = field(default_factory=dict)

    def problems(self) -> list[str]:
        """Every gap, one line each, in the words of what to do about it."""
        found = []
        for label, places in self.equations.items():
            at = f"{label} ({places[0].file}:{places[0].line})"
            if not label.startswith("eq-"):
                found.append(f"{at}: labels of equations start with eq-")
            if len(places) > 1:
                found.append(f"{at}: labelled again at {places[1].file}:{places[1].line}")
            if label in self.definitions:
                continue
            if label not in self.functions:
                found.append(f"{at}: no docstring of the package says :eq:`{label}`")
            tests = self.tests.get(label, [])
            if not tests:
                found.append(f'{at}: no test is marked @pytest.mark.equation("{label}")')
            elif all(test.skipped for test in tests):
                found.append(f"{at}: its tests are always skipped")
        for what, table in (("docstring", self.functions), ("test", self.tests)):
            for label, places in table.items():
                if label not in self.equations:
                    found += [f"{p.file}:{p.line}: the {what} of {p.name} names {label}, "
                              "which labels no equation" for p in places]
        for label, reason in self.definitions.items():
            if label not in self.equations:
                found.append(f"book/definitions.toml: {label} labels no equation")
            if not reason.strip():
                found.append(f"book/definitions.toml: {label} has no reason")
        return found


def read(book: Book) -> Ledger:
    """The ledger of the book as its sources are now."""
    ledger = Ledger()
    for docname in sorted(parse_toc_yaml(book.root / "_toc.yml")):
        if book.source(docname).is_file():
            _equations(book.root, book.source(docname), ledger.equations)
    for path in sorted(book.package.rglob("*.py")):
        _functions(book, path, ledger.functions)
    for path in sorted((book.root / "tests").rglob("test_*.py")):
        _tests(book.root, path, ledger.tests)
    path = book.root / "book" / "definitions.toml"
    if path.is_file():
        entries = tomllib.loads(path.read_text("utf-8"))
        ledger.definitions = {label: entry.get("reason", "") for label, entry in entries.items()}
    return ledger


def _equations(root: Path, path: Path, table: dict) -> None:
    text = path.read_text("utf-8")
    labels = [(m.start() + o.start(), o[1]) for m in DIRECTIVE.finditer(text)
              for o in OPTION.finditer(m[0])]
    labels += [(m.start(), m[1]) for m in DOLLARS.finditer(text)]
    for position, label in sorted(labels):
        line = text.count("\n", 0, position) + 1
        table.setdefault(label, []).append(Place(path.relative_to(root).as_posix(), line))


def _functions(book: Book, path: Path, table: dict) -> None:
    parts = path.relative_to(book.code).with_suffix("").parts
    module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def visit(node, name):
        for label in dict.fromkeys(ROLE.findall(ast.get_docstring(node) or "")):
            place = Place(path.relative_to(book.root).as_posix(), getattr(node, "lineno", 1), name)
            table.setdefault(label, []).append(place)
        for child in node.body:
            if isinstance(child, ast.ClassDef | ast.FunctionDef):
                visit(child, f"{name}.{child.name}")

    visit(ast.parse(path.read_text("utf-8")), module)


def _tests(root: Path, path: Path, table: dict) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    file = path.relative_to(root).as_posix()
    everywhere = [node.value for node in tree.body if isinstance(node, ast.Assign)
                  and any(getattr(t, "id", "") == "pytestmark" for t in node.targets)]
    module_marks = [m for v in everywhere for m in (v.elts if hasattr(v, "elts") else [v])]
    gone = any(_calls_skip(statement) for statement in tree.body)

    def visit(body, marks, prefix):
        for node in body:
            if isinstance(node, ast.ClassDef):
                visit(node.body, marks + node.decorator_list, f"{prefix}{node.name}::")
            elif isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
                own = marks + node.decorator_list
                skipped = gone or any(map(_skips, own)) or any(map(_calls_skip, node.body))
                for label in dict.fromkeys(x for mark in own for x in _labels(mark)):
                    place = Place(file, node.lineno, prefix + node.name, skipped)
                    table.setdefault(label, []).append(place)

    visit(tree.body, module_marks, "")


def _labels(mark) -> list[str]:
    if isinstance(mark, ast.Call) and getattr(mark.func, "attr", "") == "equation":
        return [a.value for a in mark.args if isinstance(a, ast.Constant)]
    return []


def _skips(mark) -> bool:
    """Whether a mark skips the test wherever it runs."""
    call = mark.func if isinstance(mark, ast.Call) else mark
    if getattr(call, "attr", "") == "skip":
        return True
    return (getattr(call, "attr", "") == "skipif" and bool(mark.args)
            and isinstance(mark.args[0], ast.Constant) and bool(mark.args[0].value))


def _calls_skip(statement) -> bool:
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and ast.unparse(call.func) in ("pytest.skip", "skip")


