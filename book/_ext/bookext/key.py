"""The execution key of a chapter: a hash of everything its outputs depend on.

Outputs depend on the cells, on the package modules they import (directly or not), on the weight,
result and style files those load, and on the versions of torch and numpy. They do not depend on
prose, captions, comments or docstrings, so an edit there makes nothing stale. What a data set is
belongs to the code: loaders check their files against hashes that are written in a module.
"""

import ast
import hashlib
import io
import re
import tokenize
from importlib import metadata
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager

from .book import PACKAGE, Book, code_cells

LOADERS = {"load", "load_result", "result", "receipt"}
DATA_FOLDERS = ("weights", "results")
TAGS_THAT_MATTER = {"raises-exception", "skip-execution"}
LIBRARIES = ("torch", "numpy")


def execution_key(book: Book, notebook) -> str:
    """The key under which the outputs of ``notebook`` are valid."""
    digest = hashlib.sha256()
    for cell in code_cells(notebook):
        tags = sorted(TAGS_THAT_MATTER & set(cell.metadata.get("tags", [])))
        digest.update(f"{tags}\0{cell.source.strip()}\0".encode())
    for path in dependencies(book, notebook):
        text = code_text(path.read_text("utf-8")) if path.suffix == ".py" else None
        content = path.read_bytes() if text is None else text.encode()
        digest.update(path.relative_to(book.code).as_posix().encode() + b"\0" + content + b"\0")
    for name in LIBRARIES:
        digest.update(f"{name}=={version(book, name)}\0".encode())
    return digest.hexdigest()[:20]


def dependencies(book: Book, notebook) -> list[Path]:
    """Files of the package that the chapter's outputs depend on."""
    trees = [_tree(TransformerManager().transform_cell(c.source)) for c in code_cells(notebook)]
    if None in trees:  # a cell that does not parse fails when it runs; until then, assume the worst
        return sorted(p for p in book.package.rglob("*") if p.is_file() and p.suffix != ".pyc")
    files: set[Path] = set()
    for tree in trees:
        files |= _data_files(book, _strings(tree))
    modules = _closure(book, trees)
    for path in modules:
        tree = ast.parse(path.read_text("utf-8"))
        files |= _data_files(book, _loaded(tree))
        files |= {p for s in _strings(tree) if "." in s and "/" not in s
                  for p in [path.parent / s] if p.is_file()}
    return sorted(files | modules)


def code_text(source: str) -> str:
    """``source`` without comments, docstrings and blank lines."""
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) \
                    and isinstance(first.value.value, str):
                for row in range(first.lineno - 1, first.end_lineno):
                    lines[row] = ""
    return "\n".join(line.rstrip() for line in lines if line.strip())


def version(book: Book, name: str) -> str:
    """The installed version of a library; the pinned one where it is not installed."""
    try:
        found = metadata.version(name)
    except metadata.PackageNotFoundError:
        pins = (book.root / "constraints.txt").read_text("utf-8")
        match = re.search(rf"^{name}==(\S+)$", pins, re.M)
        found = match[1] if match else "none"
    return found.split("+")[0]


def _tree(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except SyntaxError:
        return None


def _closure(book: Book, trees: list[ast.Module]) -> set[Path]:
    seen: set[Path] = set()
    todo = [name for tree in trees for name in _imports(tree, [])]
    while todo:
        parts = todo.pop().split(".")
        if parts[0] != PACKAGE:
            continue
        for k in range(1, len(parts) + 1):
            base = book.code.joinpath(*parts[:k])
            for path in (base.with_suffix(".py"), base / "__init__.py"):
                if path.is_file() and path not in seen:
                    seen.add(path)
                    here = parts[:k] if path.name == "__init__.py" else parts[: k - 1]
                    todo += _imports(ast.parse(path.read_text("utf-8")), here)
    return seen


def _imports(tree: ast.Module, here: list[str]) -> set[str]:
    """Dotted names that ``tree`` imports, as part of the package ``here``."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + 1] if node.level else []
            base = base + (node.module.split(".") if node.module else [])
            names |= {".".join([*base, alias.name]) for alias in node.names}
    return names


def _strings(tree: ast.Module) -> set[str]:
    return {n.value for n in ast.walk(tree)
            if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def _loaded(tree: ast.Module) -> set[str]:
    """Literal first arguments of calls that load weights or results."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called in LOADERS:
                names.add(str(node.args[0].value))
    return names


def _data_files(book: Book, names: set[str]) -> set[Path]:
    return {path for folder in DATA_FOLDERS for path in (book.package / folder).glob("*")
            if path.is_file() and (path.name in names or path.stem in names)}
