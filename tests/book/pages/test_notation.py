"""The notation page: one file, and every name in it exists."""

import pydoc
from pathlib import Path

import pytest

from bookext.book import PACKAGE, Book
from bookext.chapters import ledger
from bookext.pages import notation

BOOK = Book(Path(__file__).resolve().parents[3])
TABLES = notation.load(BOOK)
SYMBOLS = notation.symbols(TABLES["symbols"])


def write(folder: Path, text: str) -> Book:
    (folder / "book").mkdir()
    (folder / notation.SOURCE).write_text(text, "utf-8")
    return Book(folder)


@pytest.mark.parametrize("name", sorted({row["code"] for row in SYMBOLS if "code" in row}))
def test_the_package_has_it(name) -> None:
    assert pydoc.locate(f"{PACKAGE}.{name}") is not None


def test_every_first_equation_is_in_the_book() -> None:
    equations = ledger.read(BOOK).equations
    wanted = {row["first"] for row in SYMBOLS if "first" in row}
    assert wanted and wanted <= set(equations), sorted(wanted - set(equations))


def test_no_symbol_has_two_meanings() -> None:
    written = [row["symbol"] for row in SYMBOLS]
    assert len(written) == len(set(written))


def test_a_table_of_plain_rows() -> None:
    text = notation.markdown({"header": ["a", "b"], "rows": [["1", "2"], ["3", "4"]]})
    assert text.splitlines()[4:] == ["* - a", "  - b", "* - 1", "  - 2", "* - 3", "  - 4", "````"]


def test_a_group_of_symbols_links_code_and_equation() -> None:
    row = {"symbol": "$D$", "say": "det", "meaning": "m", "code": "a.B.c", "first": "eq-x"}
    table = {"header": ["", "", "", ""], "group": [{"title": "Title", "rows": [row]}]}
    text = notation.markdown(table)
    assert text.startswith("**Title**")
    cells = text.split("* - $D$\n  - ")[1]
    assert cells.startswith(f"*det*, m\n  - {{py:obj}}`B.c <{PACKAGE}.a.B.c>`\n  - {{eq}}`eq-x`\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[one]\nrows = []", r"\[one\] has no header"),
        ('[one]\nheader = ["a", "b"]\nrows = [["1"]]', "has 2 columns; this row has 1"),
        (
            '[one]\nheader = ["a"]\ngroup = [{title = "t", rows = [{symbol = "x"}]}]',
            "needs symbol, say and meaning",
        ),
        (
            '[one]\nheader = ["a"]\n[[one.group]]\ntitle = "t"\n'
            'rows = [{symbol = "x", say = "x", meaning = "m", frist = "eq-x"}]',
            "may have code and first",
        ),
    ],
)
def test_mistakes_are_named(tmp_path, text, message) -> None:
    with pytest.raises(ValueError, match=message):
        notation.load(write(tmp_path, text))
