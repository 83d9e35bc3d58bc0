"""The square of images, with its own script and style, as a reader with a mouse, a finger, a
keyboard or a screen reader finds it."""

import io
from pathlib import Path
from unittest import mock

import checks
import pytest
import serve
import torch
import visit
from PIL import Image

from diffusionbook.page.square import GREYS, walk

pytestmark = pytest.mark.browser
STATIC = Path(__file__).parents[2] / "book" / "static"
PAGE = """<!doctype html><html lang="en" data-theme="light"><title>Square</title>
<meta name="viewport" content="width=device-width">
<style>:root {{ --pst-color-background: {paper}; --pst-color-text-base: {ink};
--data: #0072b2; --learned: {learned} }}
body {{ background: {paper}; color: {ink}; margin: 16px; }} {css}</style>
<body><main class="bd-article"><h1>A square</h1>{html}</main><script>{js}</script></body></html>"""
LIGHT = {"paper": "#ffffff", "ink": "#1a1a1a", "learned": "#007a5a"}
DARK = {"paper": "#14181e", "ink": "#e6e6e6", "learned": "#3dc9a0"}
SIDE, SIZE = 9, 8
SQUARES = [page for page in serve.pages(serve.BUILT)
           if 'class="latent-square"' in (serve.BUILT / page).read_text("utf8")]


