"""The page of verified equations, and the quiet mark at each equation that leads to it."""

import re
from pathlib import Path

from ..book import PACKAGE, Book, write_if_changed
from ..chapters import ledger

DOCNAME = "book/pages/verified-equations"
EQUATION = re.compile(r'(id="equation-(eq-[\w-]+)">\s*<span class="eqno">\((.*?)\).*?</a>)', re.S)
INTRODUCTION = """\
(verified-equations)=
# Verified equations

Every labelled equation of this book is implemented by a function whose documentation names it,
and verified by at least one test that is marked with it. This page is made from the sources each
time the book is built; a test fails on an equation without a function or a test. An equation
that defines something, and so claims nothing, is listed with the reason why there is nothing to
verify. The mark beside an equation in a chapter leads here.
"""


def page(book: Book, found: ledger.Ledger, blob: str) -> str:
    """The page as MyST."""
    parts = [INTRODUCTION]
    files = dict.fromkeys(places[0].file for places in found.equations.values())
    for file in files:
        labels = [x for x, places in found.equations.items() if places[0].file == file]
        parts.append(f"## {_title(book.root / file)}\n")
        rows = [["Equation", "Code", "Tests"]]
        for label in labels:
            code = [_code(place, blob) for place in found.functions.get(label, [])]
            tests = [f"[{_words(p.name)}]({blob}/{p.file}#L{p.line})"
                     for p in found.tests.get(label, []) if not p.skipped]
            if label in found.definitions and not tests:
                tests = [f"A definition: {found.definitions[label]}"]
            name = label.removeprefix("eq-").replace("-", " ")
            rows.append([f"[{{eq}}`{label}`]{{#ledger-{label}}} {name}",
                         "; ".join(code) or "—", "; ".join(tests) or "—"])
        parts.append(_list_table(rows))
    if not files:
        parts.append("No equation carries a label yet.\n")
    return "\n".join(parts)


def _code(place: ledger.Place, blob: str) -> str:
    """A link to the function in the API reference; to its source where it is private."""
    short = place.name.removeprefix(f"{PACKAGE}.")
    if "._" in place.name:
        return f"[`{short}`]({blob}/{place.file}#L{place.line})"
    return f"{{py:obj}}`{short} <{place.name}>`"


def _words(test: str) -> str:
    return test.rpartition("::")[2].removeprefix("test_").replace("_", " ")


def _title(path: Path) -> str:
    return re.search(r"^# (.+)$", path.read_text("utf-8"), re.M)[1]


def _list_table(rows: list[list[str]]) -> str:
    lines = ["````{list-table}", ":header-rows: 1", ":widths: 28 30 42", ":class: ledger", ""]
    for row in rows:
        lines += [f"{'* -' if k == 0 else '  -'} {cell}" for k, cell in enumerate(row)]
    return "\n".join([*lines, "````", ""])


def write_page(app):
    book = Book(Path(app.srcdir))
    app.bookext_ledger = ledger.read(book)
    blob = f"{app.config.html_theme_options.get('repository_url', '')}/blob/main"
    write_if_changed(book.source(DOCNAME), page(book, app.bookext_ledger, blob))


def mark_equations(app, pagename, templatename, context, doctree):
    """Beside each labelled equation, a link to its row."""
    found = getattr(app, "bookext_ledger", None)
    if found is None or "body" not in context or pagename == DOCNAME:
        return
    base = context["pathto"](DOCNAME)

    def mark(match):
        label, number = match[2], match[3]
        if label not in found.equations:
            return match[0]
        defines = label in found.definitions and label not in found.tests
        sign, words = ("≔", "a definition") if defines else ("✓", "verified by tests")
        return (f'{match[1]}<a class="ledger-link" href="{base}#ledger-{label}" '
                f'title="{words}" aria-label="Equation {number}: {words}, see the ledger">'
                f"{sign}</a>")

    context["body"] = EQUATION.sub(mark, context["body"])


def setup(app):
    app.connect("config-inited", lambda app, config: write_page(app), priority=100)
    app.connect("html-page-context", mark_equations)
