"""The landing page: what a reader meets in the first ten seconds. And what every page tells where
its link is shared."""

import html
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import serve
import visit
from PIL import Image

from bookext.book import Book

pytestmark = pytest.mark.browser
BOOK = Book(Path(__file__).resolve().parents[2])
PAGES = [name for name in serve.pages(serve.BUILT)
         if name not in ("404.html", "genindex.html", "search.html")]
JUMPS = """() => { window.jumped = 0;
  new PerformanceObserver((seen) => {
    for (const shift of seen.getEntries()) jumped += shift.value;
  }).observe({ type: "layout-shift", buffered: true }); }"""
INKED = """() => { const c = document.querySelector(".cover-stage canvas");
  return c.getContext("2d").getImageData(0, 0, c.width, c.height).data
    .reduce((n, v, i) => n + (i % 4 === 3 && v > 0), 0); }"""
COVER = ".cover-stage canvas"


@pytest.fixture(params=[1440, 375])
def landing(browser, site, request):
    with visit.visit(browser, f"{site}/index.html", request.param) as seen:
        yield seen


def test_the_first_screen_says_what_it_is_and_what_to_press(landing) -> None:
    seen, height = landing.page, visit.screen(landing.width)["height"]
    for part in (".bd-article h1", ".cover-words > p", COVER, *(f".front-buttons a >> nth={k}"
                                                     for k in range(3))):
        box = seen.locator(part).bounding_box()
        assert box["y"] + box["height"] <= height, part
    read, colab, pdf = (link.get_attribute("href")
                        for link in seen.locator(".front-buttons a").all())
    assert read == f"{BOOK.numbered()[0]}.html" and (serve.BUILT / read).is_file()
    assert colab.endswith(f"/_sources/{BOOK.numbered()[0]}.ipynb")
    assert (serve.BUILT / colab.partition("/blob/gh-pages/")[2]).is_file()
    assert pdf.endswith("learning-diffusion-models.pdf")
    assert ":" in pdf or (serve.BUILT / pdf).is_file()


def test_there_is_a_card_with_a_picture_for_each_chapter(landing) -> None:
    links = landing.page.locator(".chapter-cards a")
    assert [link.get_attribute("href") for link in links.all()] == [
        f"{name}.html" for name in BOOK.numbered()]
    assert landing.page.evaluate(
        "[...document.querySelectorAll('.card-picture img')].every((i) => i.naturalWidth > 100)")


def test_noise_can_be_poured_by_hand_and_by_keyboard_without_motion(landing) -> None:
    """The visit asks for reduced motion: a drop and its whole way are there at once."""
    seen = landing.page
    assert seen.locator(".cover-stage img").is_visible()
    before = seen.evaluate(INKED)
    box = seen.locator(COVER).bounding_box()
    seen.mouse.click(box["x"] + box["width"] / 5, box["y"] + box["height"] / 5)
    poured = seen.evaluate(INKED)
    seen.get_by_role("button", name="Pour noise").press("Enter")
    assert before == 0 < poured < seen.evaluate(INKED)
    seen.get_by_role("button", name="From the start").click()
    assert seen.evaluate(INKED) == 0


def test_it_moves_by_itself_and_nothing_else_does(browser, site) -> None:
    page = browser.new_context(viewport=visit.screen(1440)).new_page()
    page.add_init_script(f"({JUMPS})()")
    page.goto(f"{site}/index.html", wait_until="load")
    page.wait_for_function(f"({INKED})() > 0")
    first = page.evaluate("document.querySelector('.cover-stage canvas').toDataURL()")
    page.wait_for_timeout(1500)
    assert page.evaluate("document.querySelector('.cover-stage canvas').toDataURL()") != first
    assert page.evaluate("jumped") < 0.01
    page.context.close()


def meta(page: str) -> dict[str, str]:
    text = (serve.BUILT / page).read_text("utf8")
    return dict(re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)"', text)) | {
        "canonical": re.search(r'rel="canonical" href="([^"]+)"', text)[1]}


def told_wrong(name: str) -> list[str]:
    """What a page tells of itself and should not."""
    told, found = meta(name), []
    if told.get("og:site_name") != "Learning Diffusion Models":
        found.append("its book has no name")
    if told["og:url"] != told["canonical"] or "index.html" in told["og:url"]:
        found.append(f"two addresses: {told['og:url']}, {told['canonical']}")
    found += [f"raw TeX: {told[kind]}" for kind in ("description", "og:description")
              if re.search(r"[\\$]", told.get(kind, ""))]
    picture = serve.BUILT / "_images" / told["og:image"].rpartition("/_images/")[2]
    with Image.open(picture) as shared:
        if shared.size != (1200, 630):
            found.append(f"a picture of {shared.size}")
    chapter = name.removesuffix(".html")
    chapter = chapter.replace("slides/", "book/chapters/")  # share their chapter's picture
    wanted = chapter.rpartition("/")[2] if chapter in BOOK.numbered() else "cover"
    if picture.name != f"shared-{wanted}.png":
        found.append(f"its picture is {picture.name}")
    return found


def test_every_page_tells_what_it_is_where_its_link_is_shared(site) -> None:
    found = [f"{name}: {fault}" for name in PAGES for fault in told_wrong(name)]
    assert not found, "\n".join(found)


def test_crawlers_find_every_page(site) -> None:
    text = (serve.BUILT / "sitemap.xml").read_text("utf8")
    assert set(re.findall("<loc>(.*?)</loc>", text)) == {meta(name)["canonical"] for name in PAGES}
    assert "sitemap.xml" in (serve.BUILT / "robots.txt").read_text("utf8")


def test_only_a_page_with_a_file_can_be_edited(site) -> None:
    with_button = {name for name in PAGES
                   if "/edit/main/" in (serve.BUILT / name).read_text("utf8")}
    generated = ("verified-equations", "proof", "run-times", "models", "api")
    assert {"index.html", *(f"{c}.html" for c in BOOK.chapters())} <= with_button
    assert not {name for name in with_button if Path(name).stem in generated or "/api/" in name}


def test_every_page_leads_to_a_form_that_knows_it(site) -> None:
    """The theme's button and the foot of the page; slides have one link, for their chapter."""
    for name in PAGES:
        text = html.unescape((serve.BUILT / name).read_text("utf8"))
        forms = re.findall(r'href="([^"]*/issues/new[^"]*)"', text)
        asked = [parse_qs(urlsplit(form).query) for form in forms if "template=" in form]
        own = f"({meta(name)['canonical'].replace('/slides/', '/book/chapters/')})"
        here = [query for query in asked if own in query.get("page", [""])[0]]
        assert len(here) == (1 if name.startswith("slides/") else 2), name
        assert all(query["version"] for query in here), name
