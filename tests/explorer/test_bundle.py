"""What a cell that shows the explorer puts on the page."""

import base64
from unittest import mock

import pytest

from diffusionbook.page import explorer


def bundle(**options) -> dict:
    with mock.patch.object(explorer, "publish") as shown:
        explorer.show(**options)
    return shown.call_args.args[1]


def test_the_choices_and_a_picture_in_words_are_on_the_page():
    data = bundle(data="trio", method="ddpm", sampler="ddim", steps=8, particles=70, time=0.25)
    for choice in ('set="trio"', 'method="ddpm"', 'sampler="ddim"', 'steps="8"', 'particles="70"',
                   'time="0.25"'):  # fmt: skip
        assert f" data-{choice}" in data["text/html"]
    assert "data-small" not in data["text/html"] and "<script" not in data["text/html"]
    assert f'alt="{data["text/plain"]}"' in data["text/html"]
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert "exact field" in data["text/plain"] and "8 steps" in data["text/plain"]


@pytest.mark.parametrize("options", [{"small": True}, {"data": "checkerboard"}])
def test_without_an_exact_field_the_picture_shows_the_network_alone(options):
    data = bundle(**options, steps=2)
    assert "exact" not in data["text/plain"]
    assert ("data-small" in data["text/html"]) == ("small" in options)


def test_it_is_glued_under_a_name():
    with mock.patch.object(explorer, "publish") as glued:
        explorer.show("flow-explorer", steps=2)
    assert glued.call_args.args[0] == "flow-explorer"
    assert set(glued.call_args.args[1]) == {"text/html", "image/png", "text/plain"}


@pytest.mark.parametrize(
    ("option", "value"),
    [("data", "square"), ("method", "vp"), ("sampler", "rk4"), ("steps", 0), ("steps", 51),
     ("particles", 0), ("time", 1.5), ("preset", ("rk4", 4)), ("preset", ("euler", 51))],
)  # fmt: skip
def test_what_there_is_not_is_refused(option: str, value):
    with pytest.raises(ValueError, match=f"{option}('s \\w+)? must"):
        explorer.show(**{option: value})


def test_reflow_has_no_ddpm():
    with pytest.raises(ValueError, match="must not be ddpm"):
        explorer.show(method="reflow", sampler="ddpm")
