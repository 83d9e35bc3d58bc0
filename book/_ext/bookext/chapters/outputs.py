"""Executed outputs: kept as notebooks of code cells, valid for exactly one execution key."""

import hashlib
import json
from pathlib import Path

import nbformat

from ..book import Book, code_cells
from .key import execution_key

RECORD = "diffusionbook"
PREFIX = "application/papermill.record/"  # of the type of what a page glues


def digest(notebook) -> str:
    """A hash of all outputs, so that an edit by hand shows."""
    text = json.dumps([cell.outputs for cell in code_cells(notebook)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def save(path: Path, notebook, key: str, run: dict) -> None:
    """Write the outputs of an executed notebook, without what changes from run to run."""
    cells = []
    for cell in code_cells(notebook):
        tags = sorted({"volatile"} & set(cell.metadata.get("tags", [])))
        cells.append({"cell_type": "code", "execution_count": None, "source": cell.source,
                      "metadata": {"tags": tags} if tags else {},
                      "outputs": tidy(cell.outputs)})
    metadata = {RECORD: {"key": key, **run}}
    if notebook.metadata.get("widgets"):
        metadata["widgets"] = notebook.metadata["widgets"]
    kept = nbformat.from_dict({"cells": cells, "metadata": metadata,
                               "nbformat": 4, "nbformat_minor": 4})  # 4.5 has random cell ids
    kept.metadata[RECORD]["digest"] = digest(kept)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(kept, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


def load(path: Path):
    """A kept notebook, or None where there is none."""
    return nbformat.from_dict(json.loads(path.read_text("utf-8"))) if path.is_file() else None


def find(book: Book, docname: str, notebook, committed_only: bool = False):
    """The kept outputs that are valid for the chapter as it is now, or None."""
    key = execution_key(book, notebook)
    for folder in [book.committed] if committed_only else [book.committed, book.local]:
        kept = load(folder / f"{docname}.ipynb")
        if kept and kept.metadata[RECORD]["key"] == key and not edited(kept):
            return kept
    return None


def edited(kept) -> bool:
    """Whether somebody changed the kept outputs by hand."""
    return digest(kept) != kept.metadata[RECORD].get("digest")


def merge(notebook, kept) -> None:
    """Put kept outputs into the chapter's notebook, cell by cell."""
    for number, (cell, old) in enumerate(zip(code_cells(notebook), code_cells(kept), strict=True)):
        cell.outputs = old.outputs
        cell.execution_count = number + 1
    if "widgets" in kept.metadata:
        notebook.metadata["widgets"] = kept.metadata["widgets"]


def tidy(outputs: list) -> list:
    """Outputs without what changes from run to run, neighbouring prints in one."""
    tidied = []
    for output in outputs:
        output = nbformat.from_dict(dict(output))
        if output.output_type == "execute_result":
            output["execution_count"] = None
        output.pop("transient", None)
        last = tidied[-1] if tidied else {}
        if output.output_type == "stream" == last.get("output_type") and output.name == last.name:
            last["text"] += output.text
        else:
            tidied.append(output)
    return tidied
