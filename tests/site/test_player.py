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
PAGES = serve.pages(serve.BUILT)
FILMS = [p for p in PAGES if "frame-player" in (serve.BUILT / p).read_text("utf8")]


@pytest.fixture(scope="module")
def html() -> str:
    frames = []
    for shade in range(8):
        stream = io.BytesIO()
        Image.new("RGB", (200, 80), (30 * shade, 90, 120)).save(stream, "png")
        frames.append(stream.getvalue())
    with mock.patch("diffusionbook.page.film.publish_display_data") as shown:
        player(frames, [f"t = {k / 7:.2f}" for k in range(8)], interval=300,
               alt="A colour that changes")
    return shown.call_args.args[0]["text/html"]


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


@pytest.mark.parametrize("name", FILMS or ["no page has a player"])
def test_players_of_the_book(browser, site: str, name: str) -> None:
    assert FILMS, "no page of the built book has a player"
    with visit.visit(browser, f"{site}/{name}") as seen:
        players = seen.page.locator(".frame-player")
        found = [
            f"player {k + 1}: {fault}"
            for k in range(players.count())
            for fault in film.faults(players.nth(k))
        ]
        assert not found + seen.errors, "\n".join(found + seen.errors)
