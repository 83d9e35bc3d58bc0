"""Pages without stray lines: a short box stays whole, a long one keeps its title with its text."""

from math import ceil

from docutils import nodes

WHOLE, BEGUN = 18, 8  # lines: up to so many a box is not parted, and so many stand under a title
TABLE = 26  # lines: no heading or box asks for more, to keep a table
WIDTH = 105  # characters of a line


def tidy(book) -> None:
    for part in [node for node in book.findall(nodes.container) if is_for_screens(node)]:
        part.parent.remove(part)
    for heading in book.findall(nodes.rubric):
        heading.attributes.pop("heading-level", None)  # LaTeX would begin a chapter
    for box in [node for node in book.findall(nodes.Admonition) if not within_a_box(node)]:
        lines = height(box)
        keep_together(box, lines if lines <= WHOLE else opening(box))
    for heading in [node for node in book.findall(is_heading) if not within_a_box(node)]:
        following = heading.parent[heading.parent.index(heading) + 1:][:1]
        table = sum(height(node) for node in following if isinstance(node, nodes.table))
        keep_together(heading, min(BEGUN + table, TABLE))


def is_heading(node) -> bool:
    """A heading that is no section's: a rubric, or a line in bold alone."""
    bold = isinstance(node, nodes.paragraph) and [
        type(child) for child in node if child.astext()] == [nodes.strong]
    return isinstance(node, nodes.rubric) or (bold and isinstance(node.parent, nodes.section))


def keep_together(node, lines: int) -> None:
    node.parent.insert(node.parent.index(node),
                       nodes.raw("", rf"\booktogether{{{lines}}}", format="latex"))


def is_for_screens(node) -> bool:
    """What says so, and what a page was made with: the site tells that of each build anew."""
    footer = ("tag_volatile" in node["classes"]
              and node.astext().lstrip().startswith("Made with diffusionbook"))
    return footer or "screen-only" in node["classes"]


def within_a_box(node) -> bool:
    while (node := node.parent) is not None:
        if isinstance(node, nodes.Admonition):
            return True
    return False


def opening(box) -> int:
    """How many lines of a long box stand together: to the end of a table that comes early, which
    TeX would rather set across the foot of the page than leave for the next."""
    lines = 0
    for part in box.children:
        lines += height(part)
        if list(part.findall(nodes.table)):
            return max(BEGUN, lines) if lines <= TABLE else BEGUN
    return BEGUN


def height(box) -> int:
    """About how many lines of text a box is high."""
    total = 1.0
    for node in box.findall():
        if isinstance(node, nodes.math_block):
            total += 2 + 1.5 * node.astext().count(r"\\")
        elif isinstance(node, nodes.literal_block):
            total += 2 + 0.9 * len(node.astext().splitlines())
        elif isinstance(node, nodes.row):
            total += 1.5
        elif isinstance(node, nodes.paragraph) and not isinstance(node.parent, nodes.entry):
            total += 0.6 + ceil(len(node.astext()) / WIDTH)
        elif isinstance(node, nodes.image):
            total += 15
    return ceil(total)
