"""Tables of the book's notation, from ``book/notation.toml``, where a page says {notation}."""

import tomllib
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from ..book import PACKAGE, Book

SOURCE = "book/notation.toml"
FIELDS = {"symbol", "say", "meaning", "code", "first"}


def load(book: Book) -> dict:
    """The file, with its mistakes named.

    Raises:
        ValueError: a table is without a header, a row has the wrong number of cells, or an
            unknown or missing field.
    """
    tables = tomllib.loads((book.root / SOURCE).read_text("utf-8"))
    for name, table in tables.items():
        if not table.get("header"):
            raise ValueError(f"{SOURCE}: [{name}] has no header")
        for row in table.get("rows", []):
            if len(row) != len(table["header"]):
                raise ValueError(f"{SOURCE}: [{name}] has {len(table['header'])} columns; "
                                 f"this row has {len(row)}: {row}")
        for row in symbols(table):
            missing = {"symbol", "say", "meaning"} - set(row)
            if missing or set(row) - FIELDS:
                raise ValueError(f"{SOURCE}: a row of [{name}] needs symbol, say and meaning, and "
                                 f"may have code and first; it is {row}")
    return tables


def symbols(table: dict) -> list[dict]:
    """The rows of all groups of a table of symbols."""
    return [row for group in table.get("group", []) for row in group["rows"]]


def markdown(table: dict) -> str:
    """One table of the file as MyST: plain rows, or a heading and a table for each group."""
    if "group" not in table:
        return _list_table(table["header"], table["rows"])
    parts = []
    for group in table["group"]:
        rows = [[row["symbol"], f"*{row['say']}*, {row['meaning']}", _code(row), _first(row)]
                for row in group["rows"]]
        parts.append(f"**{group['title']}**\n\n{_list_table(table['header'], rows)}")
    return "\n".join(parts)


def _code(row: dict) -> str:
    if "code" not in row:
        return "—"
    short = row["code"].partition(".")[2]  # without the module
    return f"{{py:obj}}`{short} <{PACKAGE}.{row['code']}>`"


def _first(row: dict) -> str:
    return f"{{eq}}`{row['first']}`" if "first" in row else "—"


def _list_table(header: list[str], rows: list[list[str]]) -> str:
    lines = ["````{list-table}", ":header-rows: 1", ":class: notation", ""]
    for row in [header, *rows]:
        lines += [f"{'* -' if k == 0 else '  -'} {cell}" for k, cell in enumerate(row)]
    return "\n".join([*lines, "````", ""])


class Notation(SphinxDirective):
    """``{notation} NAME``: the table [NAME] of book/notation.toml."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        book = Book(Path(self.env.srcdir))
        self.env.note_dependency(str(book.root / SOURCE))
        try:
            tables = load(book)
        except ValueError as error:
            raise self.error(str(error)) from None
        name = self.arguments[0]
        if name not in tables:
            raise self.error(f"notation: {name!r}; {SOURCE} has {', '.join(tables)}")
        lines = StringList(markdown(tables[name]).splitlines(), self.get_source_info()[0])
        node = nodes.container()
        self.state.nested_parse(lines, self.content_offset, node)
        return node.children


def setup(app):
    app.add_directive("notation", Notation)
