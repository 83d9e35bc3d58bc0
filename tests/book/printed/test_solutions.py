"""Solutions leave the chapter for the back of the book, and the exercise says where they went."""

from types import SimpleNamespace

import pytest
from docutils import nodes
from sphinx import addnodes
from sphinx.errors import ExtensionError
from sphinx_exercise.nodes import exercise_enumerable_node, solution_node

from bookext.printed import solutions


@pytest.fixture
def book():
    exercise = exercise_enumerable_node("", nodes.title("", "Exercise 3.1"), label="ex-one")
    answer = solution_node("", nodes.title("", "Solution"), nodes.paragraph("", "Because."),
                           label="sol-one", target_label="ex-one")
    page = addnodes.start_of_file("", nodes.section("", exercise, answer), docname="c/three")
    return nodes.compound("", page)


ENV = SimpleNamespace(toc_secnumbers={"c/three": {"": (3,)}},
                      titles={"c/three": nodes.title("", "Guidance")})


def test_a_solution_goes_to_the_back_and_its_exercise_points_there(book) -> None:
    (page,) = book.children
    solutions.move_to_back(book, [page], ENV)
    assert not list(page.findall(solution_node))
    exercise = page.next_node(exercise_enumerable_node)
    assert r"\pageref*{c/three:sol-one}" in exercise.astext()
    back = book.children[1]
    assert [title.astext() for title in back.findall(nodes.title)] == [
        "Solutions", "Chapter 3: Guidance", "Solution"]
    assert back.next_node(solution_node).parent.parent["docname"] == "c/three"


def test_a_book_without_solutions_gets_no_chapter_for_them() -> None:
    page = addnodes.start_of_file("", nodes.section(), docname="c/three")
    book = nodes.compound("", page)
    solutions.move_to_back(book, [page], ENV)
    assert book.children == [page]


@pytest.mark.parametrize("numbered", [
    nodes.math_block("", "x", number=4),
    nodes.figure("", nodes.caption("", "A caption"))])
def test_a_number_in_a_solution_is_refused(book, numbered) -> None:
    book.next_node(solution_node).append(numbered)
    with pytest.raises(ExtensionError, match="sol-one: .* has a number"):
        solutions.move_to_back(book, list(book.children), ENV)
