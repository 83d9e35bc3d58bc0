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
