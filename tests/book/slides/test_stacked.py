"""A wide picture is cut where nothing is drawn, and is whole below itself."""

import io
from base64 import b64decode, b64encode

import numpy as np
from PIL import Image

from bookext.slides.stacked import middle_gap, stacked


def png(*columns: tuple[int, int], width: int = 800) -> str:
    """Black bars on white paper, in base64."""
    pixels = np.full((60, width, 3), 255, np.uint8)
    for first, last in columns:
        pixels[20:40, first:last] = 0
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "png")
    return b64encode(stream.getvalue()).decode()


def opened(text: str) -> Image.Image:
    return Image.open(io.BytesIO(b64decode(text)))


def test_the_halves_hold_all_that_was_drawn() -> None:
    wide = png((10, 380), (420, 790))
    narrow = opened(stacked(wide)).convert("L")
    assert narrow.size == (400, 120)
    assert (np.asarray(narrow) < 9).sum() == (np.asarray(opened(wide).convert("L")) < 9).sum()


def test_the_cut_is_beside_what_crosses_the_middle() -> None:
    assert middle_gap(opened(png((10, 410), (450, 790)))) == 410


def test_some_pictures_stay_as_they_are() -> None:
    assert stacked(png((10, 100), (200, 300), width=320)) is None
    assert stacked(png((10, 790))) is None
