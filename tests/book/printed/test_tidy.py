"""A box is kept whole where it is short, and with its title where it is long."""

from docutils import nodes

from bookext.printed import tidy


def section(*children):
    return nodes.section("", *children)


def commands(node) -> list[str]:
    return [raw.astext() for raw in node.findall(nodes.raw)]


def box(*children):
    return nodes.admonition("", nodes.title("", "Proof"), *children)


def test_a_short_box_is_kept_whole_and_a_long_one_begun() -> None:
    short = box(nodes.paragraph("", "One line."), nodes.math_block("", "a = b"))
    long = box(*(nodes.paragraph("", "word " * 60) for _ in range(9)))
    page = section(short, long)
    tidy.tidy(page)
    assert commands(page) == [rf"\booktogether{{{tidy.height(short)}}}",
                              rf"\booktogether{{{tidy.BEGUN}}}"]
    assert tidy.height(short) <= tidy.WHOLE < tidy.height(long)
    assert [type(child) for child in page] == [nodes.raw, nodes.admonition] * 2


def rows(n: int):
    each = [nodes.row("", nodes.entry("", nodes.paragraph("", "cell"))) for _ in range(n)]
    return nodes.table("", nodes.tgroup("", nodes.tbody("", *each)))


def test_a_long_box_begins_with_all_of_an_early_table() -> None:
    text, more = nodes.paragraph("", "One line."), nodes.paragraph("", "word " * 300)
    for table, lines in ((rows(9), 19), (rows(2), tidy.BEGUN), (rows(30), tidy.BEGUN)):
        page = section(box(text.deepcopy(), table, more.deepcopy()))
        assert tidy.height(page[0]) > tidy.WHOLE
        tidy.tidy(page)
        assert commands(page) == [rf"\booktogether{{{lines}}}"]


def test_inside_a_box_nothing_is_asked_for() -> None:
    page = section(box(box(nodes.rubric("", "Inner"))))
    tidy.tidy(page)
    assert len(commands(page)) == 1


def test_a_heading_without_a_section_stays_with_what_follows() -> None:
    rubric = nodes.rubric("", "A rubric")
    rubric["heading-level"] = 2
    page = section(rubric,
                   nodes.paragraph("", "", nodes.Text(""), nodes.strong("", "In bold")),
                   nodes.paragraph("", "", nodes.strong("", "Bold"), nodes.Text(" and not")))
    tidy.tidy(page)
    assert commands(page) == [rf"\booktogether{{{tidy.BEGUN}}}"] * 2
    assert "heading-level" not in rubric.attributes  # which LaTeX takes for a chapter


def test_what_only_a_screen_needs_is_left_to_the_site() -> None:
    footer = nodes.container("", nodes.literal_block("", "Made with diffusionbook 0.1.0, torch"),
                             classes=["cell", "tag_volatile"])
    timing = nodes.container("", nodes.literal_block("", "3 s"), classes=["cell", "tag_volatile"])
    hint = nodes.container("", nodes.paragraph("", "Print this page."), classes=["screen-only"])
    page = section(footer, timing, hint)
    tidy.tidy(page)
    assert page.children == [timing]


def test_the_heading_of_a_table_asks_for_all_of_it() -> None:
    table = rows(6)
    page = section(nodes.paragraph("", "", nodes.strong("", "Data")), table)
    tidy.tidy(page)
    assert commands(page) == [rf"\booktogether{{{tidy.BEGUN + tidy.height(table)}}}"]
    assert tidy.height(table) == 10
