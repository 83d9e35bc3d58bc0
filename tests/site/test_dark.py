"""In dark mode no figure is a pale slab: its paper is the page."""

import io
import re

import pytest
import serve
import visit
from PIL import Image
from playwright.sync_api import Locator

pytestmark = pytest.mark.browser
PICTURES = ".bd-article img"
BACKGROUND = "() => getComputedStyle(document.body).backgroundColor"
# An explorer hides its still as soon as it has computed something: here it stays, as on paper.
STILLS = (".explorer-still { visibility: visible !important } "
          ".preference-still { display: block !important } "
          ".explorer-panels, .preference-triangle .explorer-live { display: none }")
INSIDE = 4  # pixels from the edge: past a rounded corner, before the first mark
ROUNDING = 2  # of 255: filter and blend round one after the other
PAGES = [p for p in serve.pages(serve.BUILT) if "<img" in (serve.BUILT / p).read_text("utf8")]


def corner(picture: Locator) -> tuple[int, ...]:
    picture.scroll_into_view_if_needed()
    shot = Image.open(io.BytesIO(picture.screenshot())).convert("RGB")
    return shot.getpixel((INSIDE, INSIDE))


def slabs(seen: visit.Visit) -> list[str]:
    """Visible pictures whose paper is not the page."""
    seen.page.add_style_tag(content=STILLS)
    page = tuple(map(int, re.findall(r"\d+", seen.page.evaluate(BACKGROUND))[:3]))
    found = []
    for picture in seen.page.locator(PICTURES).all():
        if picture.is_visible():
            paper = corner(picture)
            if max(abs(a - b) for a, b in zip(paper, page, strict=True)) > ROUNDING:
                found.append(f"{picture.get_attribute('alt')}: {paper}, the page is {page}")
    return found


@pytest.mark.parametrize("name", PAGES or ["no page has a figure"])
def test_paper_is_the_page(browser, site: str, name: str) -> None:
    assert PAGES, "no page of the built book has a figure"
    with visit.visit(browser, f"{site}/{name}", dark=True) as seen:
        assert not slabs(seen)


def test_a_slab_is_found(browser, site: str) -> None:
    with visit.visit(browser, f"{site}/{PAGES[0]}", dark=True) as seen:
        seen.page.add_style_tag(content="img { mix-blend-mode: normal !important }")
        assert slabs(seen)
