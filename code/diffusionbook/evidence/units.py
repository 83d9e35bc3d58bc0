"""The units of a module: its functions, constants, classes and their methods, as the text has them.

A unit is what a measured number can depend on. Of its text only what can move a number counts, and
the module it stands in does not. A class is one unit with its bases, decorators and fields; each of
its methods is a unit of its own.

All of this reads sources with the standard library alone; nothing is imported or run.
"""

import ast
import symtable
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from diffusionbook.evidence.names import Chain, Reader, bindings, globals_in
from diffusionbook.evidence.text import DEFINITIONS, FUNCTIONS, clean, is_docstring

EFFECTS = "module"  # the name of what a module does besides defining things


@dataclass(frozen=True)
class Unit:
    """One function, method, constant or class; or a statement of a module that does something.

    Attributes:
        name: its own, of a method ``"Class.method"``; or ``EFFECTS``.
        text: what of its source can move a number.
        lines: the first and the last line in the module, decorators included.
        uses: names of the module's scope that it reads, with the attributes asked of them.
        writes: those of them whose attributes it sets.
        attributes: every attribute that it asks of anything.
        strings: all its string constants but docstrings.
        imports: what it imports itself; see :class:`Module`.
        bases: of a class, the names of its bases.
        members: of a class, its methods by name.
        runs: whether it is a function or a method.
        is_class: whether it is a class.
    """

    name: str
    text: str
    lines: tuple[int, int]
    uses: frozenset[Chain]
    writes: frozenset[Chain]
    attributes: frozenset[str]
    strings: frozenset[str]
    imports: dict[str, str] = field(hash=False)
    bases: tuple[Chain, ...] = ()
    members: dict[str, "Unit"] = field(default_factory=dict, hash=False)
    runs: bool = False
    is_class: bool = False


@dataclass(frozen=True)
class Module:
    """What a module holds.

    Attributes:
        units: definitions by name; one that is bound more than once is all its statements.
        effects: statements that are no definitions, such as an ``if`` or a call.
        imports: for each imported name what it stands for: ``"a.b"`` for a module, ``"a.b:c"``
            for the name c in it.
        stars: modules whose names are all imported.
    """

    units: dict[str, Unit]
    effects: tuple[Unit, ...]
    imports: dict[str, str]
    stars: tuple[str, ...]


@lru_cache(maxsize=2048)
def read(source: str, inside: str, package: str) -> Module:
    """The units of a module's source.

    Args:
        source: its text.
        inside: the dotted package it lies in, for relative imports.
        package: the top package, whose imports are followed and not hashed.

    Raises:
        ValueError: `source` is not Python.
    """
    source = source.replace("\r\n", "\n")
    try:
        tree = ast.parse(source)
        scopes = symtable.symtable(source, "module", "exec").get_children()
    except SyntaxError as error:
        raise ValueError(f"source: line {error.lineno} is not Python: {error.msg}") from None
    cleaned = clean(source, tree, package)
    found: dict[str, list[Unit]] = {}
    effects, imports, stars = [], {}, []
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            bound, all_of = bindings(node, inside)
            imports |= bound
            stars += all_of
            continue
        names = list(_bound(node))
        if is_docstring(node) or names == ["__all__"]:
            continue
        for name in names or [EFFECTS]:
            unit = _unit(name, node, cleaned, scopes, inside)
            if names:
                found.setdefault(name, []).append(unit)
            if not names or not _only_binds(node):
                effects.append(unit)
    units = {name: _joined(name, parts) for name, parts in found.items()}
    return Module(units, tuple(dict.fromkeys(effects)), imports, tuple(stars))


def _unit(name: str, node, lines: list[str], scopes: list, inside: str) -> Unit:
    if isinstance(node, ast.ClassDef):
        return _class(name, node, lines, scopes, inside)
    first, last = _lines(node)
    scopes = [scope for scope in scopes if first <= scope.get_lineno() <= last]
    return _made(name, Reader(node, inside), set().union(*map(globals_in, scopes)),
                 lines[first - 1 : last], (first, last), runs=isinstance(node, FUNCTIONS))


