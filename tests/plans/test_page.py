"""Three plans as a reader uses them: opened as a file, with mouse, finger and keyboard."""

import math
import re
from dataclasses import replace
from unittest import mock

import checks
import pytest
import standalone
import visit

from diffusionbook.page import transport
from diffusionbook.page.transport import PRESETS, Shape

pytestmark = pytest.mark.browser
READY = ".transport-explorer[data-computed]"
PIXEL = "R0lGODlhAQABAAAAACwAAAAAAQABAAA="
HALF = (2.6, 1.95)


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> str:
    with (mock.patch.object(transport, "_still", return_value=(PIXEL, "a picture")),
          mock.patch.object(transport, "publish") as glued):
        transport.show("plans")
    html = glued.call_args.args[1]["text/html"]
    return standalone.write(tmp_path_factory.mktemp("plans"), html, "transport-explorer").as_uri()


@pytest.fixture
def seen(browser, address):
    with visit.visit(browser, address) as found:
        found.page.wait_for_selector(READY)
        yield found
        assert found.errors == [] and found.outside() == []


def after(page, act) -> None:
    """Do something, and wait until the plans are computed anew and no other is on its way."""
    before = page.locator(READY).get_attribute("data-computed")
    act()
    page.wait_for_function(
        "(b) => document.querySelector('.transport-explorer').dataset.computed !== b", arg=before)
    page.wait_for_timeout(100)


def grip(page, what: str, who: str):
    return page.locator(f".transport-{what}.of-{who}")


def numbers(page) -> list[float]:
    texts = page.locator(".transport-numbers").all_inner_texts()
    return [float(number) for number in re.findall(r"\d+\.\d+", " ".join(texts))]


def wanted(a: Shape, b: Shape, epsilon: float = 0.5, batch: int = 4) -> list[float]:
    found = transport.plans(a, b, epsilon, batch)
    return [found.least, found.entropic, found.least, found.entropic_of_points,
            found.least_of_points, found.batched, found.least_of_points]


def agree(page, *choice) -> None:
    assert numbers(page) == pytest.approx(wanted(*choice), abs=1.1e-3)


def place(page, x: float, y: float) -> tuple[float, float]:
    box = page.locator("canvas").first.bounding_box()
    return (box["x"] + (x / HALF[0] + 1) / 2 * box["width"],
            box["y"] + (1 - y / HALF[1]) / 2 * box["height"])


def middle(handle) -> tuple[float, float]:
    box = handle.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def picture(page, which: int) -> str:
    return page.locator("canvas").nth(which).evaluate("(canvas) => canvas.toDataURL()")


def test_it_begins_with_the_example_of_the_chapter(seen) -> None:
    agree(seen.page, *PRESETS["Thin, at 30°"])
    assert numbers(seen.page)[0] == 0.193
    found = wanted(*PRESETS["Thin, at 30°"])
    said = seen.page.get_by_role("status").inner_text()
    assert f"{found[1] - found[0]:.3f} above the least by the entropic plan" in said
    assert f"{found[5] - found[4]:.3f} by batches of 4. 32 points" in said
    labels = [canvas.get_attribute("aria-label") for canvas in seen.page.locator("canvas").all()]
    assert [label.split(",")[0] for label in labels] == [
        "Exact map", "Entropic plan", "Pairs in batches of 4"]
    assert "0.193" in labels[0]


def test_keys_move_turn_and_widen(seen) -> None:
    page, (a, b) = seen.page, PRESETS["Thin, at 30°"]
    before = [picture(page, k) for k in range(3)]
    for key in ("ArrowRight", "Shift+ArrowUp", "ArrowDown"):
        after(page, lambda key=key: grip(page, "move", "B").press(key))
    b = replace(b, x=0.1, y=0.4)
    agree(page, a, b)
    assert "(0.10, 0.40)" in grip(page, "move", "B").get_attribute("aria-valuetext")
    for key in ("ArrowLeft", "Shift+ArrowUp"):
        after(page, lambda key=key: grip(page, "turn", "A").press(key))
    a = replace(a, turn=5, along=1.15)
    agree(page, a, b)
    assert "1.15 along 5 degrees" in grip(page, "turn", "A").get_attribute("aria-valuetext")
    for key in ("ArrowUp", "ArrowRight", "Shift+ArrowDown"):
        after(page, lambda key=key: grip(page, "width", "B").press(key))
    b = replace(b, across=max(0.15, b.across - 0.1))
    agree(page, a, b)
    assert all(old != picture(page, k) for k, old in enumerate(before))
    page.keyboard.press("Control+ArrowDown")
    page.keyboard.press("x")
    agree(page, a, b)


def test_every_handle_is_reached_and_named(seen) -> None:
    names = []
    for _ in range(6):
        seen.page.keyboard.press("Tab")
        names.append(seen.page.evaluate("document.activeElement.getAttribute('aria-label')"))
    assert names == [f"{what} Gaussian {who}".replace("Width G", "Width of G") for who in "AB"
                     for what in ("Move", "Turn and stretch", "Width")]


def drag(page, handle, x: float, y: float) -> None:
    page.mouse.move(*middle(handle))
    page.mouse.down()
    page.mouse.move(*place(page, x, y), steps=4)
    page.mouse.up()


