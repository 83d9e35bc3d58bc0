"""The kernel-free player, as the package writes it and on every page of the built book."""

import io
from pathlib import Path
from unittest import mock

import film
import pytest
import serve
import visit
from PIL import Image

from diffusionbook.page.film import player

pytestmark = pytest.mark.browser
PAGE = '<!doctype html><html lang="en"><title>Film</title><body>%s</body></html>'
TO_ITS_SLIDE = """(player) => { const slide = player.closest(".slide");
                               if (slide) location.hash = slide.id; }"""
PAGES = serve.pages(serve.BUILT)
FILMS = [p for p in PAGES if "frame-player" in (serve.BUILT / p).read_text("utf8")]


@pytest.fixture(scope="module")
def html() -> str:
    return written()


def written(**options: object) -> str:
    frames = []
    for shade in range(8):
        stream = io.BytesIO()
        Image.new("RGB", (200, 80), (30 * shade, 90, 120)).save(stream, "png")
        frames.append(stream.getvalue())
    with mock.patch("diffusionbook.page.film.publish") as shown:
        player(frames, [f"t = {k / 7:.2f}" for k in range(8)], interval=300,
               alt="A colour that changes", **options)
    return shown.call_args.args[1]["text/html"]


def opened(browser, folder: Path, body: str) -> list[str]:
    (folder / "film.html").write_text(PAGE % body, "utf8")
    with visit.visit(browser, (folder / "film.html").as_uri()) as seen:
        return film.faults(seen.page.locator(".frame-player").first) + seen.errors


def test_it_works_from_a_file(browser, html: str, tmp_path: Path) -> None:
    assert opened(browser, tmp_path, html) == []


@pytest.mark.parametrize(
    ("part", "broken"),
    [
        ("img.src = frames[range.value];", ""),
        ("text.textContent = labels[range.value];", ""),
        ('range.setAttribute("aria-valuetext", labels[range.value]);', ""),
        ("hidden = false", "hidden = true"),
        ("range.value = +range.value + 1;", ""),
        ("stop(); show(); });", "show(); });"),
        ('step="1"', 'step="2"'),
    ],
)
def test_a_broken_player_is_found(browser, html: str, tmp_path: Path, part: str, broken: str):
    assert part in html
    assert opened(browser, tmp_path, html.replace(part, broken))


@pytest.mark.parametrize(("moved", "first"), [(False, 0), (True, 5)])
def test_play_begins_at_the_first_frame_until_the_slider_was_moved(
    browser, tmp_path: Path, moved: bool, first: int
) -> None:
    (tmp_path / "film.html").write_text(PAGE % written(start=4), "utf8")
    page = browser.new_page()
    page.goto((tmp_path / "film.html").as_uri())
    slider = page.locator("input")
    assert slider.input_value() == "4"
    if moved:
        slider.focus()
        slider.press("ArrowRight")
    page.evaluate("document.querySelector('button').click()")
    assert slider.input_value() == str(first)
    page.close()


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_a_film_that_is_told_to_plays_once_from_its_beginning(
    browser, tmp_path: Path, motion: str
) -> None:
    (tmp_path / "film.html").write_text(PAGE % written(plays=True), "utf8")
    page = browser.new_page(reduced_motion=motion)
    page.add_init_script("""addEventListener("load", function () {
      window.held = []; document.querySelector("img").onload = function () {
        held.push(+document.querySelector("input").value); }; });""")
    page.goto((tmp_path / "film.html").as_uri())
    slider, button = page.locator("input"), page.locator("button")
    if motion == "reduce":
        page.wait_for_timeout(1000)
        assert page.evaluate("held") == [] and slider.input_value() == "7"
    else:
        page.wait_for_function("document.querySelector('input').value === '7'")
        page.wait_for_timeout(1000)
        held = page.evaluate("held")
        assert held == sorted(held) and len(set(held)) >= 4 and min(held) <= 1
    assert button.inner_text() == "Play"
    page.close()


def test_a_film_that_plays_gives_way_to_a_hand(browser, tmp_path: Path) -> None:
    (tmp_path / "film.html").write_text(PAGE % written(plays=True), "utf8")
    page = browser.new_page()
    page.goto((tmp_path / "film.html").as_uri())
    page.locator("input").focus()
    held = page.locator("input").input_value()
    page.wait_for_timeout(1000)
    assert page.locator("input").input_value() == held
    page.close()


@pytest.mark.parametrize("name", FILMS or ["no page has a player"])
def test_players_of_the_book(browser, site: str, name: str) -> None:
    assert FILMS, "no page of the built book has a player"
    with visit.visit(browser, f"{site}/{name}") as seen:
        for folded in seen.page.locator(".toggle-hidden:has(.frame-player) > p > button").all():
            folded.click()
        found = []
        for k, player in enumerate(seen.page.locator(".frame-player").all()):
            player.evaluate(TO_ITS_SLIDE)
            found += [f"player {k + 1}: {fault}" for fault in film.faults(player)]
        assert not found + seen.errors, "\n".join(found + seen.errors)
