"""The drawing of a transformer holds each part with its shape, and who is told."""

import pytest
from matplotlib.patches import FancyBboxPatch
from matplotlib.text import Annotation

from diffusionbook.plots.transformer import stack

PARTS = [("image", "1 × 8 × 8"), ("enter", "16 × 8"), ("block 1", "16 × 8"), ("leave", "16 × 4")]


def test_parts_stand_one_below_the_other_and_those_that_listen_are_told() -> None:
    (ax,) = stack(PARTS, ("time, label", "8"), [2, 3]).axes
    at = {text.get_text(): text.get_position() for text in ax.texts
          if not isinstance(text, Annotation)}
    assert set(at) == {f"{name}\n{shape}" for name, shape in (*PARTS, ("time, label", "8"))}
    boxes = [p for p in ax.patches if isinstance(p, FancyBboxPatch)]
    assert len(boxes) == 5
    column = [at[f"{name}\n{shape}"] for name, shape in PARTS]
    assert len({x for x, _ in column}) == 1
    assert [y for _, y in column] == sorted(y for _, y in column)
    arrows = [text for text in ax.texts if isinstance(text, Annotation)]
    ends = [text.xy for text in arrows if text.xyann[0] != column[0][0]]
    assert [y for _, y in ends] == [column[2][1], column[3][1]] and len(arrows) == 5


@pytest.mark.parametrize(("parts", "listening", "message"), [
    ([], [0], "parts and listening must not be empty; they hold 0 and 1"),
    (PARTS, [], "parts and listening must not be empty; they hold 4 and 0"),
    (PARTS, [4], r"listening must hold positions 0 … 3; it holds \[4\]"),
])
def test_a_drawing_that_cannot_be_is_refused(parts, listening, message) -> None:
    with pytest.raises(ValueError, match=message):
        stack(parts, ("c", "8"), listening)
