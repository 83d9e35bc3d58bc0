"""Three plans between two Gaussians: what each costs, and what the page is given."""

import base64
import json
import math
import re
from dataclasses import astuple, replace
from html import unescape
from unittest import mock

import pytest
import torch

from diffusionbook.page import transport
from diffusionbook.page.transport import PRESETS, Shape
from diffusionbook.transport import optimal as ot

THIN = PRESETS["Thin, at 30°"]


def bundle(**options) -> dict[str, str]:
    with mock.patch.object(transport, "publish") as glued:
        transport.show("plans", **options)
    name, found = glued.call_args.args
    assert name == "plans"
    return found


def data_of(html: str, name: str) -> str:
    return unescape(re.search(rf'data-{name}="([^"]*)"', html)[1])


def test_a_shape_is_a_gaussian_and_its_points_lie_in_it() -> None:
    shape = Shape(1, -2, 30, 2, 0.5)
    axis = torch.tensor([math.sqrt(3) / 2, 0.5]).double()
    assert torch.allclose(shape.covariance() @ axis, 4 * axis)
    assert float(torch.linalg.det(shape.covariance())) == pytest.approx(1)
    placed = shape.placed(torch.tensor([[0.0, 0.0], [1.0, 0.0]]))
    assert torch.allclose(placed, torch.stack([shape.centre(), shape.centre() + 2 * axis]))


@pytest.mark.parametrize("n", [3, 32])
def test_standard_points_have_exactly_mean_0_and_covariance_1(n: int) -> None:
    x = transport.standard(n, 4)
    assert x.mean(0).abs().max() < 1e-12
    assert (x.T @ x / n - torch.eye(2)).abs().max() < 1e-12
    assert not torch.equal(x, transport.standard(n, 5))


@pytest.mark.parametrize("pair", [*PRESETS.values(), (Shape(0, 1, -50, 1, 0.2), THIN[1])])
def test_no_plan_costs_less_than_the_map(pair) -> None:
    before = math.inf
    for batch in (1, 2, 4, 8, 16, 32):
        found = transport.plans(*pair, 0.3, batch)
        assert found.least <= found.least_of_points <= found.batched <= before + 1e-12
        before = found.batched
        squares = (found.starts - found.ends[found.match]).square().sum(1)
        assert float(squares.mean()) == pytest.approx(found.batched)
        assert all(i // batch == j // batch for i, j in enumerate(found.match.tolist()))
    assert found.batched == found.least_of_points
    # The points have the Gaussian's own mean and covariance, so the map costs on them what it
    # costs between the Gaussians.
    assert float((found.starts - found.mapped).square().sum(1).mean()) == pytest.approx(found.least)
    assert found.least < found.entropic and found.least_of_points < found.entropic_of_points


def test_the_default_is_the_example_of_the_chapter() -> None:
    a = torch.diag(torch.tensor([1.0, 0.1])).double()
    assert torch.allclose(THIN[0].covariance(), a)
    found = transport.plans(*THIN, 0.5, 4)
    assert f"{found.least:.3f}" == "0.193"
    assert found.least == pytest.approx(ot.bures_cost(a, THIN[1].covariance()))


def test_hot_plans_send_every_start_to_the_centre_and_cold_ones_to_the_map() -> None:
    a, b = PRESETS["Wide to narrow"]
    hot, cold = transport.plans(a, b, 1e6, 1), transport.plans(a, b, 0.05, 1)
    assert (hot.means - b.centre()).abs().max() < 1e-5
    spread = (a.covariance() + b.covariance()).trace()
    apart = float(spread + (a.centre() - b.centre()).square().sum())
    assert hot.entropic == pytest.approx(apart, rel=1e-5)  # as independent pairs
    assert hot.entropic_of_points == pytest.approx(apart, rel=1e-5)
    assert (cold.means - cold.mapped).abs().max() < 0.05


def test_moving_one_adds_the_same_to_every_plan() -> None:
    a, b = THIN
    here = transport.plans(a, b, 0.5, 4)
    there = transport.plans(a, replace(b, x=0.6, y=-0.8), 0.5, 4)
    for each in ("least", "entropic", "least_of_points", "entropic_of_points", "batched"):
        assert getattr(there, each) == pytest.approx(getattr(here, each) + 1)
    assert torch.equal(there.match, here.match)


def test_the_page_is_told_all_and_asks_for_nothing() -> None:
    found = bundle(preset="Equal circles", epsilon=2, batch=8)
    html = found["text/html"]
    assert html.startswith('<div class="transport-explorer"')  # the class that loads the scripts
    assert [data_of(html, key) for key in ("preset", "epsilon", "batch")] == [
        "Equal circles", "2", "8"]
    assert json.loads(data_of(html, "presets"))["Thin, at 30°"][1] == list(astuple(THIN[1]))
    first, second = json.loads(data_of(html, "points"))
    assert first == transport.standard(32, transport.SEEDS[0]).flatten().tolist() != second
    assert "http" not in html and "<script" not in html and len(html) < 60_000
    assert base64.b64decode(found["image/png"]).startswith(b"\x89PNG")
    assert f'alt="{found["text/plain"]}"' in html


def test_the_words_are_true_of_the_picture() -> None:
    found, words = transport.plans(*THIN, 0.5, 4), bundle()["text/plain"]
    for cost in (found.least, found.entropic, found.batched, found.least_of_points):
        assert f"{cost:.3f}" in words


@pytest.mark.parametrize(("option", "value"), [
    ("preset", "round"), ("epsilon", 0.04), ("epsilon", 51.0), ("epsilon", math.nan),
    ("batch", 0), ("batch", 3), ("batch", 64),
])  # fmt: skip
def test_what_there_is_not_is_refused(option: str, value) -> None:
    with pytest.raises((ValueError, TypeError), match=f"{option} must"):
        transport.show("plans", **{option: value})


def test_three_points_are_the_fewest() -> None:
    with pytest.raises(ValueError, match="n must"):
        transport.standard(2, 0)


@pytest.mark.parametrize(("name", "value"), [
    ("x", math.nan), ("turn", math.inf), ("along", 0.0), ("across", -1.0)])
def test_a_shape_is_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"^{name} must"):
        replace(THIN[0], **{name: value})
