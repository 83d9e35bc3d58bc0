"""What readers download gives the committed numbers: each way it could not is found."""

import os
import re
import sys
from pathlib import Path

import nbformat
import pytest

from bookext.book import code_cells
from bookext.chapters import outputs
from bookext.notebooks import check, export

PREFIX = check.PREFIX
GLUE = "from diffusionbook.page import report\nreport.glue('error', {}, spread=0.1)"


def glued(text, value=0.5, spread=0.1, page=False, mime="text/plain"):
    """As the book's kernel publishes it, or as a reader's does."""
    prefix = PREFIX if page else ""
    shown = text if page or mime != "text/plain" else f"error = {text}"
    data = {prefix + mime: shown} | ({} if mime == "text/plain" else
                                     {f"{prefix}text/plain": "table error"})
    return {"output_type": "display_data", "data": data,
            "metadata": {"scrapbook": {"name": "error", "mime_prefix": prefix},
                         "diffusionbook": {"value": value, "spread": spread}}}


def printed(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def figure(page=False):
    prefix = PREFIX if page else ""
    return {"output_type": "display_data", "data": {prefix + "image/svg+xml": "<svg/>"},
            "metadata": {"scrapbook": {"name": "curve", "mime_prefix": prefix}}}


def widget():
    return {"output_type": "display_data", "metadata": {}, "data": {"text/plain": "VBox()"}}


def cell(*made, source="x = 1", tags=()):
    return nbformat.v4.new_code_cell(source, outputs=list(made), metadata={"tags": list(tags)})


def kept(tmp_path, *cells):
    path = tmp_path / "page.ipynb"
    outputs.save(path, nbformat.v4.new_notebook(cells=list(cells)), "key", {"seconds": 1})
    return outputs.load(path)


def executed(*cells, setup=()):
    return nbformat.v4.new_notebook(cells=[cell(*setup, source="import diffusionbook"), *cells])


@pytest.mark.parametrize(("old", "new", "problem"), [
    ([glued("0.500", page=True)], [glued("0.500")], None),
    ([glued("0.500", page=True)], [glued("0.590", 0.59)], None),
    ([glued("0.500", page=True)], [glued("0.610", 0.61)], "error is 0.61, committed 0.5"),
    ([glued("word", None, None, page=True)], [glued("word", None, None)], None),
    ([glued("word", None, None, page=True)], [glued("other", None, None)], "error is 'other'"),
    ([glued("| a | 1 |", [1], None, page=True, mime="text/markdown")],
     [glued("| a | 1 |", [1], None, mime="text/markdown")], None),
    ([glued("| a | 1 |", [1], None, page=True, mime="text/markdown")],
     [glued("| a | 2 |", [2], None, mime="text/markdown")], r"error is '\| a \| 2"),
    ([glued("0.500", page=True)], [], "gave 0 outputs, committed are 1"),
    ([], [glued("0.500")], "gave 1 outputs, committed are 0"),
    ([printed("Correct: 3\n")], [printed("Correct: 4\n")], None),
    ([printed("Correct\n")], [printed("Not yet\n")], "printed text is 'Not yet'"),
    ([printed("Correct\n")], [printed("Cor"), printed(" 70 %", "stderr"), printed("rect\n")], None),
    ([figure(page=True)], [widget(), printed("100 %", "stderr")], None),  # a film and a slider
], ids=str)
def test_each_kind_of_output(tmp_path, old, new, problem):
    found = check.differences(kept(tmp_path, cell(), cell(*old)), executed(cell(), cell(*new)))
    if problem is None:
        assert found == []
    else:
        (text,) = found
        assert text.startswith("cell 2 (x = 1)")
        assert re.search(problem, text)


def test_cells_are_those_of_the_chapter_behind_the_one_that_installs(tmp_path):
    one, two = cell(source="a = 1"), cell(source="b = 2")
    page = kept(tmp_path, one, two)
    assert check.differences(page, executed(one, two)) == []
    more, other = cell(source="b = 2"), cell(source="b = 3")
    for cells in ([one], [two, one], [one, two, more], [one, other]):
        (problem,) = check.differences(page, executed(*cells))
        assert "are not the 2 of the committed outputs" in problem
    (problem,) = check.differences(page, executed(one, two, setup=[printed("installed")]))
    assert "installs the package" in problem
    assert check.differences(None, executed(one)) == ["has no committed outputs (make outputs)"]


def test_cells_that_hold_times_are_not_compared(tmp_path):
    """The tag is that of the committed cell: an exported one has lost it."""
    page = kept(tmp_path, cell(printed("fast"), tags=["volatile"]))
    assert check.differences(page, executed(cell(printed("slow")))) == []


def test_a_reader_has_nothing_of_the_repository(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "code")
    monkeypatch.setenv("BOOK_BUILD", "1")
    monkeypatch.setenv("MNIST_ROOT", "data")
    environment = check.reader()
    assert not {"PYTHONPATH", "BOOK_BUILD"} & set(environment)
    assert environment["MNIST_ROOT"] == "data" and environment["PATH"] == os.environ["PATH"]


@pytest.mark.slow
def test_a_changed_number_and_a_failed_cell_are_found(miniature, tmp_path, capsys):
    """Two notebooks in real kernels, as the tool runs them, but in this environment."""
    names = {"book/one": GLUE.format("0.65"), "book/two": "raise OSError('no such thing')",
             "book/three": GLUE.format("0.55")}
    for name, source in names.items():
        page = nbformat.v4.new_notebook(cells=[
            cell(glued("0.500", page=True), source=source)])
        outputs.save(miniature.committed / f"{name}.ipynb", page, "key", {"seconds": 1})
        path = miniature.root / check.EXPORTED / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(nbformat.from_dict(executed(cell(glued("0.500"), source=source))), path)
    manager = check.kernels(Path(sys.executable), tmp_path / "kernels")
    found = check.check(miniature, [*names, "book/four"], manager)
    one, two, four = found
    assert one.startswith("book/one: cell 1") and "error is 0.65, committed 0.5" in one
    assert "a cell of book/two failed" in two and "no such thing" in two
    assert four.startswith("book/four: ") and "make book" in four
    assert "agrees" in capsys.readouterr().out


def test_the_first_code_cell_of_an_export_is_the_one_that_installs():
    made = nbformat.from_dict({"cells": [export._markdown("text"), export._code(export.SETUP)]})
    first = code_cells(made)[0].source
    assert first.startswith("# Run this cell first") and "import diffusionbook" in first
