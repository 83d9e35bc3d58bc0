"""The text of a module without what cannot move a number.

Comments, docstrings, annotations of functions and imports of the package are cut out. Nothing is
printed anew, since the printer of the syntax tree differs between versions of Python and a hash
must not.
"""

import ast
import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

Place = tuple[int, int]  # line from 1, column in characters
FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
DEFINITIONS = FUNCTIONS | ast.ClassDef
STATEMENTS = ast.stmt | ast.excepthandler | ast.match_case  # what may hold statements
# A string, whose # is no comment, or a comment. Python's own tokenizer finds the same, but would
# take a third of the time in which the whole book is asked.
STRING_OR_COMMENT = re.compile(r"""(\"{3}|'{3}|"|')(?:\\.|(?!\1).)*\1|\#[^\n]*""", re.DOTALL)


def clean(source: str, tree: ast.Module, package: str) -> list[str]:
    """The lines of a module without what cannot move a number; they keep their places."""
    lines = source.split("\n")
    cuts = [*_comments(source, lines), *_cuts(tree, lines, package)]
    taken = (len(lines) + 1, 0)
    for start, end, instead in sorted(cuts, key=lambda cut: cut[1], reverse=True):
        if end > taken:
            continue  # inside a larger cut, such as a comment in an annotation
        (top, left), (bottom, right), taken = start, end, start
        keep = lines[top - 1][:left] + instead + lines[bottom - 1][right:]
        lines[top - 1 : bottom] = [keep] + [""] * (bottom - top)
    return lines


def _comments(source: str, lines: list[str]) -> Iterator[tuple[Place, Place, str]]:
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    for found in STRING_OR_COMMENT.finditer(source):
        if found[0].startswith("#"):
            line = bisect_right(starts, found.start())
            column = found.start() - starts[line - 1]
            yield (line, column), (line, column + len(found[0])), ""


def _cuts(tree, lines: list[str], package: str) -> Iterator[tuple[Place, Place, str]]:
    """What else to take out of a text: (from, to, what stands there instead)."""
    todo = [(tree, None)]  # each node with the innermost function or class that it stands in
    while todo:
        node, owner = todo.pop()
        within = node if isinstance(node, DEFINITIONS) else owner
        todo += [(child, within) for child in ast.iter_child_nodes(node)
                 if isinstance(child, STATEMENTS)]
        if isinstance(node, ast.Module | DEFINITIONS) and node.body and is_docstring(node.body[0]):
            yield *_span(node.body[0], lines), ""
        elif isinstance(node, ast.Import | ast.ImportFrom) and _of_package(node, package):
            yield *_span(node, lines), ""
        elif isinstance(node, ast.AnnAssign) and isinstance(owner, FUNCTIONS):
            yield _end(node.target, lines), _end(node.annotation, lines), ""
        if isinstance(node, FUNCTIONS):
            yield from _annotations(node, lines)


def _annotations(node, lines) -> Iterator[tuple[Place, Place, str]]:
    """Those of one function, with the spaces that styles put around a default after one."""
    a = node.args
    plain = [*a.posonlyargs, *a.args]
    defaults = [None] * (len(plain) - len(a.defaults)) + list(a.defaults)
    pairs = [*zip(plain, defaults, strict=True), *zip(a.kwonlyargs, a.kw_defaults, strict=True),
             (a.vararg, None), (a.kwarg, None)]
    for arg, default in pairs:
        if arg is not None and arg.annotation is not None:
            line, column = _start(arg, lines)
            if default is None:
                yield (line, column + len(arg.arg)), _end(arg.annotation, lines), ""
            else:
                yield (line, column + len(arg.arg)), _start(default, lines), "="
    if node.returns is not None:
        line, column = _start(node.returns, lines)
        before = lines[line - 1][:column]
        while "->" not in before:
            line -= 1
            before = lines[line - 1]
        yield (line, len(before[: before.rindex("->")].rstrip())), _end(node.returns, lines), ""


def is_docstring(node) -> bool:
    value = getattr(node, "value", None) if isinstance(node, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _of_package(node, package: str) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.level > 0 or node.module.split(".")[0] == package
    return all(a.name.split(".")[0] == package for a in node.names)


def _start(node, lines: list[str]) -> Place:
    """The tree counts columns in bytes, the tokens in characters."""
    return node.lineno, len(lines[node.lineno - 1].encode()[: node.col_offset].decode())


def _end(node, lines: list[str]) -> Place:
    return node.end_lineno, len(lines[node.end_lineno - 1].encode()[: node.end_col_offset].decode())


def _span(node, lines: list[str]) -> tuple[Place, Place]:
    return _start(node, lines), _end(node, lines)