def _class(name: str, node: ast.ClassDef, lines: list[str], scopes: list, inside: str) -> Unit:
    """A class without its methods, which are its members."""
    first, last = _lines(node)
    scope = next(x for x in scopes if x.get_name() == node.name and first <= x.get_lineno() <= last)
    methods = [x for x in node.body if isinstance(x, FUNCTIONS)]
    own, inner = lines[first - 1 : last], scope.get_children()
    members: dict[str, list[Unit]] = {}
    for method in methods:
        top, bottom = _lines(method)
        own[top - first : bottom - first + 1] = [""] * (bottom - top + 1)
        members.setdefault(method.name, []).append(
            _unit(f"{name}.{method.name}", method, lines, inner, inside))
        inner = [x for x in inner if not top <= x.get_lineno() <= bottom]
    body = [x for x in node.body if x not in methods] or [ast.Pass()]
    rest = ast.ClassDef(node.name, node.bases, node.keywords, body, node.decorator_list)
    outside = {x.get_name() for x in scope.get_symbols() if x.is_global()}
    bases = tuple(c for base in node.bases for c in Reader(ast.Expr(base), inside).chains)
    return _made(name, Reader(rest, inside), outside.union(*map(globals_in, inner)), own,
                 (first, last), bases=bases, is_class=True,
                 members={k: _joined(f"{name}.{k}", parts) for k, parts in members.items()})


def _made(name: str, reader: Reader, within: set[str], text: list[str], lines: tuple[int, int],
          **more) -> Unit:
    outside = reader.outside | within | reader.imports.keys()
    return Unit(name, "\n".join(x.rstrip() for x in text if x.strip()), lines,
                frozenset(c for c in reader.chains if c[0] in outside),
                frozenset(c for c in reader.writes if c[0] in outside),
                frozenset(reader.attributes), frozenset(reader.strings), reader.imports, **more)


def _lines(node: ast.stmt) -> tuple[int, int]:
    return min([node.lineno, *(x.lineno for x in getattr(node, "decorator_list", ()))]), \
        node.end_lineno


def _only_binds(node: ast.stmt) -> bool:
    """Whether a statement does no more than bind names; an import that may fail is of that kind."""
    if isinstance(node, ast.Try | ast.If):
        inner = [x for x in ast.walk(node) if isinstance(x, ast.stmt) and x is not node]
        return all(_only_binds(x) for x in inner)
    return isinstance(node, DEFINITIONS | ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Import
                      | ast.ImportFrom | ast.Pass | ast.Raise)


def _bound(node: ast.AST) -> Iterator[str]:
    """Names that a statement of a module binds, those inside an ``if`` or ``try`` included."""
    if isinstance(node, DEFINITIONS):
        yield node.name
        return
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from (a.asname or a.name.split(".")[0] for a in node.names)
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            yield child.id
        elif isinstance(child,
                                ast.stmt | ast.excepthandler | ast.withitem
                                | ast.Tuple | ast.List | ast.Starred):
            yield from _bound(child)


def _joined(name: str, parts: list[Unit]) -> Unit:
    """One unit of all statements that bind a name, such as a property and its setter."""
    if len(parts) == 1:
        return parts[0]

    def all_of(key: str) -> frozenset:
        return frozenset().union(*(getattr(part, key) for part in parts))

    return Unit(name, "\n".join(p.text for p in parts),
                (min(p.lines[0] for p in parts), max(p.lines[1] for p in parts)),
                all_of("uses"), all_of("writes"), all_of("attributes"), all_of("strings"),
                {k: v for p in parts for k, v in p.imports.items()},
                tuple(c for p in parts for c in p.bases),
                {k: v for p in parts for k, v in p.members.items()},
                any(p.runs for p in parts), any(p.is_class for p in parts))
