"""The units of a module: its functions, constants, classes and their methods, as the text has them.

A unit is what a measured number can depend on. Of its text only what can move a number counts:
comments, docstrings, blank lines, annotations of functions and imports of the package are left
out, and so is the module it stands in. Text is cut and never printed anew, since the printer of the
syntax tree differs between versions of Python and a hash must not. A class is one unit with its
bases, decorators and fields; each of its methods is a unit of its own.

All of this reads sources with the standard library alone; nothing is imported or run.
"""

import ast
import io
import symtable
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

Place = tuple[int, int]  # line from 1, column in characters
Chain = tuple[str, ...]  # a.b.c as it stands in the code
FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
DEFINITIONS = FUNCTIONS | ast.ClassDef
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
    clean = _clean(source, tree, package)
    found: dict[str, list[Unit]] = {}
    effects, imports, stars = [], {}, []
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            bound, all_of = _bindings(node, inside)
            imports |= bound
            stars += all_of
            continue
        names = list(_bound(node))
        if _is_docstring(node) or names == ["__all__"]:
            continue
        for name in names or [EFFECTS]:
            unit = _unit(name, node, clean, scopes, inside)
            if names:
                found.setdefault(name, []).append(unit)
            if not names or not _only_binds(node):
                effects.append(unit)
    units = {name: _joined(name, parts) for name, parts in found.items()}
    return Module(units, tuple(dict.fromkeys(effects)), imports, tuple(stars))


def _clean(source: str, tree: ast.Module, package: str) -> list[str]:
    """The lines of a module without what cannot move a number; they keep their places."""
    lines = source.split("\n")
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    cuts = [(t.start, t.end, "") for t in tokens if t.type == tokenize.COMMENT]
    cuts += _cuts(tree, lines, tokens, package)
    taken = (len(lines) + 1, 0)
    for start, end, instead in sorted(cuts, key=lambda cut: cut[1], reverse=True):
        if end > taken:
            continue  # inside a larger cut, such as a comment in an annotation
        (top, left), (bottom, right), taken = start, end, start
        keep = lines[top - 1][:left] + instead + lines[bottom - 1][right:]
        lines[top - 1 : bottom] = [keep] + [""] * (bottom - top)
    return lines


