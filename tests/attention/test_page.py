"""Patches to click as a reader uses them: opened as a file, with mouse, finger and keyboard."""

import base64
import io
from pathlib import Path
from unittest import mock

import checks
import numpy as np
import pytest
import standalone
import visit
from looking import SIDE, digits, looking
from PIL import Image

from diffusionbook.data import mnist
from diffusionbook.page import attention

pytestmark = pytest.mark.browser
READY = ".attention-explorer.is-live"
TIMES = (0.9, 0.6, 0.3, 0.1)
N = SIDE**2
COLOURS = {False: {"paper": (255, 255, 255), "ink": (50, 50, 50), "learned": (0, 122, 90)},
           True: {"paper": (20, 24, 30), "ink": (206, 214, 221), "learned": (61, 201, 160)}}


@pytest.fixture(scope="module")
def html() -> str:
    with mock.patch.object(mnist, "load", digits), mock.patch.object(attention, "publish") as glued:
        attention.show("attention", looking(), times=TIMES)
    return glued.call_args.args[1]["text/html"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, html) -> Path:
    return standalone.write(tmp_path_factory.mktemp("attention"), html, "attention-explorer")


@pytest.fixture
def seen(browser, folder):
    with visit.visit(browser, folder.as_uri()) as found:
        found.page.wait_for_selector(READY)
        yield found
        assert found.errors == [] and found.outside() == []


def given(html: str, name: str, side: int) -> np.ndarray:
    """Of each time, (side, side) in [0, 1]."""
    text = html.split(f'data-{name}="')[1].split('"')[0]
    found = np.frombuffer(base64.b64decode(text), np.uint8)
    return found.reshape(len(TIMES), side, side) / 255


def cells(canvas, side: int) -> np.ndarray:
    """(side, side, 3) what a canvas shows, away from the middle, where a frame may be, and from
    the lines of the grid."""
    text = canvas.evaluate("(canvas) => canvas.toDataURL()").partition(",")[2]
    found = np.asarray(Image.open(io.BytesIO(base64.b64decode(text))).convert("RGB"), float)
    at = ((np.arange(side) + 0.5) * len(found) / side).astype(int)
    return found[at][:, at]


def here(seen, html: str, *, guess: bool = False) -> tuple[int, int]:
    """Time and patch that are shown, with which pictures and words must agree."""
    page = seen.page
    seen.page.evaluate(visit.STILL)
    k, patch = map(int, page.locator(READY).get_attribute("data-shown").split())
    image, picture = page.locator("canvas").all()
    colours = {name: np.array(rgb) for name, rgb in COLOURS[seen.dark].items()}
    row, column = divmod(patch, SIDE)
    shares = given(html, "maps", N)[k, patch].reshape(SIDE, SIDE)
    pixels = given(html, "guess" if guess else "noisy", 28)[k]
    for canvas, wanted, colour in ((picture, shares, "learned"), (image, pixels, "ink")):
        rgb = colours["paper"] + wanted[..., None] * (colours[colour] - colours["paper"])
        off = abs(cells(canvas, len(wanted)) - rgb).max(2)
        if colour == "ink":  # pixels at the frame
            off[4 * row : 4 * row + 4, 4 * column : 4 * column + 4] = 0
        assert off.max() <= 2
    share, near = shares / shares.sum(), np.zeros((SIDE, SIDE), bool)
    near[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2] = True
    near[row, column] = False
    words = (f"Row {row + 1}, column {column + 1}: {100 * share[row, column]:.0f}\u00a0% of its "
             f"attention on itself, {100 * share[near].sum():.0f}\u00a0% on its {near.sum()} "
             f"neighbours")
    assert page.locator(".attention-words").inner_text() == words
    assert image.get_attribute("aria-valuetext") == words and words in picture.get_attribute(
        "aria-label")
    assert image.get_attribute("aria-valuenow") == str(patch)
    assert page.locator(".explorer-time output").inner_text() == f"t = {TIMES[k]:.2f}"
    assert f"t = {TIMES[k]:.2f}" in image.get_attribute("aria-label")
    return k, patch


def middle(box: dict, row: float, column: float) -> tuple[float, float]:
    return (box["x"] + (column + 0.5) / SIDE * box["width"],
            box["y"] + (row + 0.5) / SIDE * box["height"])


