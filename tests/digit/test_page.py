"""What a cell that shows the place for a digit puts on the page."""

import base64
from unittest import mock

import pytest
import torch

from diffusionbook import zoo
from diffusionbook.guidance import cfg
from diffusionbook.page import digit as digit_page
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.named import time_grid
from diffusionbook.samplers.ode import DPMpp2M


@pytest.fixture(scope="module")
def net():
    return zoo.load(digit_page.MODEL)


def test_noise_is_standard_normal_and_differs_from_seed_to_seed():
    x = torch.cat([digit_page.noise(seed) for seed in range(1, 41)])
    n = x.numel()
    assert x.shape == (40, 1, 28, 28) and x.dtype == torch.float32
    assert abs(x.mean()) < 5 / n**0.5 and abs(x.var() - 1) < 5 * (2 / n) ** 0.5
    assert abs((x.double() ** 4).mean() - 3) < 5 * (96 / n) ** 0.5
    flat = x.flatten(1)
    assert (flat @ flat.T / 784).fill_diagonal_(0).abs().max() < 0.2
    assert abs((flat[:, 1:] * flat[:, :-1]).mean()) < 5 / n**0.5
    assert torch.equal(digit_page.noise(7), x[6:7])


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_noise_refuses_other_seeds(seed):
    with pytest.raises(ValueError, match=f"seed must.*{seed}"):
        digit_page.noise(seed)


def test_a_journey_ends_where_the_sampler_does(net):
    moments = digit_page.journey(net, 4, 2.0, 3, seed=5)
    guided, noise, grid = cfg(net, 2.0), digit_page.noise(5), time_grid("dpmpp2m", net.path, 3)
    y = torch.tensor([4])
    assert torch.equal(moments[-1].x_t, sample(DPMpp2M(), guided, noise, grid, y=y))
    assert [m.t for m in moments] == grid.tolist()
    assert torch.equal(moments[0].x_t, noise)
    for m in moments[:-1]:
        assert torch.equal(m.x0, guided(m.x_t, m.t, y).x0)
    assert torch.equal(moments[-1].x0, moments[-2].x0)


def test_the_choices_and_a_picture_in_words_are_on_the_page():
    with mock.patch.object(digit_page, "publish") as glued:
        digit_page.digit_in_page("place", label=8, scale=0.5, steps=5, seed=12)
    name, data = glued.call_args.args
    assert name == "place" and set(data) == {"text/html", "image/png", "text/plain"}
    for choice in ('label="8"', 'scale="0.5"', 'steps="5"', 'seed="12"'):
        assert f" data-{choice}" in data["text/html"]
    assert "<script" not in data["text/html"] and data["image/png"] in data["text/html"]
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert f'alt="{data["text/plain"]}"'.replace("'", "&#x27;") in data["text/html"]
    for words in ("A 8 comes", "in 5 steps", "scale 0.5"):
        assert words in data["text/plain"]


@pytest.mark.parametrize(
    ("option", "value"),
    [("label", 10), ("label", -1), ("scale", 4.25), ("steps", 4), ("steps", 51), ("seed", 0),
     ("seed", 10_000)],
)  # fmt: skip
def test_what_there_is_not_is_refused(option: str, value):
    with pytest.raises(ValueError, match=f"{option} must lie between"):
        digit_page.digit_in_page("place", **{option: value})
