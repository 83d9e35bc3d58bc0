"""The explorer of steering as a reader uses it: opened as a file, with mouse, finger, keyboard."""

import base64
from unittest import mock

import checks
import pytest
import standalone
import torch
import visit

from diffusionbook.data.humps import LINED, five_humps
from diffusionbook.page import steering

READY = ".steering-explorer[data-computed]"
PIXEL = "R0lGODlhAQABAAAAACwAAAAAAQABAAA="


def bundle(**options) -> dict:
    with mock.patch.object(steering, "publish") as glued:
        steering.show("steering", **options)
    assert glued.call_args.args[0] == "steering"
    return glued.call_args.args[1]


def html(**options) -> str:
    with mock.patch.object(steering, "_still", return_value=(PIXEL, "a picture")):
        return bundle(**options)["text/html"]


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("steering")
    return standalone.write(folder, html(points=200), "steering-explorer").as_uri()


@pytest.fixture
def seen(browser, address):
    with visit.visit(browser, address) as found:
        found.page.wait_for_selector(READY)
        yield found
        assert found.errors == [] and found.outside() == []


def part(seen, what: str):
    selector = {
        "method": "label:has-text('Method') select", "known": "label:has-text('Observed') select",
        "noise": ".explorer-settings label:has-text('Noise') input",
        "angle": "label:has-text('Angle') input",
        "ring": ".steering-handle", "status": "[role=status]", "time": ".explorer-time input",
    }.get(what, what)  # fmt: skip
    return seen.page.locator(".steering-explorer").locator(selector)


def after(seen, act) -> None:
    """Do something, and wait until the cloud is computed anew."""
    before = seen.page.locator(READY).get_attribute("data-computed")
    act()
    seen.page.wait_for_function(
        "(b) => document.querySelector('.steering-explorer').dataset.computed !== b", arg=before)


def row(seen, name: str) -> list[int]:
    cells = part(seen, f".steering-weights tr:has-text('{name}') td").all_inner_texts()
    return [int(text) for text in cells]


def exact(known: str, place, angle: int, noise: float) -> list[int]:
    a, y = steering.observation(known, place, angle)
    return [round(100 * w) for w in five_humps().condition(a, y, noise).weights.tolist()]


def picture(seen, which: int) -> str:
    seen.page.wait_for_timeout(100)
    return part(seen, "canvas").nth(which).evaluate("(canvas) => canvas.toDataURL()")


def near(found, wanted) -> bool:
    return all(abs(a - b) <= 1 for a, b in zip(found, wanted, strict=True))  # a rounded half


@pytest.mark.browser
def test_the_exact_law_follows_what_is_observed(seen) -> None:
    assert near(row(seen, "Exact"), exact("line", (0.32, 0.24), 37, 0.5))
    assert abs(sum(row(seen, "Cloud")) - 100) <= 3
    clouds = {picture(seen, 0)}
    ring = part(seen, "ring")
    for key in ("ArrowRight", "Shift+ArrowUp", "ArrowLeft", "ArrowLeft", "ArrowDown"):
        after(seen, lambda key=key: ring.press(key))
    assert near(row(seen, "Exact"), exact("line", (0.22, 0.64), 37, 0.5))
    assert "ring at (0.22, 0.64)" in ring.get_attribute("aria-valuetext")
    clouds.add(picture(seen, 0))
    after(seen, lambda: part(seen, "noise").press("ArrowRight"))
    after(seen, lambda: part(seen, "angle").press("ArrowRight"))
    assert near(row(seen, "Exact"), exact("line", (0.22, 0.64), 38, 0.55))
    clouds.add(picture(seen, 0))
    after(seen, lambda: part(seen, "known").select_option("point"))
    assert near(row(seen, "Exact"), exact("point", (0.22, 0.64), 38, 0.55))
    assert part(seen, "angle").is_disabled()
    clouds.add(picture(seen, 0))
    assert len(clouds) == 4


@pytest.mark.browser
def test_every_method_makes_a_cloud_of_its_own(seen) -> None:
    found = {"dps": picture(seen, 0)}
    for method in ("none", "pigdm", "covariance", "particles"):
        after(seen, lambda method=method: part(seen, "method").select_option(method))
        found[method] = picture(seen, 0)
    assert len(set(found.values())) == 5
    assert "resampled" in part(seen, "status").inner_text()
    after(seen, lambda: part(seen, "button:has-text('New noise')").click())
    assert picture(seen, 0) != found["particles"]
    end = picture(seen, 1)
    part(seen, "time").press("Home")  # noise stands at the left end
    assert picture(seen, 1) != end


