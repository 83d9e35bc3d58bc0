"""Point at the number of an equation, and the equation stands beside it."""

import re

import pytest
import serve
import visit

pytestmark = pytest.mark.browser
PAGE = "book/chapters/05-latent-diffusion.html"
LINKS = '.bd-article a.internal[href*="#equation-eq-"]:not(.headerlink)'
BOX = "#equation-preview"
LETTERS = "(box) => [...box.querySelectorAll('mjx-c')].map((c) => c.className).join(' ')"


@pytest.fixture
def seen(browser):
    """From a folder, where nothing can be fetched."""
    with visit.visit(browser, (serve.BUILT / PAGE).as_uri()) as seen:
        yield seen
        assert seen.errors == [] and seen.outside() == []


def pointed(seen, link):
    link.scroll_into_view_if_needed()
    seen.page.wait_for_timeout(300)  # the page's scrolling ends
    link.hover()
    box = seen.page.locator(BOX)
    box.wait_for(state="visible")
    return box


def test_it_is_the_equation_of_that_number(seen) -> None:
    """Letter for letter as where it stands, on this page."""
    link = seen.page.locator(f'{LINKS}[href^="#"]').filter(visible=True).first
    label = link.get_attribute("href")
    box = pointed(seen, link)
    own = seen.page.locator(f"[id='{label[1:]}'] mjx-container")
    shown = box.locator("mjx-container").evaluate(LETTERS)
    assert len(shown) > 20 and shown == own.evaluate(LETTERS)
    assert link.get_attribute("aria-describedby") == box.get_attribute("id")
    assert box.get_attribute("role") == "tooltip"


def test_one_of_another_chapter_is_shown_too(seen) -> None:
    link = seen.page.locator(f'{LINKS}[href^="0"]').first
    assert re.fullmatch(r"\(\d+\.\d+\)", link.inner_text())
    box = pointed(seen, link)
    assert box.locator("mjx-c").count() > 5 and not box.locator("mjx-merror").count()
    at, column = box.bounding_box(), seen.page.locator(".bd-article").bounding_box()
    assert at["y"] >= 0 and at["x"] + at["width"] <= column["x"] + column["width"] + 1


def test_it_goes_when_the_pointer_does_but_not_into_the_box(seen) -> None:
    box = pointed(seen, seen.page.locator(LINKS).nth(1))
    at = box.bounding_box()
    seen.page.mouse.move(at["x"] + 20, at["y"] + 20)
    seen.page.wait_for_timeout(500)
    assert box.is_visible()
    seen.page.mouse.move(2, 300)
    box.wait_for(state="hidden")
    assert seen.page.locator("[aria-describedby=equation-preview]").count() == 0


def test_the_keyboard_opens_it_and_escape_closes_it(seen) -> None:
    """Also where the number has to be scrolled to, and a pointer that passes changes nothing."""
    link = seen.page.locator(LINKS).filter(visible=True).nth(8)
    seen.page.keyboard.press("Tab")  # from here on focus is shown
    link.focus()
    box = seen.page.locator(BOX)
    box.wait_for(state="visible")
    link.hover()
    seen.page.mouse.move(2, 300)
    seen.page.wait_for_timeout(600)
    assert box.is_visible()
    seen.page.keyboard.press("Escape")
    assert box.is_hidden()


def test_it_follows_a_small_scroll_and_goes_with_a_large_one(seen) -> None:
    seen.page.keyboard.press("Tab")
    link = seen.page.locator(LINKS).filter(visible=True).nth(8)
    link.focus()
    box = seen.page.locator(BOX)
    box.wait_for(state="visible")

    def above() -> float:
        return link.bounding_box()["y"] - box.bounding_box()["y"]

    was = above()
    seen.page.mouse.wheel(0, 40)
    seen.page.wait_for_timeout(400)
    assert box.is_visible() and above() == pytest.approx(was, abs=1)
    seen.page.mouse.wheel(0, 3000)
    box.wait_for(state="hidden")


def test_a_pointer_that_has_left_opens_nothing(browser, site: str) -> None:
    """The equations come late, from a slow server."""
    with visit.visit(browser, f"{site}/{PAGE}") as seen:
        late = []
        seen.page.route("**/preview/equations.js", lambda route: late.append(route))
        link = seen.page.locator(LINKS).filter(visible=True).first
        link.scroll_into_view_if_needed()
        link.hover()
        seen.page.wait_for_timeout(500)
        seen.page.mouse.move(2, 300)
        seen.page.wait_for_timeout(500)
        assert len(late) == 1
        late[0].continue_()
        seen.page.wait_for_function("window.bookEquations")
        seen.page.wait_for_timeout(500)
        assert seen.page.locator(f"{BOX}:visible").count() == 0


def test_without_mathjax_nothing_opens_and_nothing_fails(browser, site: str) -> None:
    with visit.visit(browser, f"{site}/{PAGE}") as seen:
        seen.page.evaluate("delete window.MathJax")
        link = seen.page.locator(LINKS).filter(visible=True).first
        link.scroll_into_view_if_needed()
        link.hover()
        seen.page.wait_for_timeout(800)
        assert seen.page.locator(BOX).count() == 0 and seen.errors == []


def test_on_a_small_window_all_of_it_can_be_seen(browser, site: str) -> None:
    with visit.visit(browser, f"{site}/book/chapters/01-diffusion-basics.html", width=375) as seen:
        seen.page.set_viewport_size({"width": 320, "height": 400})
        box = pointed(seen, seen.page.locator(f"{LINKS}[href$=eq-elbo]").filter(visible=True).first)
        at = box.bounding_box()
        assert at["x"] >= 0 and at["x"] + at["width"] <= 320
        assert at["y"] >= 0 and at["y"] + at["height"] <= 400


def test_every_equation_that_is_named_can_be_shown(browser) -> None:
    """Of all chapters: the file has it, and MathJax can typeset it."""
    with visit.visit(browser, (serve.BUILT / PAGE).as_uri()) as seen:
        pointed(seen, seen.page.locator(LINKS).first)
        held = seen.page.evaluate("window.bookEquations")
        named = {label for name in serve.pages(serve.BUILT) for label in re.findall(
            r'internal" href="[^"]*#equation-(eq-[\w-]+)"', (serve.BUILT / name).read_text("utf8"))}
        assert len(named) > 100 and named <= set(held)
        wrong = seen.page.evaluate("""async (held) => {
          const box = document.querySelector("#equation-preview");
          box.textContent = Object.values(held).join("\\n");
          await MathJax.typesetPromise([box]);
          return [...box.querySelectorAll("mjx-merror")].map((e) => e.textContent);
        }""", held)
        assert wrong == []
