"""The names, strings and imports that a statement reads, and which of them are its module's."""

import ast
import symtable

from diffusionbook.evidence.text import is_docstring

Chain = tuple[str, ...]  # a.b.c as it stands in the code


class Reader(ast.NodeVisitor):
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
            if k or not is_docstring(statement):
                self.visit(statement)
        self._depth -= 1

    def visit_Raise(self, node) -> None:
        """What words an error moves no number: whoever catches it names its class."""

    def visit_AnnAssign(self, node) -> None:
        self.visit(node.target)
        if node.value is not None:
            self.visit(node.value)

    def visit_Import(self, node) -> None:
        self.imports |= bindings(node, self._inside)[0]

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


def globals_in(scope: symtable.SymbolTable) -> set[str]:
    names = {s.get_name() for s in scope.get_symbols() if s.is_global()}
    return names.union(*map(globals_in, scope.get_children()))


def bindings(node, inside: str) -> tuple[dict[str, str], list[str]]:
    """What an import binds, and the modules of which it takes everything."""
    if isinstance(node, ast.Import):
        return {a.asname or a.name.split(".")[0]: a.name if a.asname else a.name.split(".")[0]
                for a in node.names}, []
    parents = inside.split(".")[: len(inside.split(".")) - node.level + 1] if node.level else []
    base = ".".join(parents + ([node.module] if node.module else []))
    bound = {a.asname or a.name: f"{base}:{a.name}" for a in node.names if a.name != "*"}
    return bound, [base for a in node.names if a.name == "*"]
