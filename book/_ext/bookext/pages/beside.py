"""``{beside} NAME``: sections of another book, or lectures of a course, and where they stand here.

The list is ``book/beside.toml``. It names equations; their code and tests come from the ledger, so
that they cannot name what is gone.
"""

import tomllib
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from ..book import Book
from ..chapters import ledger
from .equations import code_link, test_link

SOURCE = "book/beside.toml"
FIELDS = {"name", "here", "equations", "missing"}


def load(book: Book) -> dict[str, list[dict]]:
    """The rows of each work.

    Raises:
        ValueError: a row has an unknown field, or says neither what is here nor what is missing.
    """
    works = tomllib.loads((book.root / SOURCE).read_text("utf-8"))
    for work, table in works.items():
        for row in table["rows"]:
            if set(row) - FIELDS or not {"here", "missing"} & set(row):
                raise ValueError(f"{SOURCE}: a row of [{work}] needs a name, what is here or what "
                                 f"is missing, and may have equations; it is {row}")
    return {work: table["rows"] for work, table in works.items()}


def markdown(rows: list[dict], found: ledger.Ledger, blob: str) -> str:
    """A definition list: the name there, and below it what is here, its code, its tests."""
    lines = []
    for row in rows:
        labels = row.get("equations", [])
        numbers = ", ".join(f"{{eq}}`{label}`" for label in labels)
        here = "; ".join(part for part in (row.get("here"), numbers) if part)
        says = [f"Here: {here}." if here else "", *_evidence(labels, found, blob),
                f"*Missing here*: {row['missing']}." if "missing" in row else ""]
        lines += [row["name"], *(f": {text}" for text in says if text), ""]
    return "\n".join(lines)


def _evidence(labels: list[str], found: ledger.Ledger, blob: str) -> list[str]:
    """A function and a test of each equation; among the verified equations stand all."""
    code = [code_link(min(places, key=_distance), blob)
            for label in labels if (places := found.functions.get(label))]
    tests = [test_link(min(places, key=_distance), blob)
             for label in labels if (places := found.tests.get(label))]
    return [f"{what}: {'; '.join(dict.fromkeys(links))}."
            for what, links in (("Code", code), ("Tests", tests)) if links]


def _distance(place: ledger.Place) -> tuple:
    """How far something is from the thing itself: a module, a check of an exercise, what a page
    shows of it or tests on it come after a function and its own test."""
    return (place.line == 1,
            any(room in place.file for room in ("/checks/", "/page/", "/chapters/")))


class Beside(SphinxDirective):
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        book = Book(Path(self.env.srcdir))
        self.env.note_dependency(str(book.root / SOURCE))
        works, name = load(book), self.arguments[0]
        if name not in works:
            raise self.error(f"beside: {name!r}; {SOURCE} has {', '.join(works)}")
        blob = f"{self.config.html_theme_options.get('repository_url', '')}/blob/main"
        text = markdown(works[name], self.env.app.bookext_ledger, blob)
        node = nodes.container(classes=["beside"])
        self.state.nested_parse(StringList(text.splitlines(), self.get_source_info()[0]),
                                self.content_offset, node)
        return [node]


def setup(app):
    app.add_directive("beside", Beside)
