"""Sheets of digits: whole factors, wide enough to be seen, nothing smoothed."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from diffusionbook.cli.sheet import GAP, WIDTH, sheet


@pytest.mark.parametrize(("n", "columns"), [(2, 2), (20, 5), (100, 10), (900, 30)])
def test_a_sheet_is_wide_enough_and_no_wider_than_its_factor_needs(n, columns):
    width, _ = Image.open(io.BytesIO(sheet(torch.zeros(n, 1, 28, 28)))).size
    factor, rest = divmod((width - GAP) // columns - GAP, 28)
    assert rest == 0 and factor >= 1 and width >= WIDTH
    assert factor == 1 or columns * (28 * (factor - 1) + GAP) + GAP < WIDTH


def test_pixels_are_enlarged_and_not_smoothed():
    images = torch.zeros(4, 1, 28, 28)
    images[3, 0, 5, 7] = 1.0
    seen = np.asarray(Image.open(io.BytesIO(sheet(images))).convert("L"))
    factor = ((len(seen) - GAP) // 2 - GAP) // 28
    assert set(seen.flat) == {0, 255}
    rows, columns = (seen == 255).nonzero()
    corner = 2 * GAP + 28 * factor
    assert (rows.min(), columns.min()) == (corner + 5 * factor, corner + 7 * factor)
    assert len(rows) == factor**2


def test_one_picture_fills_the_sheet():
    width, height = Image.open(io.BytesIO(sheet(torch.ones(1, 1, 28, 28)))).size
    assert width == height >= WIDTH and width % 28 == 0


def test_lines_between_pictures_have_the_grey_that_is_asked_for():
    seen = np.asarray(Image.open(io.BytesIO(sheet(torch.ones(4, 1, 28, 28), between=0.5)))
                      .convert("L"))
    assert set(seen.flat) == {128, 255}
    gap = (seen == 128).all(0).nonzero()[0]
    assert len(gap) == 3 * GAP and {0, len(seen) - 1} < set(gap.tolist())
    with pytest.raises(ValueError, match=r"between must lie in \[0, 1\]; it is 1.5"):
        sheet(torch.ones(1, 1, 28, 28), between=1.5)