def test_a_click_chooses_and_a_drag_follows(seen, html) -> None:
    page, box = seen.page, seen.page.locator("canvas").first.bounding_box()
    assert here(seen, html) == (2, 24)
    page.mouse.click(*middle(box, 1, 5))
    assert here(seen, html) == (2, 12)
    page.mouse.down()
    page.mouse.move(*middle(box, 6, 0))
    assert here(seen, html) == (2, 42)
    page.mouse.move(*middle(box, -3, 20))  # far outside
    assert here(seen, html) == (2, 6)
    page.mouse.up()
    page.mouse.move(*middle(box, 3, 3))
    assert here(seen, html) == (2, 6)
    page.keyboard.press("ArrowDown")  # a click gives it the keyboard
    assert here(seen, html) == (2, 13)


def test_keys_walk_from_patch_to_patch(seen, html) -> None:
    page = seen.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "slider"
    for key, wanted in (("ArrowUp", 17), ("ArrowRight", 18), ("Home", 14), ("ArrowLeft", 14),
                        ("PageDown", 42), ("x", 42), ("End", 48), ("ArrowDown", 48)):
        page.keyboard.press(key)
        assert here(seen, html) == (2, wanted), key


def test_the_slider_and_the_button_go_through_the_times(seen, html) -> None:
    time, button = seen.page.locator(".explorer-time input"), seen.page.locator("button")
    time.focus()
    for key, wanted in (("Home", 0), ("ArrowRight", 1), ("End", 3), ("ArrowLeft", 2)):
        seen.page.keyboard.press(key)
        assert here(seen, html) == (wanted, 24), key
        assert time.get_attribute("aria-valuetext") == f"t = {TIMES[wanted]:.2f}"
    for wanted in (3, 0, 1):  # a reader who wants no motion steps
        button.click()
        assert here(seen, html) == (wanted, 24)


def test_it_plays_to_the_end(browser, folder) -> None:
    context = browser.new_context(reduced_motion="no-preference")
    page = context.new_page()
    page.goto(folder.as_uri())
    page.wait_for_selector(READY)
    page.locator(".explorer-time input").focus()
    page.keyboard.press("Home")
    page.get_by_role("button", name="Play").click()
    assert page.get_by_role("button", name="Pause").is_visible()
    page.wait_for_selector(f"{READY}[data-shown='2 24']", timeout=10_000)
    page.wait_for_selector(f"{READY}[data-shown='3 24']", timeout=10_000)
    page.get_by_role("button", name="Play").wait_for(timeout=10_000)
    context.close()


def test_the_guess_takes_the_place_of_the_noisy_digit(seen, html) -> None:
    box = seen.page.get_by_label("guess instead")
    box.check()
    assert here(seen, html, guess=True) == (2, 24)
    box.uncheck()
    assert here(seen, html) == (2, 24)


@pytest.mark.parametrize("width", visit.WIDTHS)
def test_in_both_modes_it_fits_and_everybody_can_use_it(browser, folder, html, width) -> None:
    with visit.visit(browser, folder.as_uri(), width) as seen:
        seen.page.wait_for_selector(READY)
        for dark in (False, True):
            seen.switch(dark)
            assert here(seen, html) == (2, 24)
            found = checks.problems(seen, (checks.images, checks.sideways, checks.accessible))
            assert not found, "\n".join(found)
        left, right = (canvas.bounding_box() for canvas in seen.page.locator("canvas").all())
        assert abs(left["y"] - right["y"]) < 1
        assert abs(left["width"] - right["width"]) < 1 and left["width"] >= 24 * SIDE
        for control in seen.page.locator(".attention-explorer :is(button, .explorer-tick)").all():
            assert control.bounding_box()["height"] >= 24


def test_a_finger_drags_and_the_page_stays(browser, folder) -> None:
    context = browser.new_context(viewport={"width": 375, "height": 400}, has_touch=True,
                                  is_mobile=True)
    page = context.new_page()
    page.goto(folder.as_uri())
    page.wait_for_selector(READY)
    page.evaluate("document.body.style.height = '3000px'")
    box = page.locator("canvas").first.bounding_box()
    standalone.swipe(page, [middle(box, row, 2) for row in (6, 4, 2, 0)])
    page.wait_for_selector(f"{READY}[data-shown='2 2']")
    assert page.evaluate("scrollY") == 0
    context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_without_scripts_and_in_print_there_is_the_picture(browser, folder, scripts) -> None:
    standalone.is_a_picture(browser, folder.as_uri(), READY, ".attention-still",
                            ".explorer-live", scripts)
