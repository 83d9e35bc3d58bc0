"""Whether two texts of a unit are the same but for what cannot move a number: refusals and names.

Where a tiny run does not pass through a unit whose text has changed, reading must show that the
change is harmless. It is so where nothing that ran makes an object of the unit's class, and for two
kinds of change: a check that raises or does nothing, and a name that was given anew everywhere, so
that the older name is no word of any module that is reached now, and the newer was none of those
that were reached before.
"""

import ast
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping

from diffusionbook.evidence.sources import EXTERNAL, Node, Package
from diffusionbook.evidence.text import FUNCTIONS

CHECKS = ".arguments"  # the module whose functions raise or do nothing
PIECES = re.compile(r"'\w+'|[^']+|'")
WORD = re.compile(r"[A-Za-z_]\w*")

Words = frozenset[str]
Edges = Mapping[Node, Mapping[str, Node]]


def same(then: Package, old: Node, now: Package, new: Node, words: tuple[Words, Words]) -> bool:
    """Whether a unit of one package is a unit of another, but for refusals and new names.

    Args:
        then: the older package.
        old: its unit.
        now: the newer one.
        new: the unit of it that is asked about.
        words: every word in the modules that a measurement reaches, of both: see :func:`words_of`.
    """
    before, after = (PIECES.findall(_plain(package, node))
                     for package, node in ((then, old), (now, new)))
    return len(before) == len(after) and all(
        a == b or _renamed(a.strip("'"), b.strip("'"), words)
        for a, b in zip(before, after, strict=True))


def refuses_only(package: Package, node: Node) -> bool:
    """Whether a unit can do no more than raise: one of the checks, or a method made of refusals."""
    if node[0].endswith(CHECKS):
        return True
    (definition,) = ast.parse(textwrap.dedent(package.unit(node).text)).body
    held = isinstance(definition, FUNCTIONS) and _plain_tree(package, node).body[0]
    return bool(held) and all(_only_reads(x) for x in held.body)


def never_made(package: Package, node: Node, ran: Iterable[Node], edges: Edges) -> bool:
    """Whether a method's class is only asked about, by ``isinstance``, in all units that ran: then
    there is no object whose method could be called."""
    owner, _, method = node[1].partition(".")
    if not method:
        return False
    return all(_asks_only(package, unit, chain.rpartition(" ")[0].split(".")[0])
               for unit in ran for chain, to in edges.get(unit, {}).items()
               if to == (node[0], owner) and not chain.startswith("."))


def words_of(package: Package, modules: Iterable[str]) -> Words:
    """Every word in the code of some modules: names, attributes, arguments, strings."""
    found: set[str] = set()
    for name in set(modules):
        for node in ast.walk(ast.parse(package.path(name).read_text("utf-8"))):
            for part in ("id", "attr", "arg", "name"):
                found.add(getattr(node, part, None) or "")
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)  # a name may be asked for as a string
    return frozenset(found)


def _renamed(a: str, b: str, words: tuple[Words, Words]) -> bool:
    return bool(WORD.fullmatch(a) and WORD.fullmatch(b)) and a not in words[1] and b not in words[0]


def _only_reads(statement: ast.stmt) -> bool:
    """Whether a statement gives names to what is only looked at: what a refusal needs."""
    return isinstance(statement, ast.Assign | ast.Pass) and all(
        isinstance(target, ast.Name) for target in getattr(statement, "targets", ()))


def _asks_only(package: Package, node: Node, name: str) -> bool:
    tree = ast.parse(_text(package, node))
    inside = {id(part) for call in ast.walk(tree) if isinstance(call, ast.Call)
              and getattr(call.func, "id", "") == "isinstance" for part in ast.walk(call.args[1])}
    return all(id(part) in inside for part in ast.walk(tree)
               if isinstance(part, ast.Name) and part.id == name)


def _text(package: Package, node: Node) -> str:
    text = textwrap.dedent(package.unit(node).text)
    try:
        ast.parse(text)
    except SyntaxError:  # a class with nothing but methods
        return f"{text}\n    pass"
    return text


def _plain(package: Package, node: Node) -> str:
    return ast.dump(_plain_tree(package, node))


def _plain_tree(package: Package, node: Node) -> ast.Module:
    """The tree of a unit's text without its refusals, and without modules before their names."""
    unit, imports = package.unit(node), package.module(node[0]).imports
    known = {**imports, **unit.imports}

    def is_module(name: str) -> bool:
        return name in known and package.is_module(known[name].replace(":", "."))

    def checks(name: str) -> bool:
        found = package.named(node[0], (name,), unit) if name in known else ()
        return bool(found) and all(place != EXTERNAL and refuses_only(package, (place, unit))
                                   for place, unit in found)

    return _Plain(is_module, checks).visit(ast.parse(_text(package, node)))


class _Plain(ast.NodeTransformer):
    def __init__(self, is_module: Callable[[str], bool], checks: Callable[[str], bool]) -> None:
        self._is_module, self._checks = is_module, checks

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and self._is_module(node.value.id):
            return ast.Name(node.attr, node.ctx)
        return self.generic_visit(node)

    def generic_visit(self, node: ast.AST) -> ast.AST:
        for field in ("body", "orelse"):
            if isinstance(held := getattr(node, field, None), list):
                setattr(node, field, list(self._kept(held)))
        return super().generic_visit(node)

    def _kept(self, statements: list[ast.stmt]) -> Iterator[ast.stmt]:
        return (x for x in statements if not self._refuses(x))

    def _refuses(self, node: ast.stmt) -> bool:
        """Whether a statement raises or does nothing."""
        match node:
            case ast.Raise():
                return True
            case ast.If(body=[*_, ast.Raise()], orelse=[]):
                return True
            case ast.If(body=body, orelse=[]) | ast.For(body=body, orelse=[]):
                return all(map(self._refuses, body))
            case ast.Expr(value=ast.Call(func=ast.Name(id=name))):
                return self._checks(name)
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=module)))):
                return self._checks(module)
        return False
