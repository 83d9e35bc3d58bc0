"""Which files a piece of code depends on, and one digest of them.

A number in the book is trusted only while the code that made it is unchanged. This module says
what that code is: the package modules that are imported, the modules *those* import, and so on,
found by reading the sources, never by running them. It needs the standard library alone, so a
machine without PyTorch can ask whether a page or a result is stale.

A dependency is *mentioned* in one of two ways: by an import, or by a string that names a shipped
thing. ``zoo.load("spiral-mlp")`` imports nothing, yet it depends on ``recipes/spiral_mlp.py``
and on ``weights/spiral-mlp.*``; so a string constant that equals the name of a recipe, a weights
file or a result counts as a mention of it. Too many mentions cost a re-run, too few a wrong page.
"""

import ast
import hashlib
import io
import json
import re
import tokenize
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MAGIC = re.compile(r"^(\s*)[%!].*$", re.M)


@lru_cache(maxsize=1024)  # a build asks for the same modules for every chapter and result
def mentions(source: str, package: str = "") -> frozenset[str]:
    """What `source` imports (dotted names) and the strings it holds.

    Args:
        source: Python text; lines that are notebook magics (``%…``, ``!…``) are skipped.
        package: dotted package that `source` lives in, for relative imports.

    Returns:
        Dotted names and string constants, in one set. ``from a.b import c`` gives ``a.b`` and
        ``a.b.c``, because ``c`` may be a module.

    Raises:
        ValueError: `source` is not Python.
    """
    try:
        tree = ast.parse(MAGIC.sub(r"\1pass", source))
    except SyntaxError as error:
        raise ValueError(f"source: line {error.lineno} is not Python: {error.msg}") from None
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1]
            above = parents if node.level else []
            base = ".".join(above + ([node.module] if node.module else []))
            found |= {base} | {f"{base}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return frozenset(found)


def files(names: Iterable[str], root: Path = PACKAGE) -> list[Path]:
    """Every file of the package that `names` depend on: modules, weights, receipts, results.

    Args:
        names: dotted module names, or what :func:`mentions` found in a cell. Names from outside
            the package are ignored.
        root: the folder of the package; its name is the package's name.

    Returns:
        Absolute paths, sorted, each once. A result that is mentioned is included as a file, and
        not the experiment that wrote it: ask ``results.stale`` whether the two still agree.

    Raises:
        ValueError: a name of the package for which there is no module.
    """
    root = Path(root).resolve()
    found, todo = set(), [p for name in sorted(set(names)) for p in _resolve(name, root)]
    while todo:
        path = todo.pop()
        if path in found:
            continue
        found.add(path)
        if path.suffix == ".py":
            inside = ".".join(path.relative_to(root.parent).parent.parts)
            text = path.read_text("utf-8")
            todo += [p for name in mentions(text, inside) for p in _resolve(name, root)]
    return sorted(found)


def digest(paths: Iterable[Path], root: Path = PACKAGE) -> str:
    """SHA-256 (64 hex digits) of the paths' names and contents, in sorted order.

    Of a Python file only the code counts: its comments, docstrings, blank lines and line endings
    are left out, so mending a sentence makes nothing stale. All Python versions agree on it.
    """
    root, total = Path(root).resolve(), hashlib.sha256()
    for path in sorted({Path(p).resolve() for p in paths}):
        inside = path.is_relative_to(root.parent)
        name = path.relative_to(root.parent).as_posix() if inside else path.name
        total.update(name.encode() + b"\0" + hashlib.sha256(content(path)).digest())
    return total.hexdigest()


def content(path: Path) -> bytes:
    """What :func:`digest` hashes of one file; of a text, whatever its line endings are."""
    raw = path.read_bytes()
    if path.suffix == ".py":
        return code_only(raw.decode("utf-8")).encode()
    if path.suffix == ".json" and path.parent.name in ("results", "weights"):
        raw = _numbers(raw)
    return raw if b"\0" in raw else raw.replace(b"\r\n", b"\n")


def _numbers(raw: bytes) -> bytes:
    """A result or receipt without the record of what its numbers can reach: pages show the numbers,
    and a record may be renewed while they stand."""
    try:
        held = json.loads(raw)
        if "evidence" in held:
            kept = {k: v for k, v in held.items() if k != "evidence"}
            if "numbers" in kept:
                del kept["sha256"]  # the seal of all, the record included
            return json.dumps(kept, sort_keys=True).encode()
    except (ValueError, TypeError, RecursionError):
        pass  # damaged: whoever reads it will say so
    return raw


@lru_cache(maxsize=1024)
def code_only(source: str) -> str:
    """`source` without comments, docstrings, blank lines and trailing spaces.

    Text is cut out and nothing is printed anew, because the syntax tree and its printer differ
    between Python versions and a digest must not.
    """
    source = source.replace("\r\n", "\n")
    lines = source.split("\n")
    cuts = [[t.start, t.end] for t in tokenize.generate_tokens(io.StringIO(source).readline)
            if t.type == tokenize.COMMENT]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            value = getattr(first, "value", None) if isinstance(first, ast.Expr) else None
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                ends = (value.lineno, value.col_offset), (value.end_lineno, value.end_col_offset)
                # The tree counts columns in bytes, the tokens in characters.
                cuts.append([(i, len(lines[i - 1].encode()[:k].decode())) for i, k in ends])
    for (top, left), (bottom, right) in sorted(cuts, reverse=True):
        keep = lines[top - 1][:left] + lines[bottom - 1][right:]
        lines[top - 1 : bottom] = [keep] + [""] * (bottom - top)
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _resolve(name: str, root: Path) -> list[Path]:
    """Files that one mention stands for, without what they import in turn."""
    first, *rest = name.split(".")
    if first == root.name and all(part.isidentifier() or part == "*" for part in rest):
        return _modules(name, rest, root)
    if not NAME.fullmatch(name):
        return []
    shipped = [root / "weights" / f"{name}.json", root / "weights" / f"{name}.safetensors",
               root / "results" / f"{name}.json"]
    recipe = root / "recipes" / f"{name.replace('-', '_')}.py"
    modules = _modules(name, ["recipes", recipe.stem], root) if recipe.is_file() else []
    return modules + [path for path in shipped if path.is_file()]


def _modules(name: str, parts: list[str], root: Path) -> list[Path]:
    """The module `parts` below `root`, and the ``__init__.py`` of every package on the way."""
    found, folder = [], root
    for k in range(len(parts) + 1):
        init = folder / "__init__.py"
        found += [init] if init.is_file() else []
        if k == len(parts):
            return found
        module = folder / f"{parts[k]}.py"
        if module.is_file():
            return [*found, module]  # what follows are attributes of the module
        if not (folder / parts[k]).is_dir():
            # An attribute of a package can only be what its __init__.py defines.
            if not (init.is_file() and parts[k] != "*" and code_only(init.read_text("utf-8"))):
                raise ValueError(f"names: there is no module {name!r} in {root.parent}")
            return found
        folder = folder / parts[k]
    return found
