"""What a chapter's slides are: its document, read once from the beginning to the end."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from docutils import nodes
from sphinx_exercise.nodes import is_exercise_node, is_solution_node

from .sentences import Sentence, ending, joined, length, opening, sentences

HEADING = range(20, 131)  # letters of a caption's first sentence that make it a heading
LEAD, CAPTION, POINT = 230, 420, 300  # letters there is room for
POINTS = 1000  # letters on a slide of points
ROWS, WIDTH = 17, 85  # lines of text, and letters in one
LINES = 20  # of code
MOST = 39  # slides, and the last
SUMMARY, BREAKS, EXERCISES = "Summary", "What breaks", "Exercises"
QUESTION = ("Predict", "Calculate")
LOOP = ("for ", "while ")


@dataclass
class Place:
    """A section, or a box in it: its title, and where it is on the chapter's page."""

    title: list[nodes.Node]
    anchor: str


@dataclass
class Slide:
    kind: str
    heading: list[nodes.Node]
    place: Place
    body: list[nodes.Node] = field(default_factory=list)


def slides(doctree: nodes.document) -> list[Slide]:
    """Every slide of a chapter but the last, which links to what is elsewhere."""
    (chapter,) = [node for node in doctree.children if isinstance(node, nodes.section)]
    title = chapter.next_node(nodes.title)
    found = list(_read(chapter, Place(_inside(title), "")))
    before = [slide for slide in found if slide.kind == "figure"][:1]
    first = Slide("title", _inside(title), Place(_inside(title), ""))
    if before and not before[0].place.anchor:  # the picture that the chapter opens with
        first.body = [node for node in before[0].body if isinstance(node, nodes.figure)]
        found = [slide for slide in found if slide is not before[0]]
    return _few([first, *_paired(found)])


def _few(found: list[Slide]) -> list[Slide]:
    """As many as a lecture has time for: questions are kept while there is room."""
    room = MOST - sum(slide.kind != "question" for slide in found)
    questions = [slide for slide in found if slide.kind == "question"][:max(room, 0)]
    return [slide for slide in found if slide.kind != "question" or slide in questions]


def _paired(found: list[Slide]) -> list[Slide]:
    """Equations of one section stand together where a slide has room for both."""
    kept: list[Slide] = []
    for slide in found:
        before = kept[-1] if kept else slide
        if (slide.kind == before.kind == "equation" and slide.heading == before.heading
                and before is not slide and _rows(before) + _rows(slide) <= ROWS):
            kept[-1] = Slide("equation", before.heading, before.place, before.body + slide.body)
        else:
            kept.append(slide)
    return kept


def _rows(slide: Slide) -> float:
    """Lines that a slide with equations fills, about: a row of an equation is two."""
    return sum(2 + 2 * node.astext().count(r"\\") if _is_equation(node) else
               .5 + math.ceil(length([node]) / WIDTH) for node in slide.body)


def _read(node: nodes.Element, place: Place) -> Iterator[Slide]:
    children = [child for child in node.children
                if not isinstance(child, nodes.comment | nodes.target)]
    skip = 0
    for k, child in enumerate(children):
        if k < skip:
            continue
        if isinstance(child, nodes.section):
            yield from _section(child)
        elif is_exercise_node(child) or is_solution_node(child):
            continue
        elif isinstance(child, nodes.figure) and _pictures(child):
            yield _figure(child, place)
        elif _is_equation(child):
            skip, slide = _equations(children, k, place)
            yield slide
        elif isinstance(child, nodes.literal_block) and _is_listing(child):
            yield _listing(children, k, place)
        elif _is_cell(child):
            if (code := child.next_node(nodes.literal_block)) and _is_listing(code):
                yield _listing(children, k, place, code)
        elif isinstance(child, nodes.paragraph) and _bold(child).startswith(QUESTION):
            yield _question(child, place)
        elif isinstance(child, nodes.Admonition | nodes.admonition):
            yield from _box(child, place)
        elif isinstance(child, nodes.Element):
            yield from _read(child, place)


def _section(section: nodes.section) -> Iterator[Slide]:
    title = section.next_node(nodes.title)
    place = Place(_inside(title), section["ids"][0])
    if title.astext() == SUMMARY:
        points = section.next_node(nodes.bullet_list)
        yield from _points(list(points.children) if points else [], place)
    elif title.astext() == EXERCISES:
        yield from _points([_item(_named(node)) for node in section.findall(is_exercise_node)],
                           place)
    else:
        if title.astext() == BREAKS:
            named = [child for child in section.children if isinstance(child, nodes.paragraph)
                     and _bold(child) and not _bold(child).startswith(QUESTION)]
            yield from _points([_item(_shortened(child)) for child in named], place)
        yield from _read(section, place)


def _box(box: nodes.Element, place: Place) -> Iterator[Slide]:
    title = box.next_node(nodes.title)
    inside = Place(_inside(title), place.anchor) if title else place
    if "chapter-card" in box["classes"]:
        yield from _points([_item(child.deepcopy()) for child in box.children
                            if isinstance(child, nodes.paragraph)], inside)
    elif "dropdown" not in box["classes"]:
        yield from _read(box, inside)
    else:  # what is folded away is for readers; its equations and figures are shown all the same
        yield from (s for s in _read(box, inside) if s.kind in ("equation", "figure"))