@pytest.mark.browser
def test_the_ring_is_dragged_and_a_click_moves_it(seen) -> None:
    box = part(seen, ".steering-plane").first.bounding_box()

    def at(x: float, y: float) -> tuple[float, float]:
        return (box["x"] + (x + 3) / 6 * box["width"], box["y"] + (3 - y) / 6 * box["height"])

    def ring() -> list[float]:
        return [float(part(seen, "ring").get_attribute("style").split(f"{side}: ")[1].split("%")[0])
                * 6 / 100 for side in ("left", "top")]

    def drag() -> None:
        seen.page.mouse.move(*at(0.32, 0.24))
        seen.page.mouse.down()
        seen.page.mouse.move(*at(-1, 1), steps=3)
        seen.page.mouse.up()

    after(seen, drag)
    assert ring() == pytest.approx([2, 2], abs=0.05)
    after(seen, lambda: seen.page.mouse.click(*at(1, -2)))
    assert ring() == pytest.approx([4, 5], abs=0.05)
    for _ in range(8):
        part(seen, "ring").press("Shift+ArrowDown")
    assert ring()[1] == pytest.approx(5.9)  # it stays inside


@pytest.mark.browser
@pytest.mark.parametrize("width", visit.WIDTHS)
def test_names_contrast_and_width_in_both_modes(browser, address, width: int) -> None:
    with visit.visit(browser, address, width) as seen:
        seen.page.wait_for_selector(READY)
        assert checks.problems(seen, (checks.images, checks.sideways, checks.accessible)) == []
        light = picture(seen, 0)
        seen.switch(dark=True)
        assert checks.problems(seen, (checks.accessible,)) == []
        assert picture(seen, 0) != light
        small = seen.page.evaluate(
            """() => [...document.querySelectorAll(".explorer-live :is(button, select, "
                 + "input[type=range], .steering-handle)")]
               .map((node) => node.getBoundingClientRect())
               .filter((box) => box.width < 24 || box.height < 24).length""")
        assert small == 0 and seen.errors == []


@pytest.mark.browser
@pytest.mark.parametrize("scripts", [True, False])
def test_print_and_a_page_without_scripts_show_the_picture(browser, address, scripts) -> None:
    standalone.is_a_picture(browser, address, READY, ".explorer-still",
                            ".explorer-panels, .steering-weights", scripts)


def test_the_choices_and_a_picture_in_words_are_on_the_page() -> None:
    with mock.patch.object(steering, "cloud", side_effect=lambda *a: five_humps().sample(20, None)):
        data = bundle(method="pigdm", known="point", place=(1.0, -0.5), noise_std=0.75, points=70)
    for choice in ('method="pigdm"', 'known="point"', 'place="[1.0, -0.5]"', 'noise="0.75"',
                   'particles="70"'):  # fmt: skip
        assert f" data-{choice}" in data["text/html"]
    assert data["text/html"].startswith('<div class="steering-explorer"')
    assert f'alt="{data["text/plain"]}"' in data["text/html"]
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert "ΠGDM" in data["text/plain"] and "dotted ring" in data["text/plain"]


@pytest.mark.parametrize(("option", "value"), [
    ("known", "circle"), ("place", (3.0, 0.0)), ("place", (0.0, -3.0)), ("place", (0.0, torch.nan)),
    ("angle", 176), ("angle", -1), ("noise_std", 0.1), ("noise_std", 2.5), ("points", 0),
    ("points", 5_001), ("method", "ddnm"),
])  # fmt: skip
def test_what_there_is_not_is_refused(option: str, value) -> None:
    with pytest.raises(ValueError, match=f"{option} must"):
        steering.show("steering", **{option: value})


def test_shares_of_exact_draws_are_the_exact_weights() -> None:
    law, n = five_humps(), 4_000
    a, y = steering.observation("line", (0.32, 0.24), 37)
    exact_law = law.condition(a, y, 0.5)
    found = steering.shares(law, exact_law.sample(n, torch.Generator().manual_seed(0)))
    # a share lies in [0, 1], so its variance is at most w (1 - w)
    spread = (exact_law.weights * (1 - exact_law.weights) / n).sqrt()
    assert ((found - exact_law.weights).abs() <= 5 * spread).all()
    assert five_humps().labels[LINED] == LINED
