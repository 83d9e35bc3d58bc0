"""A square of images: what the page is given, and what is refused."""

import base64
import io
import json
import re
from html import unescape

import numpy as np
import pytest
import torch
from PIL import Image

from diffusionbook.page import report
from diffusionbook.page.square import GREYS, PRINTED, lattice, mosaic, walk

SIZE = 8


def shaded(across, down):
    """Images whose two halves say where they stand."""
    images = torch.empty(len(across), 1, SIZE, SIZE)
    images[..., : SIZE // 2] = 2 * across[:, None, None, None] - 1
    images[..., SIZE // 2 :] = 2 * down[:, None, None, None] - 1
    return images


def inverted(across, down):
    return -shaded(across, down)


@pytest.fixture
def shown(monkeypatch):
    """The bundle that was published while the book is built."""
    caught = []
    monkeypatch.setattr(report, "publish_display_data", lambda data, meta: caught.append(data))
    monkeypatch.setenv("BOOK_BUILD", "1")
    return caught


def made(shown, side=9, **views) -> dict[str, str]:
    walk(views or {"one": shaded, "two": inverted}, alt='a "square"', name="walk", side=side)
    return {key.removeprefix(report.PREFIX): value for key, value in shown[-1].items()}


def ink(png: bytes) -> np.ndarray:
    return 1 - np.asarray(Image.open(io.BytesIO(png)).convert("L"), float) / 255


def data_of(html: str, name: str) -> str:
    return unescape(re.search(rf'data-{name}="([^"]*)"', html)[1])


def test_each_frame_is_what_was_drawn_at_its_place(shown) -> None:
    html = made(shown)["text/html"]
    frames = ink(base64.b64decode(data_of(html, "frames").partition(",")[2]))
    assert frames.shape == (2 * 9 * SIZE, 9 * SIZE)
    for view in range(2):
        for row in range(9):
            for column in range(9):
                top, left = (9 * view + row) * SIZE, column * SIZE
                frame = frames[top : top + SIZE, left : left + SIZE]
                wanted = np.array([column, row]) / 8
                wanted = 1 - wanted if view else wanted
                error = abs(frame[0, [0, -1]] - wanted).max()
                assert error <= 0.5 / (GREYS - 1) + 1e-6, (view, row, column)


def test_paper_is_white_and_ink_is_black() -> None:
    ends = torch.stack([torch.zeros(SIZE, SIZE), torch.ones(SIZE, SIZE)])[None]
    found = ink(mosaic(ends, 0))
    assert (found[:, :SIZE] == 0).all() and (found[:, SIZE:] == 1).all()


def test_what_stands_in_print_is_every_second_image(shown) -> None:
    html = made(shown)["text/html"]
    stills = [ink(base64.b64decode(each)) for each in
              re.findall(r'src="data:image/png;base64,([^"]*)"', html)]
    assert len(stills) == 2
    step = (stills[0].shape[0] + 2) // PRINTED
    assert step == SIZE + 2
    for k in range(PRINTED):
        assert abs(stills[0][k * step, k * step] - k / 4) <= 0.5 / (GREYS - 1) + 1e-6


def test_the_page_is_told_titles_and_words_and_asks_for_nothing(shown) -> None:
    bundle = made(shown, **{'<a> & "b"': shaded, "c": inverted})
    html = bundle["text/html"]
    assert json.loads(data_of(html, "titles")) == ['<a> & "b"', "c"]
    assert data_of(html, "side") == "9" and data_of(html, "alt") == 'a "square"'
    assert html.startswith('<div class="latent-square"')  # the class that loads the scripts
    assert "http" not in html and "<a>" not in html and "<script" not in html
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert bundle["text/plain"] == 'a "square"'


def test_two_squares_of_canvases_are_light(shown) -> None:
    """Strokes on paper, as large as the book's: 150 kB hold both."""
    def strokes(across, down):
        at = torch.arange(64.0)
        middle = 12 + 40 * across[:, None, None]
        far = (at - middle - 6 * torch.sin(at[:, None] / (6 + 4 * down[:, None, None]))).abs()
        return (2 * (1 - (far - 2).clamp(0, 2) / 2) - 1)[:, None]

    html = made(shown, one=strokes, two=strokes)["text/html"]
    assert len(base64.b64decode(data_of(html, "frames").partition(",")[2])) <= 150_000


@pytest.mark.parametrize(("call", "word"), [
    (lambda: walk({}, alt="a"), "views"),
    (lambda: walk({"a": shaded}, alt=" "), "alt"),
    (lambda: walk({"a": shaded}, alt="a", side=4), "side"),
    (lambda: walk({"a": shaded}, alt="a", side=8), "side"),
    (lambda: walk({"a": lambda across, down: torch.zeros(3, 1, 4, 4)}, alt="a"), "views"),
    (lambda: walk({"a": lambda a, d: torch.zeros(len(a), 1, 4, 6)}, alt="a"), "views"),
    (lambda: walk({"a": lambda a, d: torch.full((len(a), 1, 4, 4), torch.nan)}, alt="a"),
     "views"),
    (lambda: walk({"a": shaded, "b": lambda a, d: torch.zeros(len(a), 1, 4, 4)}, alt="a"),
     "views"),
    (lambda: lattice(shaded, 1), "side"),
    (lambda: mosaic(torch.zeros(1, 1, 4, 4), -1), "gap"),
])
def test_what_is_wrong_is_named(shown, call, word) -> None:
    with pytest.raises(ValueError, match=f"^{word}"):
        call()


def test_a_live_notebook_shows_two_sliders_that_draw_anew(monkeypatch) -> None:
    import IPython.display
    import ipywidgets

    monkeypatch.delenv("BOOK_BUILD", raising=False)
    drawn, boxes, asked = [], [], []
    monkeypatch.setattr(IPython.display, "display", lambda *each: boxes.append(each))
    monkeypatch.setattr(ipywidgets, "interactive_output",
                        lambda show, controls: asked.append((show, controls)))

    def noted(across, down):
        drawn.append((across.tolist(), down.tolist()))
        return shaded(across, down)

    walk({"one": shaded, "two": noted}, alt="a square")
    show, controls = asked[0]
    assert set(controls) == {"view", "across", "down"}
    assert controls["view"].options == ("one", "two")
    show("two", 0.25, 1.0)
    assert drawn == [([0.25], [1.0])]
