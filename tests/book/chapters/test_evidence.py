"""The build believes no number that is stale or was measured with other libraries."""

import json

import pytest

from bookext.chapters import evidence
from diffusionbook.evidence import results


def change(book, **versions):
    path = book.package / "results" / "tiny-result.json"
    held = json.loads(path.read_text("utf-8"))
    held["facts"]["versions"] |= versions
    held["sha256"] = results.seal(held)
    path.write_text(json.dumps(held), "utf-8")
    return held


def test_nothing_is_doubted_in_a_book_as_it_was_laid_out(miniature):
    assert evidence.doubts(miniature) == []


def test_an_edited_definition_is_doubted(miniature):
    miniature.edit("code/diffusionbook/other.py", '"word"', '"other"')
    (line,) = evidence.doubts(miniature)
    assert "WORD has changed (measure → WORD)" in line


@pytest.mark.parametrize("library", ["torch", "numpy"])
def test_other_versions_of_libraries_are_doubted(library, miniature):
    change(miniature, **{library: "0.9+cpu"})
    (line,) = evidence.doubts(miniature)
    assert line.startswith(f"tiny-result holds for {library} 0.9, and constraints.txt has 1.0")
    change(miniature, **{library: "1.0+cu130"})
    assert evidence.doubts(miniature) == []


def test_a_reseal_says_for_which_versions_a_result_holds(miniature):
    held = change(miniature, torch="0.9")
    held["evidence"]["reseals"] = [{"versions": {"torch": "1.0+cpu", "numpy": "1.0"}}]
    held["sha256"] = results.seal(held)
    (miniature.package / "results" / "tiny-result.json").write_text(json.dumps(held), "utf-8")
    assert evidence.doubts(miniature) == []


def test_the_page_of_run_times_has_a_row_for_each(miniature):
    text = "\n".join(evidence.section(miniature))
    assert "| result `tiny-result` | 4 | 5 | 20" in text
