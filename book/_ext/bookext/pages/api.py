"""The API reference: one generated page for each public module, filled by autodoc."""

import ast
import re
from pathlib import Path

from ..book import PACKAGE, Book, write_if_changed
from . import rooms

FOLDER = "book/pages/api"
SHAPE = re.compile(r"(?<=[(,\s])\*(?=\w\)|\w,)")
LETTER = re.compile(r"^(\s*)(?=[A-Za-z]\.$)")  # where Napoleon puts it, on a line of its own
INTRODUCTION = """\
(api-reference)=
# API reference

The package is `diffusionbook`, room by room from the ground up; {ref}`a picture <rooms>` shows
which uses which. Import from a room: `from diffusionbook.samplers import DDIM, grids, sample`.
What a room does not show is imported from its module:
`from diffusionbook.plots.points import scatter`.
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
    for name in found:
        short = name.removeprefix(f"{PACKAGE}.")
        path = book.root / FOLDER / f"{short}.md"
        write_if_changed(path, f"# {short}\n\n```{{eval-rst}}\n.. automodule:: {name}\n"
                               "   :members:\n   :show-inheritance:\n"
                               "   :ignore-module-all:\n```\n")  # each thing once, where it stands
        kept.add(path)
    for path in set((book.root / FOLDER).glob("*.md")) - kept:
        path.unlink()
    write_if_changed(book.source(FOLDER), index(found))


def index(found: dict[str, str]) -> str:
    """The page that lists them: each room with its first line, and below it its modules."""
    parts = [INTRODUCTION]
    for room in rooms.ORDER:
        for name in (name for name in found if rooms.room(name) == room):
            short, line = name.removeprefix(f"{PACKAGE}."), _myst(found[name])
            link = f"{{doc}}`{short} <api/{short}>`"
            parts.append(f"## {link}\n\n{line}\n" if short == room else f"{link}\n: {line}\n")
    return "\n".join(parts)


def _myst(line: str) -> str:
    """A line of RST in MyST: literals are written with one backtick."""
    return line.replace("``", "`")


def escape_marks(app, what, name, obj, options, lines):
    """In a shape such as (b, *d) the star is no emphasis, and an argument that is said to be "y."
    is no list from y on."""
    for number, line in enumerate(lines):
        line = LETTER.sub(r"\1\\", line)
        pieces = line.split("``")  # every second one is a literal
        pieces[::2] = [SHAPE.sub(r"\\*", piece) for piece in pieces[::2]]
        lines[number] = "``".join(pieces)


def setup(app):
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("autodoc-process-docstring", escape_marks, priority=900)
    # before the table of contents looks for the files it names
    app.connect("config-inited", lambda app, config: write_pages(app), priority=100)
