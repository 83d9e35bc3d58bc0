"""A chapter's slides, from a document that is written down here."""

import pytest
from docutils import nodes
from docutils.utils import new_document

from bookext.slides import outline


def text(words: str) -> nodes.paragraph:
    return nodes.paragraph("", words)


def equation(label: str, tex: str = "a = b") -> nodes.math_block:
    return nodes.math_block(tex, tex, label=label, ids=[f"equation-{label}"])


def figure(name: str, caption: str) -> nodes.figure:
    return nodes.figure("", nodes.image(uri=f"{name}.svg", alt=name),
                        nodes.caption("", caption), ids=[name])


def cell(code: str, *tags: str) -> nodes.container:
    classes = ["cell", *(f"tag_{tag}" for tag in tags)]
    source = nodes.container("", nodes.literal_block(code, code), classes=["cell_input"])
    return nodes.container("", source, classes=classes)


def box(title: str, *children, kind: str) -> nodes.admonition:
    return nodes.admonition("", nodes.title("", title), *children, classes=kind.split())


def section(title: str, *children) -> nodes.section:
    return nodes.section("", nodes.title("", title), *children, ids=[title.lower()])


def slides(*children) -> list[outline.Slide]:
    document = new_document("chapter")
    document += section("Chapter", *children)
    return outline.slides(document)


def shown(slide: outline.Slide) -> str:
    return " | ".join(node.astext() for node in slide.body)


def heading(slide: outline.Slide) -> str:
    return "".join(node.astext() for node in slide.heading)


def kinds(found: list[outline.Slide]) -> list[str]:
    return [slide.kind for slide in found]


LOOP = "for k in range(3):\n    a = k\n    b = a\n    c = b\n    d = c\n"


def test_the_first_picture_stands_beside_the_title() -> None:
    first, second = slides(figure("film", "Noise."), section("A", figure("other", "Other.")))
    assert (first.kind, second.kind) == ("title", "figure")
    assert first.body[0]["ids"] == ["film"] and second.body[0]["ids"] == ["other"]


def test_a_picture_of_a_section_does_not() -> None:
    first, second = slides(section("A", figure("other", "Other.")))
    assert first.body == [] and second.kind == "figure"


def test_a_caption_that_says_what_to_see_is_the_heading() -> None:
    said = "The error falls by four with each doubling."
    _, full, short = slides(section("A", figure("one", f"{said} Dots: runs."),
                                    figure("two", "Press Play. Leaves start.")))
    assert (heading(full), full.body[1].astext()) == (said, "Dots: runs.")
    assert (heading(short), short.body[1].astext()) == ("A", "Press Play. Leaves start.")
    assert full.place.anchor == "one"


def test_an_equation_has_its_sentences() -> None:
    _, slide = slides(section("A", text("where all is said. Long ago. Add up:"), equation("e"),
                              text("It holds. So do others. Not this.")))
    assert shown(slide) == "Long ago. Add up: | a = b | It holds. So do others."
    assert slide.place.anchor == "equation-e"


def test_what_leads_on_is_said_once() -> None:
    _, slide = slides(section("A", equation("e"), text("From this:"), equation("f")))
    assert shown(slide) == "a = b | From this: | a = b"


def test_equations_stand_alone_where_they_are_long() -> None:
    long = r" \\ ".join("abcd")
    found = slides(section("A", equation("e", long), text("Then"), equation("f", long)))
    assert kinds(found) == ["title", "equation", "equation"]


def test_they_stand_closer_in_a_chapter_of_many() -> None:
    rows = r"a \\ b"
    few = [equation("e", rows), text("One."), equation("f", rows), text("Two."),
           equation("g", rows)]
    many = [figure(f"f{k}", "Small.") for k in range(outline.MOST - 2)]
    assert kinds(slides(section("A", *few)))[1:] == ["equation"] * 2
    assert len(slides(section("A", *few), section("B", *many))) == outline.MOST


def test_questions_are_kept_while_there_is_room() -> None:
    question = nodes.paragraph("", "", nodes.strong("", "Predict first."), nodes.Text(" How many?"))
    choices = nodes.bullet_list("", nodes.list_item("", text("one")))
    _, slide = slides(section("A", question, choices))
    assert (heading(slide), shown(slide)) == ("Predict first.", "How many? | one")
    many = [figure(f"f{k}", "Small.") for k in range(outline.MOST)]
    assert "question" not in kinds(slides(section("A", question.deepcopy(), *many)))


def test_loops_are_shown_if_readers_see_them_and_they_are_short() -> None:
    for code in (cell(LOOP, "hide-input"), cell("a = 1\n" * 6), cell("a = 1\n" * 16 + LOOP),
                 cell("for k in a: b"), box("In code", cell(LOOP), kind="dropdown")):
        assert kinds(slides(section("A", code))) == ["title"], code.astext()
    _, slide = slides(section("A", text("Here it is:"), cell(LOOP)))
    assert shown(slide) == f"Here it is: | {LOOP}"


@pytest.mark.parametrize("dangling", [
    "is the law.", "Both vanish.", "(a bracket.) ends here.)", "Then it holds.",
])
def test_what_points_to_a_sentence_before_leads_to_no_equation(dangling: str) -> None:
    _, slide = slides(section("A", text(f"{dangling} Divide by two:"), equation("e")))
    assert shown(slide) == "Divide by two: | a = b"
    _, slide = slides(section("A", text(dangling), equation("e")))
    assert shown(slide) == "a = b"


def test_folded_equations_and_figures_are_named_by_their_box() -> None:
    folded = box("Proof", text("So"), equation("e"), kind="dropdown proof")
    _, slide = slides(section("A", folded))
    assert (heading(slide), shown(slide)) == ("Proof", "So | a = b")


def test_mistakes_and_the_summary_are_points() -> None:
    mistake = nodes.paragraph("", "", nodes.strong("", "The sign."), nodes.Text(" Lost. Ask:"))
    points = nodes.bullet_list("", *(nodes.list_item("", text("word " * 50)) for _ in range(6)))
    found = slides(section("What breaks", mistake, text("Not this.")), section("Summary", points))
    assert kinds(found) == ["title"] + ["points"] * 3
    assert shown(found[1]) == "The sign. Lost."
    assert [len(slide.body[0]) for slide in found[2:]] == [3, 3]
