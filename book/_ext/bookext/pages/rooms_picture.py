"""The picture of the rooms on the page for contributors, drawn from the sources at every build."""

import io
import re
from pathlib import Path as FilePath

from docutils import nodes
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, PathPatch
from matplotlib.path import Path
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

from ..book import Book
from . import rooms

INK = "#123456"  # stands for the colour of the text around the picture
WIDTH, STEP, BOX, FONT = 338, 44, 19, 9.5  # points; 338 are the pixels that a phone's column has
LETTER, PAD, LANE = 5.9, 5, 7  # points: of a letter, beside a name, kept for a line that passes
OUT = FilePath("_build", "rooms.pdf")

Node = str | tuple[str, str]  # a room, or a line that passes a floor between its two rooms


def shortest(arrows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The arrows that no longer way replaces."""
    down: dict[str, set[str]] = {}
    for a, b in arrows:
        down.setdefault(a, set()).add(b)

    def reached(name: str) -> set[str]:
        return set().union(*({b} | reached(b) for b in down.get(name, ())))

    return [(a, b) for a, b in arrows if not any(b in reached(c) for c in down[a] - {b})]


def ways(arrows: list[tuple[str, str]], floors: list[list[str]]) -> list[list[Node]]:
    """For each arrow what stands on the floors from its upper room down to its lower one."""
    height = {name: k for k, floor in enumerate(floors) for name in floor}
    return [[a, *[(a, b)] * (height[a] - height[b] - 1), b] for a, b in arrows]


def arranged(floors: list[list[str]], lines: list[list[Node]]) -> list[dict[Node, float]]:
    """Where each room and each passing line stands, floor by floor, so that few lines cross."""
    height = {name: k for k, floor in enumerate(floors) for name in floor}
    rows: list[list[Node]] = [list(floor) for floor in floors]
    above: list[dict[Node, list[Node]]] = [{} for _ in rows]  # neighbours on the floor above
    below: list[dict[Node, list[Node]]] = [{} for _ in rows]
    for line in lines:
        for down, (high, low) in enumerate(zip(line[:-1], line[1:], strict=True)):
            k = height[line[0]] - down
            below[k].setdefault(high, []).append(low)
            above[k - 1].setdefault(low, []).append(high)
            if isinstance(low, tuple):
                rows[k - 1].append(low)
    at = [_spread(row) for row in rows]
    for sweep in range(24):
        order = range(1, len(rows)) if sweep % 2 == 0 else range(len(rows) - 2, -1, -1)
        for k in order:
            near, there = (below[k], at[k - 1]) if sweep % 2 == 0 else (above[k], at[k + 1])

            def wish(node: Node, k=k, near=near, there=there) -> float:
                seen = [there[other] for other in near.get(node, ())]
                return sum(seen) / len(seen) if seen else at[k][node]

            at[k] = _spread(sorted(rows[k], key=wish))
    return at


def _wide(node: Node) -> float:
    return len(node) * LETTER + 2 * PAD if isinstance(node, str) else LANE


def _spread(row: list[Node]) -> dict[Node, float]:
    """Side by side over the whole width, with equal gaps."""
    gap, x, found = (WIDTH - sum(map(_wide, row))) / len(row), 0.0, {}
    for node in row:
        found[node] = x + gap / 2 + _wide(node) / 2
        x += gap + _wide(node)
    return found


def draw(package: FilePath) -> Figure:
    """Rooms as boxes, floor by floor; a line runs down from each to those it imports from."""
    floors = rooms.floors(package)
    lines = ways(shortest(rooms.downward(package)), floors)
    at, high = arranged(floors, lines), STEP * len(floors)
    height = {name: k for k, floor in enumerate(floors) for name in floor}
    figure = Figure((WIDTH / 72, high / 72), layout="none")
    figure.patch.set_alpha(0)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(0, high))
    axes.set_axis_off()
    for line in lines:
        axes.add_patch(PathPatch(_curve(line, height[line[0]], at), fc="none", ec=INK, lw=0.8,
                                 alpha=0.45))
    for k, floor in enumerate(floors):
        for name in floor:
            x, y, wide = at[k][name], (k + 0.5) * STEP, _wide(name)
            axes.add_patch(FancyBboxPatch((x - wide / 2, y - BOX / 2), wide, BOX, fc="none",
                                          ec=INK, lw=0.9, boxstyle="round,pad=0,rounding_size=4"))
            axes.text(x, y - 0.5, name, color=INK, size=FONT, ha="center", va="center_baseline")
    return figure


def _curve(line: list[Node], top: int, at: list[dict[Node, float]]) -> Path:
    """Straight down past a floor, and in an S from floor to floor."""
    points, codes = [], []
    for down, (a, b) in enumerate(zip(line[:-1], line[1:], strict=True)):
        k = top - down
        start, end = (k + 0.5) * STEP - BOX / 2, (k - 0.5) * STEP + BOX / 2
        (x, u), middle = (at[k][a], at[k - 1][b]), (start + end) / 2
        points += [(x, start), (x, middle), (u, middle), (u, end)]
        codes += [Path.LINETO if down else Path.MOVETO, *[Path.CURVE4] * 3]
    return Path(points, codes)


def svg(figure: Figure) -> str:
    """The picture in the colour of the text it stands in, as wide as the column at most."""
    held = io.StringIO()
    with rc_context({"svg.hashsalt": "rooms", "svg.fonttype": "path"}):
        figure.savefig(held, format="svg", metadata={"Date": None})
    text = held.getvalue()
    text = text[text.index("<svg"):].replace(INK, "currentColor")
    return re.sub(r'width="[\d.]+pt" height="[\d.]+pt"',
                  'style="width: 100%; max-width: 34rem; height: auto"', text, count=1)


class Rooms(SphinxDirective):
    """``{rooms}``: the picture; its content is the caption."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        book = Book(FilePath(self.env.srcdir))
        for path in book.package.rglob("*.py"):
            self.env.note_dependency(str(path))
        floors, figure = rooms.floors(book.package), draw(book.package)
        said = "The rooms from the ground up. " + " ".join(
            f"Floor {k}: {', '.join(floor)}." for k, floor in enumerate(floors))
        html = f'<div role="img" aria-label="{said}">{svg(figure)}</div>'
        (book.root / OUT).parent.mkdir(exist_ok=True)
        figure.savefig(book.root / OUT, metadata={"CreationDate": None})
        # both, since builders may share what was read
        image = nodes.image("", uri=f"/{OUT.as_posix()}", alt=said)
        printed = addnodes.only("", image, expr="latex")
        caption = nodes.container(classes=["caption"])
        self.state.nested_parse(self.content, self.content_offset, caption)
        return [nodes.raw("", html, format="html"), printed, *caption.children]


def setup(app):
    app.add_directive("rooms", Rooms)