def _figure(figure: nodes.figure, place: Place) -> Slide:
    """The caption's first sentence says what to see: it is the heading, if it is one."""
    picture, caption = figure.deepcopy(), figure.next_node(nodes.caption)
    for node in [*picture.findall(nodes.caption), *picture.findall(nodes.legend)]:
        node.parent.remove(node)
    said = sentences(caption) if caption else []
    heading = place.title
    if said and length(said[0]) in HEADING:
        heading, said = said[0], said[1:]
    body: list[nodes.Node] = [picture]
    if kept := opening(said, CAPTION):
        body.append(joined(kept))
    where = Place(place.title, figure["ids"][0] if figure["ids"] else place.anchor)
    slide = Slide("figure", heading, where if place.anchor else place, body)
    return slide


def _equations(children: list, k: int, place: Place) -> tuple[int, Slide]:
    """An equation with what leads to it and what follows; the next, too, if it follows at once.

    Gives also the number of children that are dealt with.
    """
    body: list[nodes.Node] = []
    if k and isinstance(children[k - 1], nodes.paragraph):
        body.append(joined(ending(sentences(children[k - 1]), LEAD)))
    body.append(children[k].deepcopy())
    after, end = children[k + 1:k + 3], k + 1
    if after and _is_equation(after[0]):
        body.append(after[0].deepcopy())
        end = k + 2
    elif len(after) == 2 and _is_equation(after[1]) and isinstance(after[0], nodes.paragraph):
        body += [joined(ending(sentences(after[0]), LEAD)), after[1].deepcopy()]
        end = k + 3
    follow = children[end:end + 2]
    if follow and isinstance(follow[0], nodes.paragraph) and not (
            len(follow) == 2 and _is_equation(follow[1])):
        kept = [s for s in opening(sentences(follow[0])[:2], LEAD)
                if not s[-1].astext().rstrip().endswith(":")]
        if kept and not _bold(follow[0]):
            body.append(joined(kept))
    anchor = f"equation-{children[k]['label']}"
    return end, Slide("equation", place.title, Place(place.title, anchor), body)


def _listing(children: list, k: int, place: Place, code=None) -> Slide:
    body: list[nodes.Node] = []
    if k and isinstance(children[k - 1], nodes.paragraph) and not _bold(children[k - 1]):
        body.append(joined(ending(sentences(children[k - 1]), LEAD)))
    body.append((code or children[k]).deepcopy())
    return Slide("listing", place.title, place, body)


def _question(paragraph: nodes.paragraph, place: Place) -> Slide:
    strong, *rest = [child for child in paragraph.deepcopy().children if child.astext()]
    said = nodes.paragraph("", "", *rest)
    if said.children and isinstance(said[0], nodes.Text):
        said.replace(said[0], nodes.Text(str(said[0]).lstrip(" :")))
    return Slide("question", _inside(strong), place, [said])


def _points(items: list[nodes.Node], place: Place) -> Iterator[Slide]:
    """One slide, or as many as it takes, of about the same length."""
    lengths = [length([item]) + 40 for item in items]
    parts = -(-sum(lengths) // POINTS)
    share, filled, taken = sum(lengths) / max(parts, 1), 0, []
    for item, size in zip(items, lengths, strict=True):
        if taken and filled + size / 2 > share:
            yield Slide("points", place.title, place, [nodes.bullet_list("", *taken)])
            filled, taken = 0, []
        taken.append(item.deepcopy())
        filled += size
    if taken:
        yield Slide("points", place.title, place, [nodes.bullet_list("", *taken)])


def _item(paragraph: nodes.paragraph) -> nodes.list_item:
    return nodes.list_item("", paragraph)


def _shortened(paragraph: nodes.paragraph) -> nodes.paragraph:
    said: list[Sentence] = sentences(paragraph)
    return joined(opening(said, POINT) or said[:1])


def _named(exercise: nodes.Element) -> nodes.paragraph:
    title = exercise.next_node(nodes.title)
    return nodes.paragraph("", "", *_inside(title))


def _inside(node: nodes.Element) -> list[nodes.Node]:
    return [child.deepcopy() for child in node.children]


def _bold(paragraph: nodes.Node) -> str:
    """The words in bold that a paragraph begins with."""
    first = next((child for child in paragraph.children if child.astext()), None)
    return first.astext() if isinstance(first, nodes.strong) else ""


def _pictures(figure: nodes.figure) -> bool:
    return any("<img" in raw.astext() for raw in figure.findall(nodes.raw)) or bool(
        list(figure.findall(nodes.image)))


def _is_equation(node: nodes.Node) -> bool:
    return isinstance(node, nodes.math_block) and bool(node.get("label"))


def _is_cell(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and "cell" in node["classes"]


def _is_listing(block: nodes.literal_block) -> bool:
    """A loop that a slide has room for, and that readers see without unfolding it."""
    lines, around = block.astext().strip().splitlines(), block.parent
    while around is not None and not _is_cell(around):
        around = around.parent
    folded = around is not None and any("hide" in name or "remove" in name
                                        for name in around["classes"])
    return not folded and len(lines) <= LINES and any(
        line.lstrip().startswith(LOOP) for line in lines)
