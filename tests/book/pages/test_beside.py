"""What is read beside the book: every name that the list gives exists."""

import re
from pathlib import Path

import pytest

from bookext.book import Book
from bookext.chapters import ledger
from bookext.pages import beside

BOOK = Book(Path(__file__).resolve().parents[3])
WORKS = beside.load(BOOK)
FOUND = ledger.read(BOOK)
ROWS = [row for rows in WORKS.values() for row in rows]


def test_every_equation_it_names_is_in_the_book() -> None:
    named = {label for row in ROWS for label in row.get("equations", [])}
    assert len(named) > 30 and named <= set(FOUND.equations), named - set(FOUND.equations)


def test_no_section_is_named_twice() -> None:
    for rows in WORKS.values():
        names = [row["name"] for row in rows]
        assert len(names) == len(set(names))


def test_a_row_names_section_code_test_and_what_is_missing() -> None:
    row = {"name": "9.2 DDIM", "here": "{ref}`ddim`", "equations": ["eq-ddim"], "missing": "more"}
    text = beside.markdown([row], FOUND, "BLOB")
    assert text.splitlines()[0] == "9.2 DDIM"
    assert ": Here: {ref}`ddim`; {eq}`eq-ddim`." in text
    assert re.search(r"^: Code: .*samplers\.ancestral\.DDIM", text, re.M)
    assert re.search(r"^: Tests: \[.+\]\(BLOB/tests/.+#L\d+\)\.$", text, re.M)
    assert ": *Missing here*: more." in text


def test_functions_come_before_modules_and_checks_of_exercises() -> None:
    text = beside.markdown([{"name": "n", "here": "h", "equations": ["eq-cfg"]}], FOUND, "BLOB")
    assert "guidance.models.cfg" in text and "tests/guidance/" in text


@pytest.mark.parametrize("row", ['{name = "n"}', '{name = "n", here = "h", mising = "m"}'])
def test_mistakes_are_named(tmp_path, row) -> None:
    (tmp_path / "book").mkdir()
    (tmp_path / beside.SOURCE).write_text(f"[work]\nrows = [{row}]\n", "utf-8")
    with pytest.raises(ValueError, match=r"a row of \[work\] needs a name"):
        beside.load(Book(tmp_path))
