"""What a chapter's slides are: its document, read once from the beginning to the end."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from docutils import nodes
from sphinx_exercise.nodes import exercise_subtitle, is_exercise_node, is_solution_node

from .sentences import Sentence, ending, joined, length, opening, sentences

HEADING = range(20, 131)  # letters of a caption's first sentence that make it a heading
LEAD, CAPTION, POINT = 230, 420, 300  # letters there is room for
POINTS = 1000  # letters on a slide of points
ROWS, WIDTH = (12, 14, 16), 85  # lines that equations may fill together, and letters in one
LINES = range(5, 21)  # of code
MOST = 39  # slides, and the last
SUMMARY, BREAKS, EXERCISES = "Summary", "What breaks", "Exercises"
QUESTION = ("Predict", "Calculate")
POINTERS = {"This", "That", "These", "Both", "Then", "There"}  # to a sentence before
LOOP = re.compile(r"^\s*(for|while) .*:\s*(#.*)?$", re.M)


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
    place = Place(_inside(title), "")
    found = list(_read(chapter, place))
    first = Slide("title", place.title, place)
    if pictures := [slide for slide in found if slide.kind == "figure" and slide.place is place]:
        first.body = pictures[0].body[:1]
        found = [slide for slide in found if slide is not pictures[0]]
    for rows in ROWS:  # the more equations a chapter has, the closer they stand
        if len(asked := _paired([first, *found], rows)) <= MOST:
            break
    room = MOST - sum(slide.kind != "question" for slide in asked)
    questions = [slide for slide in asked if slide.kind == "question"][:max(room, 0)]
    return [s for s in asked if s.kind != "question" or any(s is kept for kept in questions)]


def _paired(found: list[Slide], rows: float) -> list[Slide]:
    """Equations of one section stand together where a slide has room for both."""
    kept: list[Slide] = []
    for slide in found:
        before = kept[-1] if kept else slide
        if (slide.kind == before.kind == "equation" and slide.heading is before.heading
                and before is not slide and _rows(before) + _rows(slide) <= rows):
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
            yield _listing(children, k, place, child)
        elif _is_cell(child):
            if (code := child.next_node(nodes.literal_block)) and _is_listing(code):
                yield _listing(children, k, place, code)
        elif isinstance(child, nodes.paragraph) and _bold(child).startswith(QUESTION):
            yield _question(children, k, place)
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
    picture[:] = [nodes.container("", *picture.children)]  # two parts: docutils ends a caption
    said = sentences(caption) if caption else []
    heading = place.title
    if said and length(said[0]) in HEADING:
        heading, said = said[0], said[1:]
    body: list[nodes.Node] = [picture]
    if kept := opening(said, CAPTION):
        body.append(joined(kept))
    if place.anchor and figure["ids"]:
        place = Place(place.title, figure["ids"][0])
    return Slide("figure", heading, place, body)


def _equations(children: list, k: int, place: Place) -> tuple[int, Slide]:
    """An equation with what leads to it and what follows, and another that follows at once.

    Gives also the number of children that are dealt with.
    """
    end = k + 1
    while end < len(children) and _is_equation(children[end]):
        end += 1
    body = _lead(children, k) + [child.deepcopy() for child in children[k:end]]
    leads_on = end + 1 < len(children) and _is_equation(children[end + 1])
    if end < len(children) and _is_prose(children[end]) and not leads_on:
        kept = [sentence for sentence in opening(sentences(children[end])[:2], LEAD)
                if not _leads_on(sentence)]
        body += [joined(kept)] if kept else []
    anchor = f"equation-{children[k]['label']}"
    return end, Slide("equation", place.title, Place(place.title, anchor), body)


def _lead(children: list, k: int) -> list[nodes.Node]:
    """The end of the paragraph before, without what belongs to a formula before that."""
    if not k or not _is_prose(children[k - 1]):
        return []
    found = ending(sentences(children[k - 1]), LEAD)
    while found and _needs_more(found[0]):
        found = found[1:]
    return [joined(found)] if found else []


def _listing(children: list, k: int, place: Place, code: nodes.Node) -> Slide:
    return Slide("listing", place.title, place, [*_lead(children, k), code.deepcopy()])


def _question(children: list, k: int, place: Place) -> Slide:
    """What to predict, with the answers to choose from where they are a list."""
    strong, *rest = [child for child in children[k].deepcopy().children if child.astext()]
    if rest and isinstance(rest[0], nodes.Text):
        rest[0] = nodes.Text(str(rest[0]).lstrip(" :"))
    choices = [child.deepcopy() for child in children[k + 1:k + 2]
               if isinstance(child, nodes.bullet_list | nodes.enumerated_list)]
    return Slide("question", _inside(strong), place, [nodes.paragraph("", "", *rest), *choices])


def _points(items: list[nodes.Node], place: Place) -> Iterator[Slide]:
    """One slide, or as many as it takes, of about the same length."""
    sizes = [length([item]) + WIDTH / 2 for item in items]
    parts = math.ceil(sum(sizes) / POINTS)
    middles = [sum(sizes[:k]) + size / 2 for k, size in enumerate(sizes)]
    shares = [int(middle * parts / sum(sizes)) for middle in middles]
    for _, part in groupby(zip(shares, items, strict=True), key=lambda pair: pair[0]):
        points = nodes.bullet_list("", *(item.deepcopy() for _, item in part))
        yield Slide("points", place.title, place, [points])


def _item(paragraph: nodes.paragraph) -> nodes.list_item:
    return nodes.list_item("", paragraph)


def _shortened(paragraph: nodes.paragraph) -> nodes.paragraph:
    said = sentences(paragraph)
    kept = opening(said, POINT) or said[:1]
    return joined(kept[:-1] if len(kept) > 1 and _leads_on(kept[-1]) else kept)


def _named(exercise: nodes.Element) -> nodes.paragraph:
    """Its name, which leads to it."""
    title = exercise.next_node(nodes.title)
    name = next(iter(exercise.findall(exercise_subtitle)), title).astext().strip(" ()")
    link = nodes.reference("", name, internal=True, refid=exercise["label"])
    return nodes.paragraph("", "", link)


def _inside(node: nodes.Element) -> list[nodes.Node]:
    return [child.deepcopy() for child in node.children]


def _bold(paragraph: nodes.Node) -> str:
    """The words in bold that a paragraph begins with."""
    first = next((child for child in paragraph.children if child.astext()), None)
    return first.astext() if isinstance(first, nodes.strong) else ""


def _needs_more(sentence: Sentence) -> bool:
    """Whether it points back to what is not on the slide, or is the rest of another."""
    said = "".join(node.astext() for node in sentence).strip()
    return (said[:1].islower() or said.count(")") > said.count("(")
            or said.split(" ")[0] in POINTERS)


def _leads_on(sentence: Sentence) -> bool:
    return sentence[-1].astext().rstrip().endswith(":")


def _is_prose(node: nodes.Node) -> bool:
    """A paragraph that is not named by its first words, as a mistake or a question is."""
    return isinstance(node, nodes.paragraph) and not _bold(node).startswith(QUESTION)


def _pictures(figure: nodes.figure) -> bool:
    return any("<img" in raw.astext() for raw in figure.findall(nodes.raw)) or bool(
        list(figure.findall(nodes.image)))


def _is_equation(node: nodes.Node) -> bool:
    return isinstance(node, nodes.math_block) and bool(node.get("label"))


def _is_cell(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and "cell" in node["classes"]


def _is_listing(block: nodes.literal_block) -> bool:
    """A loop that a slide has room for, and that readers see without unfolding it."""
    code, around = block.astext().strip(), block.parent
    while around is not None and not _is_cell(around):
        around = around.parent
    folded = around is not None and any("hide" in name or "remove" in name
                                        for name in around["classes"])
    return not folded and len(code.splitlines()) in LINES and bool(LOOP.search(code))
