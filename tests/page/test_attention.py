"""Patches to click: what the page is given is what the transformer does, and what is refused."""

import base64
import json
import re
from html import unescape
from unittest import mock

import numpy as np
import pytest
import torch
from looking import SIDE, digits, looking
from matplotlib.figure import Figure
from torch import nn

from diffusionbook.data import mnist
from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.nets.attention_maps import attention_maps
from diffusionbook.page import attention
from diffusionbook.paths.gaussian import VP
from diffusionbook.randomness import randn, seeded

TIMES = (0.9, 0.5, 0.1)
N = SIDE**2


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(mnist, "load", digits)


def shown(model, **options) -> dict[str, str]:
    with mock.patch.object(attention, "publish") as glued:
        attention.show("attention", model, **{"times": TIMES, **options})
    name, bundle = glued.call_args.args
    assert name == "attention"
    return bundle


def data_of(html: str, name: str) -> str:
    return unescape(re.search(rf'data-{name}="([^"]*)"', html)[1])


def unpacked(html: str, name: str, side: int) -> np.ndarray:
    raw = np.frombuffer(base64.b64decode(data_of(html, name)), np.uint8)
    return raw.reshape(len(TIMES), side, side).astype(float)


def noised(model, digit: int, t: float):
    x0 = digits().images[digit : digit + 1]
    return model.path.interpolate(x0, randn(x0.shape, seeded(0), torch.float32), t)


@pytest.mark.parametrize("digit", [0, 1])
def test_the_bytes_are_the_maps_and_the_images_of_each_time(digit) -> None:
    model = looking()
    html = shown(model, digit=digit)["text/html"]
    maps, noisy, guess = (unpacked(html, *each) for each in (("maps", N), ("noisy", 28),
                                                             ("guess", 28)))
    label = digits().labels[digit : digit + 1]
    for k, t in enumerate(TIMES):
        x_t = noised(model, digit, t)
        shares = attention_maps(model.net, x_t, torch.tensor([t]), label)
        wanted = shares.numpy().mean((0, 2))[0]
        largest = wanted.max(1, keepdims=True)
        assert (maps[k].max(1) == 255).all()
        assert abs(maps[k] / 255 - wanted / largest).max() <= 0.5 / 255 + 1e-6
        assert abs(maps[k] / maps[k].sum(1, keepdims=True) - wanted).max() < 0.01
        with torch.no_grad():
            x0 = model(x_t, t, label).x0
        for found, image in ((noisy[k], x_t), (guess[k], x0)):
            ink = (image[0, 0].clamp(-1, 1).numpy() + 1) / 2
            assert abs(found / 255 - ink).max() <= 0.5 / 255 + 1e-6
    assert data_of(html, "label") == str(int(label))


def test_a_row_is_the_patch_that_looks_and_a_column_what_it_looks_at() -> None:
    model = looking()
    shares = np.zeros((2, 1, 2, N, N), np.float32)  # every patch looks to its right, and round
    shares[..., np.arange(N), (np.arange(N) + 1) % N] = 1
    with mock.patch.object(attention, "attention_maps", return_value=torch.tensor(shares)):
        bundle = shown(model, patch=10)
    assert (unpacked(bundle["text/html"], "maps", N)[1] == 255 * shares[0, 0, 0]).all()
    assert "row 2 and column 4" in bundle["text/plain"]
    assert "0 per cent of its attention is on itself, 100 on its 8" in bundle["text/plain"]


def test_the_words_are_true_of_the_picture() -> None:
    model, patch = looking(), 6  # a corner
    bundle = shown(model, digit=1, patch=patch)
    shares = attention_maps(model.net, noised(model, 1, TIMES[1]), torch.tensor([TIMES[1]]),
                            torch.tensor([3])).mean((0, 2))[0, patch]
    near = 100 * float(shares[[5, 12, 13]].sum())
    assert bundle["text/plain"].startswith("Three squares: a handwritten 3 with noise of time 0.5,")
    assert bundle["text/plain"].endswith(
        f"in row 1 and column 7, is framed: {100 * float(shares[6]):.0f} per cent of its "
        f"attention is on itself, {near:.0f} on its 3 neighbours.")


def test_the_page_is_told_all_and_asks_for_nothing() -> None:
    bundle = shown(looking(), patch=8)
    html = bundle["text/html"]
    assert html.startswith('<div class="attention-explorer"')  # the class that loads the scripts
    assert json.loads(data_of(html, "times")) == list(TIMES)
    assert [data_of(html, key) for key in ("patch", "patches", "side")] == ["8", "7", "28"]
    assert "http" not in html and "<script" not in html
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert f'src="data:image/png;base64,{bundle["image/png"]}"' in html
    assert bundle["text/plain"] in html
    assert len(shown(looking(), times=attention.TIMES)["text/html"]) < 60_000


@pytest.mark.parametrize(("word", "options"), [
    ("digit", {"digit": 2}), ("digit", {"digit": -1}),
    ("patch", {"patch": N}), ("patch", {"patch": -1}),
    ("times", {"times": ()}), ("times", {"times": (0.5,)}), ("times", {"times": (0.2, 0.8)}),
    ("times", {"times": (0.5, 0.5)}), ("times", {"times": (1.1, 0.5)}),
    ("times", {"times": (0.5, 0.0)}), ("times", {"times": (float("nan"), 0.5)}),
])
def test_what_is_wrong_is_named(word, options) -> None:
    with pytest.raises(ValueError, match=f"^{word} must"):
        shown(looking(), **options)


def test_another_network_is_named() -> None:
    for call in (shown, attention.opening):
        with pytest.raises(ValueError, match="^model must be of a DiT; it is of Identity"):
            call(NetDenoiser(nn.Identity(), VP(), "v"))


def test_the_opening_draws_the_patch_it_is_asked_for() -> None:
    with mock.patch.object(attention, "looks", return_value=Figure()) as drawn:
        attention.opening(looking(), digit=1, patch=9)(0.5)
    images, shares, patch = drawn.call_args.args
    assert list(images) == ["noisy", "its guess"] and patch == 9
    assert torch.equal(images["noisy"], noised(looking(), 1, 0.5)[0, 0])
    assert abs(float(shares.sum()) - 1) < 1e-5
