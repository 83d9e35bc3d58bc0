"""The drawing of the U-Net says what it is given, at a size that can be read on a phone."""

import pytest
from matplotlib.patches import FancyBboxPatch
from matplotlib.text import Annotation

from diffusionbook.plots.boxes import PAGE
from diffusionbook.plots.unet import Row, u_net

COLUMN, LEAST = 343, 9  # pixels: the text of a page on a phone, and the smallest letters there
ROWS = [Row(("image", "1 × 8 × 8"), ("answer", "1 × 8 × 8")),
        Row(("down", "8 × 4 × 4"), ("up", "8 × 4 × 4"), skip=True)]
BOTTOM = [("in", "16 × 2 × 2"), ("attention", "16 × 2 × 2"), ("out", "16 × 2 × 2")]


@pytest.fixture
def ax():
    (ax,) = u_net(ROWS, BOTTOM).axes
    return ax


def labels(ax) -> dict[str, tuple[float, float]]:
    return {text.get_text(): text.get_position() for text in ax.texts
            if not isinstance(text, Annotation)}


def test_each_part_stands_in_a_box_with_its_shape(ax) -> None:
    given = [part for row in ROWS for part in (row.down, row.up)] + BOTTOM
    assert set(labels(ax)) == {f"{name}\n{shape}" for name, shape in given}
    boxes = [p for p in ax.patches if isinstance(p, FancyBboxPatch)]
    assert len(boxes) == len(given)
    for x, y in labels(ax).values():
        assert sum(b.get_x() < x < b.get_x() + b.get_width()
                   and b.get_y() < y < b.get_y() + b.get_height() for b in boxes) == 1


def test_it_goes_down_on_the_left_and_up_on_the_right(ax) -> None:
    at = {key.split("\n")[0]: place for key, place in labels(ax).items()}
    assert at["image"][0] == at["down"][0] < at["in"][0] < at["up"][0] == at["answer"][0]
    assert at["image"][1] == at["answer"][1] < at["down"][1] == at["up"][1] < at["in"][1]
    assert at["in"][1] < at["attention"][1] < at["out"][1]
    arrows = [(a.xyann, a.xy) for a in ax.texts if isinstance(a, Annotation)]
    side = {"left": at["image"][0], "right": at["answer"][0]}
    falls = [start[1] < end[1] for start, end in arrows if start[0] == end[0] == side["left"]]
    rises = [start[1] > end[1] for start, end in arrows if start[0] == end[0] == side["right"]]
    assert falls == rises == [True]
    across = [(start, end) for start, end in arrows if start[1] == end[1]]
    assert [(start[1], start[0] < end[0]) for start, end in across] == [(at["down"][1], True)]


def test_its_letters_can_be_read_on_a_phone(ax) -> None:
    smallest = min(text.get_fontsize() for text in ax.texts if text.get_text())
    assert smallest / 72 * COLUMN / PAGE >= LEAST


@pytest.mark.parametrize(("rows", "bottom"), [([], BOTTOM), (ROWS, [])])
def test_a_net_without_parts_is_refused(rows, bottom) -> None:
    with pytest.raises(ValueError, match="rows and bottom"):
        u_net(rows, bottom)
