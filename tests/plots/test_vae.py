"""The drawing of an autoencoder: a U without skips, and noise that enters at its bottom."""

import pytest
from matplotlib.text import Annotation

from diffusionbook.plots.style import NOISE
from diffusionbook.plots.unet import PAGE, Row
from diffusionbook.plots.vae import autoencoder

ROWS = [Row(("canvas", "1 × 8 × 8"), ("answer", "1 × 8 × 8")),
        Row(("down", "8 × 4 × 4"), ("up", "8 × 4 × 4"))]


@pytest.fixture
def ax():
    (ax,) = autoencoder(ROWS, ("m, s", "2 × 2"), ("z", "2 × 2")).axes
    return ax


def test_all_parts_are_there_and_the_noise_leads_to_the_draw(ax) -> None:
    places = {text.get_text().split("\n")[0]: text.get_position() for text in ax.texts
              if not isinstance(text, Annotation)}
    assert set(places) == {"canvas", "answer", "down", "up", "m, s", "z"}
    assert places["down"][1] < places["m, s"][1] < places["z"][1]
    (noise,) = [text for text in ax.texts if text.get_text() == "noise"]
    assert noise.get_color() == NOISE
    assert noise.xyann[1] == noise.xy[1] == places["z"][1]  # level with the draw, from its left
    assert 0 < noise.xyann[0] < noise.xy[0] < places["z"][0]


def test_nothing_leads_across_above_the_latent(ax) -> None:
    level = [text for text in ax.texts if isinstance(text, Annotation)
             and text.xyann[1] == text.xy[1]]
    assert [text.get_text() for text in level] == ["noise"]


def test_its_letters_can_be_read_on_a_phone(ax) -> None:
    assert min(text.get_fontsize() for text in ax.texts) / 72 * 343 / PAGE >= 9


def test_one_without_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="rows and bottom"):
        autoencoder([], ("m", "1"), ("z", "1"))
