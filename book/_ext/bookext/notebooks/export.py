"""The notebooks that readers download or open in Colab: outputs in place, plain Markdown."""

import json
import re
from pathlib import Path

import nbformat

from ..book import Book
from ..chapters import outputs
from ..chapters.outputs import PREFIX
from ..chapters.phone_figures import PHONE
from ..site import repository, written
from . import frame
from .page import Page
from .plain import Plain

SETUP = """\
# Run this cell first. It installs the book's package where it is missing, as in Colab.
try:
    import diffusionbook
except ImportError:
    # pip leaves a library alone that is new enough
    %pip install -q "{requirement}"
from diffusionbook.machine import restart
restart.check()  # stops here if a library in use was replaced by a newer one
"""


def notebook(app, docname: str):
    """The chapter as a notebook that any Jupyter can show and run."""
    book = Book(Path(app.srcdir))
    source = book.read(docname)
    kept = outputs.find(book, docname, source)
    if kept is not None:
        outputs.merge(source, kept)
    page = Page(app, book, docname, source)
    cells = [_markdown(frame.opening(app, docname, source, kept)),
             _code(SETUP.format(requirement=repository.of(app).requirement))]
    for index, cell in enumerate(source.cells):
        page.at(index)
        if cell.cell_type == "markdown":
            if text := Plain(page).text(cell.source):
                cells.append(_markdown(repository.moved(app.config, text), page.attachments()))
        elif cell.cell_type == "code":
            cells.append(_shown(cell))
    cells.append(_markdown(frame.closing(app, docname, source)))
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
                "language_info": {"name": "python"}}
    if "widgets" in source.metadata:
        metadata["widgets"] = source.metadata["widgets"]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    return nbformat.from_dict({"cells": cells, "metadata": metadata, "nbformat": 4,
                               "nbformat_minor": 5})


def write(app, docname: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    made = notebook(app, docname)
    nbformat.validate(made)
    path.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", "utf-8")


def write_notebooks(app, error):
    if error or app.builder.format != "html":
        return
    for docname in Book(Path(app.srcdir)).chapters():
        path = Path(app.outdir, "_sources", f"{docname}.ipynb")
        if not written.stands(app, docname, path):
            write(app, docname, path)


def _shown(cell):
    """A code cell whose glued outputs show in place, as they do when a reader runs it."""
    shown = []
    for output in cell.outputs:
        data = output.get("data", {})
        name = output.get("metadata", {}).get("scrapbook", {}).get("name")
        if name and any(key.startswith(PREFIX) for key in data):
            data = {key.removeprefix(PREFIX): value for key, value in data.items()}
            if set(data) == {"text/plain"}:
                data["text/plain"] = f"{name} = {data['text/plain']}"
            output = nbformat.from_dict({"output_type": "display_data", "metadata": {},
                                         "data": data})
        data = output.get("data", {})
        for elsewhere in ("application/pdf", PHONE.removeprefix(PREFIX)):  # print, and the site
            data.pop(elsewhere, None)
        shown.append(output)
    made = _code(cell.source, shown)
    made["execution_count"] = cell.execution_count
    tags = [t for t in cell.metadata.get("tags", []) if t == "raises-exception"]
    hidden = {"hide-input", "remove-input", "hide-cell", "remove-cell"}
    if hidden & set(cell.metadata.get("tags", [])):
        made["metadata"]["jupyter"] = {"source_hidden": True}
    if tags:
        made["metadata"]["tags"] = tags
    return made


def _code(source: str, shown=()) -> dict:
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "source": source.strip(),
            "outputs": list(shown)}


def _markdown(source: str, attachments: dict | None = None) -> dict:
    cell = {"cell_type": "markdown", "metadata": {}, "source": re.sub(r"\n{3,}", "\n\n", source)}
    return cell | ({"attachments": attachments} if attachments else {})


def setup(app):
    app.connect("build-finished", write_notebooks, priority=900)
