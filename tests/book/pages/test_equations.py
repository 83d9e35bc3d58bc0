"""The page of verified equations shows each of them, with its code and its tests."""

from pathlib import Path

import pytest

from bookext.book import Book
from bookext.chapters import ledger
from bookext.chapters.equation_text import tex_of
from bookext.pages import equations, formula

BOOK = Book(Path(__file__).resolve().parents[3])
FOUND = ledger.read(BOOK)
TEX = tex_of(BOOK)


def test_the_tex_of_every_labelled_equation_is_found() -> None:
    assert set(TEX) == set(FOUND.equations)
    assert all(TEX.values())


@pytest.mark.parametrize("label", ["eq-ddim", "eq-forward-step"])
def test_an_entry_shows_the_equation_its_code_and_its_tests(label) -> None:
    text = equations.entry(label, TEX[label], FOUND, "BLOB")
    assert TEX[label] in text and f"{{eq}}`{label}`" in text
    for place in FOUND.functions.get(label, []):
        assert place.name in text
    tests = [test for test in FOUND.tests.get(label, []) if not test.skipped]
    for test in tests:
        assert f"BLOB/{test.file}#L{test.line}" in text
    assert ("A definition" in text) == (not tests)


def test_a_definition_names_other_equations_by_number() -> None:
    text = equations.entry("eq-forward-step", "x", FOUND, "BLOB")
    assert "{eq}`eq-ddpm-marginal`." in text


def test_the_page_has_an_anchor_for_every_equation() -> None:
    text = equations.page(BOOK, FOUND, TEX, "BLOB")
    assert all(f"{{#ledger-{label}}}" in text for label in FOUND.equations)


def test_a_formula_is_that_of_its_page() -> None:
    text = formula.markdown("eq-ddim", TEX["eq-ddim"], "`DDIM`,")
    assert text.startswith("`DDIM`, {eq}`eq-ddim`") and TEX["eq-ddim"] in text
