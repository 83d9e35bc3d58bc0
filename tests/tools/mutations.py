"""Small arithmetic mistakes, made one at a time in the source text of a module.

Every mutant is one edit of the text: a sign, a factor, an index, alpha for sigma. What no test
should depend on is left alone: docstrings, error messages, annotations, decorators and reprs.
"""

import ast
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

OPERATORS = {
    ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*", ast.FloorDiv: "%", ast.Mod: "//",
}  # fmt: skip
SYMBOL = {ast.Sub: "-", ast.Div: "/", ast.Pow: "**", ast.MatMult: "@"}  # their order counts
COMPARISONS = {
    ast.Lt: ("<=", ">"), ast.LtE: ("<", ">="), ast.Gt: (">=", "<"), ast.GtE: (">", "<="),
    ast.Eq: ("!=",), ast.NotEq: ("==",),
}  # fmt: skip
TWINS = {"cos": "sin", "amax": "amin", "max": "min", "mean": "sum", "p": "q", "t": "s"}
TWINS |= {b: a for a, b in TWINS.items()}
DROPPED = {"sqrt", "rsqrt", "exp", "log", "square", "abs"}
SHORTENED = {"expm1": "exp", "log1p": "log"}
COMMUTE = {"maximum", "minimum", "max", "min", "add", "mul", "dot", "isclose", "allclose", "zip"}
NOT_CODE = {"annotation", "returns", "decorator_list", "msg", "bases", "type_params"}
SILENT = (ast.Raise, ast.JoinedStr, ast.Import, ast.ImportFrom)


@dataclass(frozen=True)
class Mutant:
    """One edit: where it is, the touched lines before and after, and the whole new text."""

    module: str
    line: int
    kind: str
    before: str
    after: str
    text: str


class Source:
    """The text of a module, addressed by the byte offsets that ``ast`` reports."""

    def __init__(self, text: str) -> None:
        self.data = text.encode()
        self.starts = [0]
        for line in self.data.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def span(self, node: ast.AST) -> tuple[int, int]:
        start = self.starts[node.lineno - 1] + node.col_offset
        return start, self.starts[node.end_lineno - 1] + node.end_col_offset

    def of(self, node: ast.AST) -> str:
        start, end = self.span(node)
        return self.data[start:end].decode()

    def edit(self, node: ast.AST, new: str) -> tuple[str, str, str]:
        """The touched lines before and after (white space squeezed), and the whole text after."""
        start, end = self.span(node)
        first, last = self.starts[node.lineno - 1], self.starts[node.end_lineno]
        after = self.data[first:start] + new.encode() + self.data[end:last]
        text = self.data[:first] + after + self.data[last:]
        return squeeze(self.data[first:last].decode()), squeeze(after.decode()), text.decode()


def squeeze(text: str) -> str:
    return " ".join(text.split())


def mutants(module: str, text: str) -> list[Mutant]:
    """All the mutants of a module's text, in the order of its lines."""
    tree, source = ast.parse(text), Source(text)
    plain, found = ast.dump(tree), {}
    for scope, node in _code(tree, tree):
        for kind, new in _edits(node, scope, source):
            before, after, changed = source.edit(node, new)
            try:
                same = ast.dump(ast.parse(changed)) == plain
            except SyntaxError:
                continue
            if not same:
                found.setdefault(changed, Mutant(module, node.lineno, kind, before, after, changed))
    return list(found.values())


def sample(every: list[Mutant], n: int, seed: int) -> list[Mutant]:
    """n mutants, taken in turn from each kind, so that frequent kinds do not crowd out the rest."""
    rng, kinds = random.Random(seed), defaultdict(list)
    for mutant in every:
        kinds[mutant.kind].append(mutant)
    for group in kinds.values():
        rng.shuffle(group)
    order = sorted(kinds)
    rng.shuffle(order)
    rounds = range(max((len(group) for group in kinds.values()), default=0))
    turn = [kinds[kind][i] for i in rounds for kind in order if i < len(kinds[kind])]
    return turn[: n or None]


def _code(node: ast.AST, scope: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """(innermost function, node) for every node whose change should change what the module does."""
    for field, value in ast.iter_fields(node):
        if field in NOT_CODE:
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, SILENT):
                continue
            if isinstance(child, ast.FunctionDef) and child.name in ("__repr__", "__str__"):
                continue
            yield scope, child
            yield from _code(child, child if isinstance(child, ast.FunctionDef) else scope)


