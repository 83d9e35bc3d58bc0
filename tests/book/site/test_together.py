"""No line begins with the sign that ends a sentence, and no cell parts a number from its ±."""

from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.utils import new_document

from bookext.site import together

SITE, PRINT = (SimpleNamespace(builder=SimpleNamespace(format=kind)) for kind in ("html", "latex"))


def page(*parts):
    document = new_document("page")
    document += nodes.paragraph("", "", *parts)
    return document


def boxes(document) -> list[str]:
    return [box.astext() for box in document.findall(nodes.inline)]


@pytest.mark.parametrize(("before", "behind", "box"), [
    ("so ", ". Then", "x."), ("so ", "), and", "x),"), ("(", " is", "(x"), ("all (", ")", "(x)"),
    ("so ", " is", None), ("so ", "", None), ("(a ", "", None), ("so", "-th", None),
])
def test_a_formula_keeps_its_signs(before: str, behind: str, box: str | None) -> None:
    document = page(nodes.Text(before), nodes.math("", "x"), nodes.Text(behind))
    together.keep(SITE, document, "one")
    assert boxes(document) == ([box] if box else [])
    assert document.astext() == f"{before}x{behind}"


def test_formulas_side_by_side_and_at_the_ends() -> None:
    document = page(nodes.math("", "a"), nodes.Text(", "), nodes.math("", "b"), nodes.math("", "c"),
                    nodes.Text("."))
    together.keep(SITE, document, "one")
    assert boxes(document) == ["a,", "c."] and document.astext() == "a, bc."
    assert [formula.astext() for formula in document.findall(nodes.math)] == ["a", "b", "c"]


def test_print_breaks_its_own_lines() -> None:
    document = page(nodes.math("", "x"), nodes.Text("."))
    together.keep(PRINT, document, "one")
    assert boxes(document) == []


@pytest.mark.parametrize("app", [SITE, PRINT])
def test_a_number_keeps_its_deviation_but_code_its_spaces(app) -> None:
    document = page(nodes.Text("0.91 ± 0.03 and 2 × 10"), nodes.literal("", "a × b"),
                    nodes.emphasis("", "1 ± 2"))
    together.keep(app, document, "one")
    assert document.astext() == "0.91\u00a0±\u00a00.03 and 2\u00a0×\u00a010a × b1\u00a0±\u00a02"