def _cuts(tree, lines: list[str], tokens: list, package: str) -> Iterator[tuple[Place, Place, str]]:
    """What to take out of a text: (from, to, what stands there instead)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | DEFINITIONS) and node.body and _is_docstring(node.body[0]):
            yield *_span(node.body[0], lines), ""
        if isinstance(node, ast.Import | ast.ImportFrom) and _of_package(node, package):
            yield *_span(node, lines), ""
        if isinstance(node, FUNCTIONS):
            yield from _annotations(node, lines, tokens)
            for inner in ast.walk(node):
                if isinstance(inner, ast.AnnAssign) and _owner(node, inner) is node:
                    yield _end(inner.target, lines), _end(inner.annotation, lines), ""


def _annotations(node, lines, tokens) -> Iterator[tuple[Place, Place, str]]:
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
        first = _start(node.returns, lines)
        k = max(i for i, t in enumerate(tokens) if t.string == "->" and t.end <= first)
        yield tokens[k - 1].end, _end(node.returns, lines), ""


def _owner(function, statement):
    """The innermost function or class of ``function`` that the statement stands in."""
    owner = function
    for inner in ast.walk(function):
        if (isinstance(inner, DEFINITIONS) and inner is not function
                and inner.lineno <= statement.lineno <= inner.end_lineno
                and inner.lineno >= owner.lineno):
            owner = inner
    return owner


def _unit(name: str, node, clean: list[str], scopes: list, inside: str) -> Unit:
    if isinstance(node, ast.ClassDef):
        return _class(name, node, clean, scopes, inside)
    first, last = _lines(node)
    scopes = [scope for scope in scopes if first <= scope.get_lineno() <= last]
    return _made(name, _Reader(node, inside), set().union(*map(_globals, scopes)),
                 clean[first - 1 : last], (first, last), runs=isinstance(node, FUNCTIONS))


def _class(name: str, node: ast.ClassDef, clean: list[str], scopes: list, inside: str) -> Unit:
    """A class without its methods, which are its members."""
    first, last = _lines(node)
    scope = next(x for x in scopes if x.get_name() == node.name and first <= x.get_lineno() <= last)
    methods = [x for x in node.body if isinstance(x, FUNCTIONS)]
    own, inner = clean[first - 1 : last], scope.get_children()
    members: dict[str, list[Unit]] = {}
    for method in methods:
        top, bottom = _lines(method)
        own[top - first : bottom - first + 1] = [""] * (bottom - top + 1)
        members.setdefault(method.name, []).append(
            _unit(f"{name}.{method.name}", method, clean, inner, inside))
        inner = [x for x in inner if not top <= x.get_lineno() <= bottom]
    body = [x for x in node.body if x not in methods] or [ast.Pass()]
    rest = ast.ClassDef(node.name, node.bases, node.keywords, body, node.decorator_list)
    outside = {x.get_name() for x in scope.get_symbols() if x.is_global()}
    bases = tuple(c for base in node.bases for c in _Reader(ast.Expr(base), inside).chains)
    return _made(name, _Reader(rest, inside), outside.union(*map(_globals, inner)), own,
                 (first, last), bases=bases, is_class=True,
                 members={k: _joined(f"{name}.{k}", parts) for k, parts in members.items()})


def _made(name: str, reader: "_Reader", within: set[str], text: list[str], lines: tuple[int, int],
          **more) -> Unit:
    outside = reader.outside | within | reader.imports.keys()
    return Unit(name, "\n".join(x.rstrip() for x in text if x.strip()), lines,
                frozenset(c for c in reader.chains if c[0] in outside),
                frozenset(c for c in reader.writes if c[0] in outside),
                frozenset(reader.attributes), frozenset(reader.strings), reader.imports, **more)


def _lines(node: ast.stmt) -> tuple[int, int]:
    return min([node.lineno, *(x.lineno for x in getattr(node, "decorator_list", ()))]), \
        node.end_lineno


class _Reader(ast.NodeVisitor):
    """Names, strings and imports of one statement, annotations and docstrings left out."""

    def __init__(self, node: ast.stmt, inside: str) -> None:
        self.chains: set[Chain] = set()
        self.writes: set[Chain] = set()
        self.outside: set[str] = set()  # read where the statement stands
        self.attributes: set[str] = set()
        self.strings: set[str] = set()
        self.imports: dict[str, str] = {}
        self._inside, self._depth = inside, 0
        self.visit(node)

    def visit_FunctionDef(self, node) -> None:
        a = node.args
        for outer in (*node.decorator_list, *a.defaults, *filter(None, a.kw_defaults)):
            self.visit(outer)
        self._body(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node) -> None:
        for outer in (*node.decorator_list, *node.bases, *(k.value for k in node.keywords)):
            self.visit(outer)
        self._body(node)

    def _body(self, node) -> None:
        self._depth += 1
        for k, statement in enumerate(node.body):
            if k or not _is_docstring(statement):
                self.visit(statement)
        self._depth -= 1

    def visit_Raise(self, node) -> None:
        """What words an error moves no number: whoever catches it names its class."""

    def visit_AnnAssign(self, node) -> None:
        self.visit(node.target)
        if node.value is not None:
            self.visit(node.value)

    def visit_Import(self, node) -> None:
        self.imports |= _bindings(node, self._inside)[0]

    visit_ImportFrom = visit_Import

    def visit_Constant(self, node) -> None:
        if isinstance(node.value, str):
            self.strings.add(node.value)

    def visit_Name(self, node) -> None:
        self._add((node.id,))

    def visit_Attribute(self, node) -> None:
        chain, inner = [node.attr], node.value
        self.attributes.add(node.attr)
        while isinstance(inner, ast.Attribute):
            chain.append(inner.attr)
            self.attributes.add(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name):
            self._add((inner.id, *reversed(chain)))
            if not isinstance(node.ctx, ast.Load):
                self.writes.add((inner.id, *reversed(chain)))
        else:
            self.visit(inner)

    def _add(self, chain: Chain) -> None:
        self.chains.add(chain)
        if not self._depth:
            self.outside.add(chain[0])


def _globals(scope: symtable.SymbolTable) -> set[str]:
    names = {s.get_name() for s in scope.get_symbols() if s.is_global()}
    return names.union(*map(_globals, scope.get_children()))


def _bindings(node, inside: str) -> tuple[dict[str, str], list[str]]:
    """What an import binds, and the modules of which it takes everything."""
    if isinstance(node, ast.Import):
        return {a.asname or a.name.split(".")[0]: a.name if a.asname else a.name.split(".")[0]
                for a in node.names}, []
    parents = inside.split(".")[: len(inside.split(".")) - node.level + 1] if node.level else []
    base = ".".join(parents + ([node.module] if node.module else []))
    bound = {a.asname or a.name: f"{base}:{a.name}" for a in node.names if a.name != "*"}
    return bound, [base for a in node.names if a.name == "*"]


def _of_package(node, package: str) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.level > 0 or node.module.split(".")[0] == package
    return all(a.name.split(".")[0] == package for a in node.names)


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


def _is_docstring(node) -> bool:
    value = getattr(node, "value", None) if isinstance(node, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _start(node, lines: list[str]) -> Place:
    """The tree counts columns in bytes, the tokens in characters."""
    return node.lineno, len(lines[node.lineno - 1].encode()[: node.col_offset].decode())


def _end(node, lines: list[str]) -> Place:
    return node.end_lineno, len(lines[node.end_lineno - 1].encode()[: node.end_col_offset].decode())


def _span(node, lines: list[str]) -> tuple[Place, Place]:
    return _start(node, lines), _end(node, lines)
