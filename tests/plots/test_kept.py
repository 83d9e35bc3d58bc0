"""A table of images over a curve: each image where it belongs, the point where it was asked for."""

import numpy as np
import pytest
import torch

from diffusionbook.plots.curves import Curve
from diffusionbook.plots.kept import keeping
from diffusionbook.randomness import randn, seeded

CURVE = Curve("exact", (1.0, 2.0, 4.0), (9.0, 3.0, 1.0), "exact")
ROWS = {name: randn((5, 1, 6, 4), seeded(k)).clamp(-1, 1) for k, name in enumerate("ab")}
AXES = {"x": "error", "y": "nats"}


def test_images_and_the_point_stand_where_they_belong() -> None:
    table, ax = keeping(ROWS, CURVE, (2.0, 3.0), **AXES).axes
    paper = np.asarray(table.images[0].get_array())
    assert paper.shape == (2 * 8, 5 * 6)
    for row, images in enumerate(ROWS.values()):
        for k, image in enumerate(images):
            part = paper[row * 8 + 1 : row * 8 + 7, k * 6 + 1 : k * 6 + 5]
            assert np.allclose(part, image[0])
    assert (paper[::8] == -1).all() and (paper[:, ::6] == -1).all()
    titles = {text.get_text(): text.get_position()[1] for text in table.texts}
    assert titles == {"a": 4, "b": 12}
    line, point = ax.lines[0], ax.lines[-1]
    assert list(line.get_xdata()) == [1, 2, 4] and list(line.get_ydata()) == [9, 3, 1]
    assert (*point.get_xdata(), *point.get_ydata()) == (2.0, 3.0)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("error", "nats")


@pytest.mark.parametrize(("rows", "at", "message"), [
    ({}, (1.0, 1.0), "rows must hold images of one shape"),
    ({"a": ROWS["a"], "b": ROWS["b"][:2]}, (1.0, 1.0), "rows must hold images of one shape"),
    ({"a": ROWS["a"] / 0}, (1.0, 1.0), "rows must be finite"),
    (ROWS, (1.0, float("nan")), "at must be finite; it is nan"),
])  # fmt: skip
def test_bad_input_is_refused(rows, at, message, without_shape_checks) -> None:
    with pytest.raises(ValueError, match=message):
        keeping(rows, CURVE, at, **AXES)


def test_what_lies_outside_the_range_of_ink_is_clipped_by_the_colours() -> None:
    table, _ = keeping({"a": torch.full((1, 1, 2, 2), 3.0)}, CURVE, (1.0, 9.0), **AXES).axes
    assert table.images[0].get_clim() == (-1, 1)