def _edits(node: ast.AST, scope: ast.AST, source: Source) -> Iterator[tuple[str, str]]:
    """(kind, new text) for each way of going wrong at this node."""
    if isinstance(node, ast.BinOp) and not _joins(node):
        yield from _binary(node, source)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        yield "sign" if isinstance(node.op, ast.USub) else "logic", f"({source.of(node.operand)})"
    elif isinstance(node, ast.Constant):
        yield from _constant(node.value)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        left, right = source.of(node.left), source.of(node.comparators[0])
        for symbol in COMPARISONS.get(type(node.ops[0]), ()):
            yield "comparison", f"({left} {symbol} {right})"
    elif isinstance(node, ast.BoolOp):
        symbol = " or " if isinstance(node.op, ast.And) else " and "
        yield "logic", "(" + symbol.join(f"({source.of(v)})" for v in node.values) + ")"
    elif isinstance(node, ast.Call):
        yield from _call(node, source)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        if (twin := _twin(node.id)) in _names(scope):
            yield "twin", twin
    elif isinstance(node, ast.Attribute) and (twin := _twin(node.attr)):
        yield "twin", f"{source.of(node.value)}.{twin}"


def _binary(node: ast.BinOp, source: Source) -> Iterator[tuple[str, str]]:
    left, right, op = source.of(node.left), source.of(node.right), type(node.op)
    if op in OPERATORS:
        yield "operator", f"(({left}) {OPERATORS[op]} ({right}))"
    if op in SYMBOL:
        yield "swap", f"(({right}) {SYMBOL[op]} ({left}))"
    if op in (ast.Mult, ast.Div, ast.MatMult):
        for factor in ("-", "2 * ", "0.5 * "):
            yield "sign" if factor == "-" else "factor", f"({factor}({source.of(node)}))"


def _constant(value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, bool):
        yield "logic", str(not value)
    elif isinstance(value, int):
        yield "index", str(value + 1)
        yield "index", f"({value - 1})"
    elif isinstance(value, float):
        yield "factor", repr(2 * value if value else 1.0)


def _call(node: ast.Call, source: Source) -> Iterator[tuple[str, str]]:
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    inner = node.args[0] if node.args else getattr(node.func, "value", None)
    if name in DROPPED and len(node.args) <= 1 and inner is not None:
        yield "dropped", f"({source.of(inner)})"
    if name in SHORTENED:
        head = source.of(node.func).removesuffix(name) + SHORTENED[name]
        yield "dropped", head + source.of(node).removeprefix(source.of(node.func))
    plain = [a for a in node.args[:2] if isinstance(a, ast.Name | ast.Attribute | ast.Constant)]
    if len(plain) == 2 and name not in COMMUTE | {"isinstance", "getattr", "expand"}:
        rest = [source.of(a) for a in node.args[2:]]
        rest += [f"{k.arg}={source.of(k.value)}" if k.arg else f"**{source.of(k.value)}"
                 for k in node.keywords]  # fmt: skip
        args = ", ".join([source.of(plain[1]), source.of(plain[0]), *rest])
        yield "swap", f"{source.of(node.func)}({args})"


def _twin(name: str) -> str | None:
    """The name it is easily mistaken for: alpha for sigma, cos for sin, t for s."""
    if "alpha" in name:
        return name.replace("alpha", "sigma")
    if "sigma" in name:
        return name.replace("sigma", "alpha")
    return TWINS.get(name)


def _names(scope: ast.AST) -> set[str]:
    names = {n.id for n in ast.walk(scope) if isinstance(n, ast.Name)}
    return names | {a.arg for a in ast.walk(scope) if isinstance(a, ast.arg)}


def _joins(node: ast.BinOp) -> bool:
    """A + or * that joins text, tuples or lists is not arithmetic."""
    kinds = (ast.JoinedStr, ast.List, ast.Tuple)
    text = [n for n in (node.left, node.right) if isinstance(n, ast.Constant)]
    return any(isinstance(n, kinds) for n in (node.left, node.right)) or any(
        isinstance(n.value, str) for n in text
    )
