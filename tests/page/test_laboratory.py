"""What a cell that shows the laboratory puts on the page."""

import base64
from unittest import mock

import pytest

from diffusionbook.page import laboratory


def bundle(**options) -> dict:
    with mock.patch.object(laboratory, "publish") as shown:
        laboratory.show(**options)
    return shown.call_args.args[1]


def test_the_choices_and_a_picture_in_words_are_on_the_page():
    data = bundle(preset="trio", path="vp", row="x0", sampler="ddim", steps=8, w=2.5, seed=7,
                  time=0.25, see=("density", "error"))  # fmt: skip
    for choice in ('preset="trio"', 'path="vp"', 'row="x0"', 'sampler="ddim"', 'steps="8"',
                   'label="-1"', 'w="2.5"', 'seed="7"', 'time="0.25"', 'see="density error"'):
        assert f" data-{choice}" in data["text/html"]
    for absent in ("data-small", "data-hash", "<script", "http"):
        assert absent not in data["text/html"]
    assert data["text/html"].startswith('<div class="diffusion-laboratory"')  # loads the scripts
    assert f'alt="{data["text/plain"]}"' in data["text/html"]
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert "exact field" in data["text/plain"] and "8 steps" in data["text/plain"]


def test_a_label_shows_the_exact_guided_field():
    data = bundle(preset="moons", label=1, w=3.0, steps=2)
    assert ' data-label="1"' in data["text/html"]
    assert "label 1 of the law moons" in data["text/plain"] and "w = 3" in data["text/plain"]
    assert "network" not in data["text/plain"]


@pytest.mark.parametrize("option", ["small", "hash"])
def test_what_is_there_or_not(option: str):
    assert f" data-{option}" in bundle(steps=1, **{option: True})["text/html"]


def test_nothing_needs_to_be_seen():
    assert ' data-see=""' in bundle(steps=1, see=())["text/html"]


def test_it_is_glued_under_a_name():
    with mock.patch.object(laboratory, "publish") as glued:
        laboratory.show("laboratory", steps=2)
    assert glued.call_args.args[0] == "laboratory"
    assert set(glued.call_args.args[1]) == {"text/html", "image/png", "text/plain"}


@pytest.mark.parametrize(
    ("option", "value"),
    [("preset", "square"), ("path", "cosine"), ("row", "v"), ("sampler", "rk4"), ("steps", 0),
     ("steps", 51), ("label", 2), ("label", -1), ("w", 5.5), ("w", -1), ("seed", 0),
     ("seed", 10_000), ("time", 1.5), ("see", ("particles", "stars")), ("w", float("nan"))],
)  # fmt: skip
def test_what_there_is_not_is_refused(option: str, value):
    with pytest.raises(ValueError, match=f"^{option} must"):
        laboratory.show(**{option: value})


@pytest.mark.parametrize(("preset", "counts"), [
    ("spiral", [100, 100]), ("moons", [60, 60]), ("ring", [3, 3, 2]), ("trio", [1, 1, 1]),
])  # fmt: skip
def test_laws_have_three_labels_at_most(preset: str, counts: list[int]):
    assert laboratory.preset_law(preset).labels.bincount().tolist() == counts


def test_the_humps_of_the_ring_are_labelled_in_turn():
    assert laboratory.preset_law("ring").labels.tolist() == [0, 1, 2, 0, 1, 2, 0, 1]


def test_the_inner_half_of_the_spiral_is_label_0():
    law = laboratory.preset_law("spiral")
    radius = law.means.norm(dim=1)
    assert radius[law.labels == 0].max() < radius[law.labels == 1].min()


def test_the_checkerboard_is_no_mixture_here():
    assert laboratory.preset_law("checkerboard") is None
    assert "exact" not in bundle(preset="checkerboard", steps=1)["text/plain"]
    with pytest.raises(ValueError, match="label must be one of None"):
        laboratory.show(preset="checkerboard", label=0)
