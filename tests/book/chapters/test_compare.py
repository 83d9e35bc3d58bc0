"""A fresh run is held against the committed outputs: numbers within their spread, text as it is."""

import nbformat
import pytest

from bookext.chapters import outputs
from bookext.chapters.compare import differences

PREFIX = "application/papermill.record/"


def number(value, spread, text=None, name="error"):
    return {"output_type": "display_data",
            "data": {PREFIX + "text/plain": text or f"{value:.3f}"},
            "metadata": {"scrapbook": {"name": name, "mime_prefix": PREFIX},
                         "diffusionbook": {"value": value, "spread": spread}}}


def printed(text):
    return {"output_type": "stream", "name": "stdout", "text": text}


def shown(pixels, t):
    html = f'<img src="data:image/png;base64,{pixels}" data-t="{t}">'
    return {"output_type": "display_data", "metadata": {}, "data": {"text/html": html}}


def failed(why):
    return {"output_type": "error", "ename": "ValueError", "evalue": why, "traceback": []}


def kept(tmp_path, *cell_outputs, tags=()):
    cell = nbformat.v4.new_code_cell("x = 1", outputs=list(cell_outputs),
                                     metadata={"tags": list(tags)})
    path = tmp_path / "page.ipynb"
    outputs.save(path, nbformat.v4.new_notebook(cells=[cell]), "key", {"seconds": 1, "peak_mb": 1})
    return outputs.load(path)


@pytest.mark.parametrize(("old", "new", "problems"), [
    (number(1.0, 0.1), number(1.09, 0.1), 0),
    (number(1.0, 0.1), number(1.11, 0.1), 1),
    (number(1.0, 0.1), number(0.89, 0.1), 1),
    (number(1.0, 0.1), number(float("nan"), 0.1), 1),
    (number(1.0, 0.1), number(1.2, 9.0), 1),  # the committed spread counts, not the new one
    (number(1.0, None), number(1.0001, None), 0),
    (number(1.0, None), number(1.001, None), 1),
    (number(2.0054, None, "2.01"), number(2.0046, None, "2.00"), 0),  # over a rounding edge
    (number(2.0054, None, "2.01"), number(2.0000, None, "2.00"), 1),
    (number(234.4, None, "234"), number(234.6, None, "235"), 0),  # a float without decimals
    (number(234, None, "234"), number(235, None, "235"), 1),  # a count
    (number(4e-5, 1e-3, "4 × 10⁻⁵"), number(1e-4, 1e-3, "0.0001"), 0),  # printed in two ways
    (number(None, None, "less than 10⁻³"), number(None, None, "less than 10⁻²"), 1),
    (number([0.45], None, "| a | 0.45 |"), number([0.4549], None, "| a | 0.46 |"), 0),
    (number([0.45], None, "| a | 0.45 |"), number([0.47], None, "| a | 0.47 |"), 1),
    (number(1.0, 0.1), number(1.0, 0.1, name="other"), 1),
    (number([1.0, 9.0], 0.1, "table"), number([1.0, 9.5], 0.1, "table"), 1),
    (printed("3 steps, loss 0.5\n"), printed("3 steps, loss 0.6\n"), 0),
    (printed("loss 0.5\n"), printed("error 0.5\n"), 1),
    (shown("QUJD", 0.25), shown("eHl6", 0.5), 0),  # pixels and numbers in a page's HTML
    (shown("QUJD", 0.25), shown("QUJD", "nan"), 1),
    (number(1.0, 0.1), printed("1.0"), 1),
    (failed("loss is NaN"), failed("loss is NaN"), 0),
    (failed("loss is NaN"), failed("no such file"), 1),
    (failed("loss is NaN"), printed("loss is NaN"), 1),
], ids=str)
def test_each_kind_of_difference(tmp_path, old, new, problems):
    found = differences(kept(tmp_path, old), kept(tmp_path, new), "key")
    assert len(found) == problems, found


def test_relative_spread_of_a_table(tmp_path):
    def table(value):
        output = number([0.001, value], 0.1, "| table |")
        output["metadata"]["diffusionbook"]["relative"] = True
        return kept(tmp_path, output)
    assert differences(table(100.0), table(109.0), "key") == []
    assert len(differences(table(100.0), table(111.0), "key")) == 1


def test_words_in_a_table_count_whatever_the_spread_of_its_numbers(tmp_path):
    old, new = (kept(tmp_path, number([1.0], 0.1, f"| {name} | 1 |")) for name in ("flow", "DDPM"))
    (problem,) = differences(old, new, "key")
    assert "DDPM" in problem


def test_stale_outputs_are_compared_if_that_is_asked_for(tmp_path):
    old, new = (kept(tmp_path, number(value, 0.1)) for value in (1.0, 1.2))
    (stale,) = differences(old, new, "another key")
    assert "stale" in stale
    (far,) = differences(old, new, None)
    assert "error is 1.2, committed 1, spread 0.1" in far


def test_an_output_that_came_or_went(tmp_path):
    one, two = kept(tmp_path, printed("a")), kept(tmp_path, printed("a"), number(1.0, 0.1))
    assert len(differences(one, two, "key")) == len(differences(two, one, "key")) == 1


def test_a_cell_that_came_is_said_even_where_stale_outputs_are_compared(tmp_path):
    old, new = kept(tmp_path, printed("a")), kept(tmp_path, printed("a"))
    new.cells.append(nbformat.v4.new_code_cell("y = 2"))
    assert differences(old, new, None) == ["has 2 code cells, committed are 1 (make outputs)"]


def test_volatile_cells_are_not_compared(tmp_path):
    old = kept(tmp_path, printed("fast"), tags=["volatile"])
    assert differences(old, kept(tmp_path, printed("slow"), tags=["volatile"]), "key") == []


def test_an_edit_by_hand_shows_even_within_the_spread(tmp_path):
    old, new = kept(tmp_path, number(1.0, 0.1)), kept(tmp_path, number(1.0, 0.1))
    old.cells[0].outputs[0].data[PREFIX + "text/plain"] = "1.001"
    assert any("by hand" in problem for problem in differences(old, new, "key"))


def test_stale_and_missing_outputs_are_named(tmp_path):
    new = kept(tmp_path, printed("a"))
    assert "no committed outputs" in differences(None, new, "key")[0]
    assert "stale" in differences(new, new, "another key")[0]
