"""Sentences keep what stands in them, and are counted as they are read."""

import pytest
from docutils import nodes

from bookext.slides.sentences import ending, joined, length, opening, sentences


def said(*parts) -> nodes.paragraph:
    return nodes.paragraph("", "", *(
        nodes.Text(part) if isinstance(part, str) else part for part in parts))


def texts(paragraph) -> list[str]:
    return [joined([sentence]).astext() for sentence in sentences(paragraph)]


@pytest.mark.parametrize(("text", "count"), [
    ("One. Two? Three!", 3), ("A value of 0.5 is one.", 1), ("See e.g. Heun.", 1),
    ("(Aside.) Then on.", 2), ("He said “no.” Then on.", 2), ("Then: on.", 1), ("a. b stays", 1),
])
def test_where_a_sentence_ends(text, count) -> None:
    assert len(sentences(said(text))) == count


def test_a_formula_stays_in_its_sentence() -> None:
    formula = nodes.math("", r"x_t")
    assert texts(said("Take ", formula, ". It is noise.")) == ["Take x_t.", "It is noise."]
    assert texts(said("It ends. ", nodes.emphasis("", "Then"), " on.")) == ["It ends.", "Then on."]


def test_the_paragraph_is_left_as_it_was() -> None:
    paragraph = said("Take ", nodes.math("", "x"), ".")
    sentences(paragraph)[0][1]["changed"] = True
    assert "changed" not in paragraph[1] and paragraph.astext() == "Take x."


def test_a_formula_is_shorter_than_its_tex() -> None:
    assert length([nodes.Text("123456"), nodes.math("", r"\alpha\xz")]) == 6 + 3


def test_as_many_as_have_room() -> None:
    found = sentences(said("One one. Two two. Three."))
    assert joined(opening(found, 17)).astext() == "One one. Two two."
    assert opening(found, 3) == []
    assert joined(ending(found, 15)).astext() == "Two two. Three."
    assert joined(ending(found, 3)).astext() == "Three."