def place(across, down):
    """Images whose halves say where they stand."""
    images = torch.empty(len(across), 1, SIZE, SIZE)
    images[..., : SIZE // 2] = 2 * across[:, None, None, None] - 1
    images[..., SIZE // 2 :] = 2 * down[:, None, None, None] - 1
    return images


def written(folder: Path, colours=LIGHT, js: str | None = None, **views) -> str:
    """A page with a square; its address."""
    with mock.patch.dict("os.environ", {"BOOK_BUILD": "1"}), \
            mock.patch("diffusionbook.page.square.publish") as shown:
        walk(views or {"first": place, "second": lambda a, d: -place(a, d)},
                      alt="Halves that say where they stand.", side=SIDE)
    html = shown.call_args.args[1]["text/html"]
    css = (STATIC / "css" / "square.css").read_text("utf8")
    js = (STATIC / "js" / "square" / "square.js").read_text("utf8") if js is None else js
    text = PAGE.format(**colours, css=css, js=js, html=html)
    (folder / "square.html").write_text(text, "utf8")
    return (folder / "square.html").as_uri()


SHOWN = """() => document.querySelector(".latent-square").dataset.shown.split(" ").map(Number)"""
HALVES = """() => { const c = document.querySelector(".square-here"), n = c.width;
  const p = c.getContext("2d").getImageData(0, 0, n, n).data;
  return [1 - p[0] / 255, 1 - p[4 * (n - 1)] / 255]; }"""


def here(page) -> tuple[int, int, int]:
    """View, column and row, which the picture must agree with."""
    view, column, row = page.evaluate(SHOWN)
    wanted = [column / (SIDE - 1), row / (SIDE - 1)]
    found = page.evaluate(HALVES)
    for value, want in zip(found, [1 - w if view else w for w in wanted], strict=True):
        assert abs(value - want) <= 0.5 / (GREYS - 1) + 1e-2
    point = page.locator(".square-point")
    assert point.get_attribute("aria-valuenow") == str(row * SIDE + column)
    words = point.get_attribute("aria-valuetext")
    assert words == page.locator(".square-live output").inner_text()
    assert words in page.locator(".square-here").get_attribute("aria-label")
    return view, column, row


def start(page) -> None:
    page.wait_for_selector(".latent-square.is-live")


def test_it_starts_in_the_middle_and_keys_walk(browser, tmp_path: Path) -> None:
    with visit.visit(browser, written(tmp_path)) as seen:
        page = seen.page
        start(page)
        assert not page.locator(".square-still").is_visible()
        assert here(page) == (0, 4, 4)
        point = page.locator(".square-point")
        page.keyboard.press("Tab")  # to the choice of the view
        page.keyboard.press("Tab")  # to the point
        assert point.evaluate("node => node === document.activeElement")
        for key, wanted in (
            ("ArrowRight", (5, 4)), ("ArrowDown", (5, 5)), ("ArrowLeft", (4, 5)),
            ("ArrowUp", (4, 4)), ("Home", (0, 4)), ("ArrowLeft", (0, 4)), ("PageUp", (0, 0)),
            ("ArrowUp", (0, 0)), ("End", (8, 0)), ("ArrowRight", (8, 0)), ("PageDown", (8, 8)),
            ("ArrowDown", (8, 8)), ("x", (8, 8)),
        ):
            page.keyboard.press(key)
            assert here(page) == (0, *wanted), key
        assert seen.errors == [] and seen.outside() == []


def test_the_point_goes_where_the_mouse_goes(browser, tmp_path: Path) -> None:
    with visit.visit(browser, written(tmp_path)) as seen:
        page = seen.page
        start(page)
        box = page.locator(".square-field").bounding_box()

        def at(column: float, row: float) -> tuple[float, float]:
            return (box["x"] + column / (SIDE - 1) * box["width"],
                    box["y"] + row / (SIDE - 1) * box["height"])

        page.mouse.move(*at(1.2, 6.8))
        assert here(page) == (0, 4, 4)  # not before it is pressed
        page.mouse.down()
        assert here(page) == (0, 1, 7)
        page.mouse.move(*at(3, 2))
        assert here(page) == (0, 3, 2)
        page.mouse.move(*at(40, -30))  # far outside
        assert here(page) == (0, 8, 0)
        page.mouse.up()
        page.mouse.move(*at(0, 0))
        assert here(page) == (0, 8, 0)
        spot = page.locator(".square-point").bounding_box()
        assert abs(spot["x"] + spot["width"] / 2 - at(8, 0)[0]) < 1.5
        page.keyboard.press("ArrowLeft")  # a click gives it the keyboard
        assert here(page) == (0, 7, 0)


def test_a_finger_drags_and_the_page_stays(browser, tmp_path: Path) -> None:
    context = browser.new_context(viewport={"width": 375, "height": 400}, has_touch=True,
                                  is_mobile=True)
    page = context.new_page()
    page.goto(written(tmp_path))
    start(page)
    page.evaluate("document.body.style.height = '3000px'")
    box = page.locator(".square-field").bounding_box()
    wire = context.new_cdp_session(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"]
    wire.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for k in range(1, 11):
        wire.send("Input.dispatchTouchEvent", {
            "type": "touchMove",
            "touchPoints": [{"x": x, "y": y - k * box["height"] / 10}]})
    wire.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert here(page) == (0, 4, 0)
    assert page.evaluate("scrollY") == 0
    context.close()


def test_another_square_keeps_the_place(browser, tmp_path: Path) -> None:
    with visit.visit(browser, written(tmp_path)) as seen:
        page = seen.page
        start(page)
        page.locator(".square-point").focus()
        page.keyboard.press("ArrowRight")
        page.get_by_label("second").check(force=True)
        assert here(page) == (1, 5, 4)
        page.get_by_label("first").check(force=True)
        assert here(page) == (0, 5, 4)


def test_one_square_alone_has_nothing_to_choose(browser, tmp_path: Path) -> None:
    with visit.visit(browser, written(tmp_path, only=place)) as seen:
        start(seen.page)
        assert not seen.page.locator(".square-views").is_visible()
        assert here(seen.page) == (0, 4, 4)


@pytest.mark.parametrize("width", [1440, 375, 320])
def test_it_fits_and_everybody_can_use_it(browser, tmp_path: Path, width: int) -> None:
    with visit.visit(browser, written(tmp_path), width) as seen:
        start(seen.page)
        found = checks.problems(seen, (checks.images, checks.sideways, checks.accessible))
        assert not found, "\n".join(found)
        sizes = {part: seen.page.locator(part).bounding_box()["width"]
                 for part in (".square-pad", ".square-here", ".square-point")}
        assert abs(sizes[".square-pad"] - sizes[".square-here"]) < 2
        assert sizes[".square-here"] >= min(width * 0.38, 200) and sizes[".square-point"] >= 24


@pytest.mark.parametrize("scripts", [True, False])
def test_without_scripts_and_in_print_stands_a_part_of_it(
    browser, tmp_path: Path, scripts: bool
) -> None:
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(written(tmp_path))
    if scripts:
        page.wait_for_selector(".latent-square.is-live")
        page.emulate_media(media="print")
    stills = page.locator(".square-still img")
    assert stills.count() == 2 and all(still.is_visible() for still in stills.all())
    assert not page.locator(".square-live").is_visible()
    assert "second" in page.locator(".square-still").inner_text()
    context.close()


def test_in_the_dark_paper_is_the_page(browser, tmp_path: Path) -> None:
    address = written(tmp_path, DARK, white=lambda a, d: -torch.ones(len(a), 1, SIZE, SIZE))
    with visit.visit(browser, address, dark=True) as seen:
        start(seen.page)
        seen.switch(dark=True)
        shot = Image.open(io.BytesIO(seen.page.locator(".square-here").screenshot()))
        found = shot.convert("RGB").getpixel((shot.width // 2, shot.height // 2))
        assert max(abs(a - b) for a, b in zip(found, (0x14, 0x18, 0x1E), strict=True)) <= 2


def faults(browser, address: str) -> list[str]:
    """What does not work on a short walk."""
    with visit.visit(browser, address) as seen:
        page = seen.page
        start(page)
        page.locator(".square-point").focus()
        try:
            for key, wanted in (("ArrowUp", (4, 3)), ("End", (8, 3)), ("ArrowRight", (8, 3))):
                page.keyboard.press(key)
                assert here(page) == (0, *wanted), key
            page.get_by_label("second").check(force=True)
            assert here(page) == (1, 8, 3)
        except AssertionError as error:
            return [str(error)]
        return seen.errors


def test_a_short_walk_finds_no_fault(browser, tmp_path: Path) -> None:
    assert faults(browser, written(tmp_path)) == []


@pytest.mark.parametrize(("part", "broken"), [
    ("(view * side + row) * size", "row * size"),
    ("column * size, (view", "(side - 1 - column) * size, (view"),
    ("go(across, down - 1)", "go(across, down + 1)"),
    ("clamp(column, last)", "column"),
    ('point.setAttribute("aria-valuetext", words);', ""),
    ("draw(here, across, down);", ""),
])
def test_a_broken_square_is_found(browser, tmp_path: Path, part: str, broken: str) -> None:
    js = (STATIC / "js" / "square" / "square.js").read_text("utf8")
    assert part in js
    address = written(tmp_path, js=js.replace(part, broken))
    assert faults(browser, address)


@pytest.mark.parametrize("name", SQUARES or ["no page has a square"])
def test_squares_of_the_book(browser, site: str, name: str) -> None:
    """Each can be walked: a key moves the point, and the picture changes."""
    assert SQUARES, "no page of the built book has a square"
    with visit.visit(browser, f"{site}/{name}") as seen:
        page = seen.page
        page.wait_for_selector(".latent-square.is-live")
        for square in page.locator(".latent-square").all():
            point, picture = square.locator(".square-point"), square.locator(".square-here")
            point.focus()
            before = point.get_attribute("aria-valuetext"), picture.evaluate("c => c.toDataURL()")
            for key in ("Home", "PageUp"):
                page.keyboard.press(key)
            after = point.get_attribute("aria-valuetext"), picture.evaluate("c => c.toDataURL()")
            assert before[0] != after[0] and before[1] != after[1]
        assert seen.errors == [] and seen.outside() == []
