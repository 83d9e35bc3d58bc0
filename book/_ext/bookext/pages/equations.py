"""The page of verified equations, and the quiet mark at each equation that leads to it."""

import re
from pathlib import Path

from ..book import PACKAGE, Book, write_if_changed
from ..chapters import ledger
from ..chapters.equation_text import tex_of

DOCNAME = "book/pages/verified-equations"
EQUATION = re.compile(r'(id="equation-(eq-[\w-]+)">\s*<span class="eqno">\((.*?)\).*?</a>)', re.S)
LABEL = re.compile(r"\beq-[a-z0-9-]*[a-z0-9]")
INTRODUCTION = """\
(verified-equations)=
# Verified equations

Every labelled equation of this book is implemented by a function whose documentation names it,
and verified by at least one test that is marked with it. Here is each of them: its number leads to
where it is derived, and below it stand its code and its tests. This page is made from the sources
each time the book is built; a test fails on an equation without a function or a test. An equation
that defines something, and so claims nothing, is listed with the reason why there is nothing to
verify. The mark beside an equation in a chapter leads here.
"""


def page(book: Book, found: ledger.Ledger, tex: dict[str, str], blob: str) -> str:
    """The page as MyST, from the ledger and the TeX of its equations."""
    parts = [INTRODUCTION]
    files = dict.fromkeys(places[0].file for places in found.equations.values())
    for file in files:
        parts.append(f"## {_title(book.root / file)}\n")
        parts += [entry(label, tex[label], found, blob)
                  for label, places in found.equations.items() if places[0].file == file]
    if not files:
        parts.append("No equation carries a label yet.\n")
    return "\n".join(parts)


def entry(label: str, tex: str, found: ledger.Ledger, blob: str) -> str:
    """One equation: its number and name, itself, and what implements and what verifies it."""
    code = [code_link(place, blob) for place in found.functions.get(label, [])]
    tests = [test_link(p, blob) for p in found.tests.get(label, []) if not p.skipped]
    verified = "Tests" if tests else "A definition"
    words = label.removeprefix("eq-").replace("-", " ")
    reason = LABEL.sub(r"{eq}`\g<0>`", found.definitions.get(label, "—"))
    says = "; ".join(tests) or reason
    return (f"::::{{container}} ledger-entry\n[{{eq}}`{label}`]{{#ledger-{label}}} {words}\n\n"
            f"```{{math}}\n{tex}\n```\n\n"
            f"Code\n: {'; '.join(code) or '—'}\n\n{verified}\n: {says}\n::::\n")


def code_link(place: ledger.Place, blob: str) -> str:
    """A link to the function in the API reference; to its source where it is private."""
    short = place.name.removeprefix(f"{PACKAGE}.")
    if "._" in place.name:
        return f"[`{short}`]({blob}/{place.file}#L{place.line})"
    return f"{{py:obj}}`{short} <{place.name}>`"


def test_link(place: ledger.Place, blob: str) -> str:
    """A link to the test's source, under the test's name in words."""
    words = place.name.rpartition("::")[2].removeprefix("test_").replace("_", " ")
    return f"[{words}]({blob}/{place.file}#L{place.line})"


def _title(path: Path) -> str:
    return re.search(r"^# (.+)$", path.read_text("utf-8"), re.M)[1]


def write_page(app):
    book = Book(Path(app.srcdir))
    app.bookext_ledger, app.bookext_tex = ledger.read(book), tex_of(book)
    blob = f"{app.config.html_theme_options.get('repository_url', '')}/blob/main"
    write_if_changed(book.source(DOCNAME), page(book, app.bookext_ledger, app.bookext_tex, blob))


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
