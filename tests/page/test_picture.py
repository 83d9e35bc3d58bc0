"""Pictures of figures: few colours, the size that was asked for, and the figure is closed."""

import base64
import io

import pytest
import torch
from matplotlib import pyplot, style
from PIL import Image

from diffusionbook.page import picture
from diffusionbook.plots import heat_maps


@pytest.fixture
def fig():
    with style.context("default"):  # whatever other tests have used
        figure = pyplot.figure(figsize=(2, 1))
        figure.add_axes([0.4, 0.4, 0.2, 0.2]).scatter(
            range(40), range(40), c=range(40), cmap="hsv", alpha=0.5)
        yield figure
        pyplot.close(figure)


@pytest.mark.parametrize("colours", [5, 12])
def test_pixels_have_no_more_colours_than_were_asked_for(fig, colours):
    image = Image.open(io.BytesIO(picture.pixels(fig, dpi=50, colours=colours)))
    assert image.format == "PNG" and image.mode == "P"
    assert 2 < len(image.convert("RGB").getcolors()) <= colours


def test_a_figure_is_closed_when_its_pixels_are_taken(fig):
    picture.pixels(fig, dpi=50)
    assert not pyplot.fignum_exists(fig.number)


def test_margins_are_kept_where_frames_shall_have_one_size(fig):
    whole = Image.open(io.BytesIO(picture.pixels(fig, dpi=50, tight=False)))
    cut = Image.open(io.BytesIO(picture.pixels(fig, dpi=50)))
    assert whole.size == (100, 50) and cut.width < 80 and cut.height < 50


@pytest.mark.parametrize(("kind", "begins"), [
    ("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")])
def test_a_figure_is_saved_as_it_was_asked_for(fig, kind, begins):
    assert picture.saved(fig, kind).startswith(begins)
    assert pyplot.fignum_exists(fig.number)


def test_base64_gives_the_file_back():
    assert base64.b64decode(picture.in_base64(bytes(range(256)))) == bytes(range(256))


def test_a_picture_says_whether_all_of_it_is_drawn(fig):
    with_a_digit, _ = pyplot.subplots()
    with_a_digit.axes[0].imshow([[0, 1]])
    assert picture.drawn(picture.pixels(fig, dpi=50))
    assert not picture.drawn(picture.pixels(with_a_digit, dpi=50))
    heat = heat_maps({"a": torch.zeros(4)}, half=1.0, limits=(0.0, 1.0), scale="")
    assert picture.drawn(picture.pixels(heat, dpi=50))  # from paper to ink


def test_bytes_that_are_no_image_are_refused() -> None:
    with pytest.raises(ValueError, match="png: 4 bytes that are no PNG image"):
        picture.drawn(b"\x89PNG")
