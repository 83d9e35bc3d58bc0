"""Pictures of figures: few colours, the size that was asked for, and the figure is closed."""

import base64
import io

import pytest
from matplotlib import pyplot, style
from PIL import Image

from diffusionbook.page import picture


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


def test_a_live_part_says_what_its_scripts_are_told():
    told = {"small": True, "hash": False, "law": '["<"]', "steps": 1, "label": 0}
    found = picture.live_part("part", told, "UElD", 'a "b"', still="still")
    assert found == {
        "text/html": '<div class="part" data-small data-law="[&quot;&lt;&quot;]" data-steps="1" '
                     'data-label="0"><img class="still" alt="a &quot;b&quot;" '
                     'src="data:image/png;base64,UElD"></div>',
        "image/png": "UElD", "text/plain": 'a "b"'}  # fmt: skip