def told(handle) -> list[float]:
    text = handle.get_attribute("aria-valuetext").replace("\u2212", "-")
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text)]


def test_the_mouse_drags_all_three(seen) -> None:
    page = seen.page
    after(page, lambda: drag(page, grip(page, "move", "B"), -0.3, -0.75))
    x, y = told(grip(page, "move", "B"))  # its letter stands at the end of the axis
    assert (x, y) == pytest.approx((-0.3 + 1.5 * math.cos(math.pi / 6), 0), abs=0.05)
    after(page, lambda: drag(page, grip(page, "turn", "A"), 0, 1.2))
    assert told(grip(page, "turn", "A")) == pytest.approx([0.8, 90], abs=2)
    after(page, lambda: drag(page, grip(page, "width", "A"), 0.9, 0))
    assert told(grip(page, "width", "A")) == pytest.approx([0.6], abs=0.03)
    shape = Shape(0, 0, 90, 0.8, 0.6)
    assert numbers(page)[0] == pytest.approx(
        wanted(shape, replace(PRESETS["Thin, at 30°"][1], x=x, y=y))[0], abs=0.05)


def test_whatever_is_dragged_stays_in_the_picture(seen) -> None:
    page = seen.page
    for what, who, x, y in (("move", "A", -9, -9), ("turn", "A", 9, 9), ("width", "B", -9, 9),
                            ("move", "B", 9, 0), ("turn", "B", 9, 0)):
        handle = grip(page, what, who)
        after(page, lambda handle=handle, x=x, y=y: drag(page, handle, x, y))
    box = page.locator("canvas").first.bounding_box()
    for handle in page.locator(".transport-grip").all():
        x, y = middle(handle)
        assert 0 < x - box["x"] < box["width"] and 0 < y - box["y"] < box["height"]
    assert checks.problems(seen, (checks.sideways,)) == []


def test_sliders_and_presets(seen) -> None:
    page, thin = seen.page, PRESETS["Thin, at 30°"]
    heat, size = (page.get_by_role("slider", name=name) for name in ("Temperature ε", "Batches of"))
    hot = picture(page, 1)
    for press, epsilon in (("End", 50.0), ("Home", 0.05)):
        after(page, lambda press=press: heat.press(press))
        agree(page, *thin, epsilon)
        assert heat.get_attribute("aria-valuetext") == f"{epsilon:g}"
        assert picture(page, 1) != hot
    for press, batch in (("Home", 1), ("ArrowRight", 2), ("End", 32)):
        after(page, lambda press=press: size.press(press))
        agree(page, *thin, 0.05, batch)
        assert size.get_attribute("aria-valuetext") == f"{batch} of 32"
    assert numbers(page)[-1] == numbers(page)[-2]  # all points in one batch: the least
    for preset, pair in PRESETS.items():
        after(page, lambda preset=preset: page.get_by_role("button", name=preset).click())
        agree(page, *pair, 0.05, 32)


@pytest.mark.parametrize("width", visit.WIDTHS)
def test_names_contrast_and_width_in_both_modes(browser, address, width: int) -> None:
    with visit.visit(browser, address, width) as seen:
        seen.page.wait_for_selector(READY)
        assert checks.problems(seen, (checks.images, checks.sideways, checks.accessible)) == []
        light = [picture(seen.page, k) for k in range(3)]
        seen.switch(dark=True)
        assert checks.problems(seen, (checks.accessible,)) == []
        assert all(old != picture(seen.page, k) for k, old in enumerate(light))
        for what in ("button", "input", ".transport-grip"):
            for box in (one.bounding_box() for one in seen.page.locator(what).all()):
                assert box["width"] >= 24 and box["height"] >= 24
        small = seen.page.evaluate(
            """() => [...document.querySelectorAll(".transport-explorer *")]
               .filter((node) => parseFloat(getComputedStyle(node).fontSize) < 9).length""")
        assert small == 0 and seen.errors == []
        tops = [c.bounding_box()["y"] for c in seen.page.locator("canvas").all()]
        assert (max(tops) - min(tops) < 1) == (width > 600)  # side by side, or one below the other


def test_nothing_moves_by_itself(seen) -> None:
    """The reader wants no motion, and there is none for others either."""
    before = [picture(seen.page, k) for k in range(3)]
    seen.page.wait_for_timeout(300)
    assert before == [picture(seen.page, k) for k in range(3)]
    assert seen.page.evaluate("document.getAnimations().length") == 0


def test_a_finger_drags_and_the_page_stays(browser, address) -> None:
    context = browser.new_context(viewport={"width": 375, "height": 500}, has_touch=True,
                                  is_mobile=True)
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector(READY)
    x, y = middle(grip(page, "move", "B"))
    after(page, lambda: standalone.swipe(page, [(x, y), (x, y + 25), (x, y + 50)]))
    assert told(grip(page, "move", "B"))[1] == pytest.approx(
        -50 / page.locator("canvas").first.bounding_box()["height"] * 2 * HALF[1], abs=0.05)
    assert page.evaluate("scrollY") == 0
    context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_print_and_a_page_without_scripts_show_the_picture(browser, address, scripts) -> None:
    standalone.is_a_picture(browser, address, READY, ".explorer-still",
                            ".explorer-panels, .explorer-status", scripts)
