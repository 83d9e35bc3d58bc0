"""The API reference: one generated page for each public module, filled by autodoc."""

import ast
import re
from pathlib import Path

from ..book import PACKAGE, Book, write_if_changed

FOLDER = "book/pages/api"
SHAPE = re.compile(r"(?<=[(,\s])\*(?=\w\)|\w,)")
INTRODUCTION = """\
(api-reference)=
# API reference

The package is `diffusionbook`: every module with a line on what it is for. Import what you need
by its full name, as the chapters do, for example `from diffusionbook import samplers`.
"""


def modules(book: Book) -> dict[str, str]:
    """Public modules by dotted name, with the first line of their documentation."""
    found = {}
    for path in sorted(book.package.rglob("*.py")):
        parts = path.relative_to(book.code).with_suffix("").parts
        text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        if parts[-1] == "__init__" and text:
            parts = parts[:-1]
        if any(part.startswith("_") for part in parts):
            continue
        found[".".join(parts)] = text.partition("\n")[0]
    return found


def write_pages(app):
    book = Book(Path(app.srcdir))
    found, kept = modules(book), set()
    rows = []
    for name, line in found.items():
        short = name.removeprefix(f"{PACKAGE}.")
        path = book.root / FOLDER / f"{short}.md"
        write_if_changed(path, f"# {short}\n\n```{{eval-rst}}\n.. automodule:: {name}\n"
                               "   :members:\n   :show-inheritance:\n```\n")
        kept.add(path)
        rows.append(f"{{doc}}`{short} <api/{short}>`\n: {_myst(line)}\n")
    for path in set((book.root / FOLDER).glob("*.md")) - kept:
        path.unlink()
    write_if_changed(book.source(FOLDER), INTRODUCTION + "\n" + "\n".join(rows))


def _myst(line: str) -> str:
    """A line of RST in MyST: literals are written with one backtick."""
    return line.replace("``", "`")


def escape_shapes(app, what, name, obj, options, lines):
    """In a shape such as (b, *d) the star is no emphasis."""
    for number, line in enumerate(lines):
        pieces = line.split("``")  # every second one is a literal
        pieces[::2] = [SHAPE.sub(r"\\*", piece) for piece in pieces[::2]]
        lines[number] = "``".join(pieces)


def setup(app):
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("autodoc-process-docstring", escape_shapes, priority=900)
    # before the table of contents looks for the files it names
    app.connect("config-inited", lambda app, config: write_pages(app), priority=100)
