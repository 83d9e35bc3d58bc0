"""The slides of every chapter, as a lecturer and a reader use them."""

import re
from pathlib import Path

import checks
import links
import pytest
import serve
import test_dark
import visit

pytestmark = pytest.mark.browser
DECKS = [name for name in serve.pages(serve.BUILT) if name.startswith("slides/")] or ["no slides"]
SIZE = {"width": 1280, "height": 720}
SHOWN = ".slide-shown"
COUNT = range(25, 41)  # slides that a lecture has time for

FAULTS = Path(__file__).with_name("slides.js").read_text("utf8")


def open_deck(seen: visit.Visit) -> int:
    """How many slides it has, when all fit."""
    seen.page.wait_for_selector("html[data-fitted]")
    return seen.page.locator(".slide").count()


def place(seen: visit.Visit) -> int:
    return int(seen.page.locator(SHOWN).get_attribute("id"))


def turn_to(seen: visit.Visit, number: int) -> None:
    seen.page.evaluate(f"location.hash = '{number}'")
    seen.page.wait_for_selector(f"{SHOWN}[id='{number}']")


def faults(seen: visit.Visit, *smallest: float) -> list[str]:
    found = []
    for number in range(1, open_deck(seen) + 1):
        turn_to(seen, number)
        found += [f"{number}: {text}" for text in seen.page.evaluate(FAULTS, smallest)]
    return found


@pytest.mark.parametrize("name", DECKS)
def test_nothing_is_cut_on_a_screen_of_a_lecture(browser, site, name) -> None:
    with visit.visit(browser, f"{site}/{name}") as seen:
        seen.page.set_viewport_size(SIZE)
        found = faults(seen, 18, 9)
        assert open_deck(seen) in COUNT
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", DECKS)
def test_nothing_is_cut_on_a_phone(browser, site, name) -> None:
    with visit.visit(browser, f"{site}/{name}", 375) as seen:
        found = faults(seen, 9, 9)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", DECKS)
def test_one_page_of_paper_for_each_slide(browser, site, name) -> None:
    with visit.visit(browser, f"{site}/{name}", dark=True) as seen:
        count = open_deck(seen)
        paper = seen.page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == count
    assert set(re.findall(rb"/MediaBox\s*\[([^]]*)\]", paper)) == {b"0 0 960 540"}


@pytest.mark.parametrize("name", DECKS)
def test_equations_and_figures_of_the_chapter_are_there_once(name) -> None:
    chapter = serve.BUILT / "book" / "chapters" / name.removeprefix("slides/")
    deck = (serve.BUILT / name).read_text("utf-8")
    anchors = links.anchors(chapter)
    equations = {anchor for anchor in anchors if anchor.startswith("equation-")}
    numbers = re.findall(r'<span class="eqno">\(([\d.]+)\)', deck)
    assert len(numbers) == len(set(numbers)) == len(equations) > 0
    assert deck.count("<figure ") == chapter.read_text("utf-8").count("<figure ") > 0


def test_keys_and_the_way_back(browser, site) -> None:
    with visit.visit(browser, f"{site}/{DECKS[0]}") as seen:
        last, keys = open_deck(seen), seen.page.keyboard
        for key, wanted in [("ArrowRight", 2), ("Space", 3), ("PageDown", 4), ("ArrowLeft", 3),
                            ("PageUp", 2), ("Shift+Space", 1), ("ArrowLeft", 1), ("End", last),
                            ("ArrowRight", last), ("Home", 1)]:
            keys.press(key)
            seen.page.wait_for_selector(f"{SHOWN}[id='{wanted}']", timeout=2000)
        assert f"1 of {last}" in seen.page.locator(".deck-said").inner_text()
        seen.page.go_back()
        seen.page.wait_for_selector(f"{SHOWN}[id='{last}']")
        assert not seen.errors


@pytest.mark.parametrize(("address", "wanted"), [("#7", 7), ("", 1), ("#0", 1), ("#far", 1),
                                                 ("#999", None)])
def test_the_address_says_which_slide(browser, site, address, wanted) -> None:
    with visit.visit(browser, f"{site}/{DECKS[0]}{address}") as seen:
        assert place(seen) == (wanted or open_deck(seen))
        assert seen.page.locator(".slide >> visible=true").count() == 1


@pytest.mark.parametrize("key", ["Escape", "o"])
def test_the_overview_opens_a_slide(browser, site, key) -> None:
    with visit.visit(browser, f"{site}/{DECKS[0]}#3", dark=True) as seen:
        count, page = open_deck(seen), seen.page
        page.keyboard.press(key)
        assert page.locator(".slide-open >> visible=true").count() == count
        assert not test_dark.slabs(seen)
        assert not checks.problems(seen, (checks.accessible, checks.sideways))
        page.locator("[id='5'] .slide-open").focus()
        page.keyboard.press("Enter")
        page.wait_for_selector(f"{SHOWN}[id='5']")
        assert page.locator(".slide-open >> visible=true").count() == 0
        page.keyboard.press(key)
        page.keyboard.press(key)
        assert place(seen) == 5


def test_a_slider_keeps_its_keys(browser, site) -> None:
    with visit.visit(browser, f"{site}/{DECKS[0]}") as seen:
        seen.page.locator(f"{SHOWN} input").focus()
        before = seen.page.locator(f"{SHOWN} input").input_value()
        seen.page.keyboard.press("ArrowLeft")
        assert seen.page.locator(f"{SHOWN} input").input_value() != before
        assert place(seen) == 1


@pytest.mark.parametrize(("across", "down", "wanted"), [(-120, 10, 5), (120, -10, 3), (-80, 90, 4)])
def test_a_finger_turns_the_slides(browser, site, across, down, wanted) -> None:
    with visit.visit(browser, f"{site}/{DECKS[0]}#4", 375) as seen:
        open_deck(seen)
        seen.page.evaluate(
            """([across, down]) => {
              const finger = (clientX, clientY) =>
                new Touch({ identifier: 1, target: document.body, clientX, clientY });
              const say = (type, touches, changedTouches) => document.body.dispatchEvent(
                new TouchEvent(type, { touches, changedTouches, bubbles: true }));
              say("touchstart", [finger(200, 300)], []);
              say("touchend", [], [finger(200 + across, 300 + down)]);
            }""", [across, down])
        seen.page.wait_for_selector(f"{SHOWN}[id='{wanted}']")


def test_without_scripts_slides_follow_each_other(browser, site) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=SIZE)
    page = context.new_page()
    page.goto(f"{site}/{DECKS[0]}#2")
    tops = [box.bounding_box()["y"] for box in page.locator(".slide").all()]
    assert all(b - a > 600 for a, b in zip(tops, tops[1:], strict=False))
    assert abs(tops[1]) < 40 and not page.locator(".deck-bar").is_visible()
    context.close()


@pytest.mark.parametrize("name", DECKS)
def test_a_film_is_no_smaller_than_in_its_chapter(browser, site, name) -> None:
    widths = []
    for page in (name, f"book/chapters/{name.removeprefix('slides/')}"):
        with visit.visit(browser, f"{site}/{page}", 375) as seen:
            widths.append(seen.page.eval_on_selector_all(
                ".frame-player > img", "films => films.map(film => film.clientWidth)"))
    deck, chapter = widths
    assert len(deck) == len(chapter) > 0
    assert all(ours >= theirs for ours, theirs in zip(deck, chapter, strict=True)), widths


def test_what_is_too_much_for_a_slide_is_found(browser, site) -> None:
    with visit.visit(browser, f"{site}/{DECKS[0]}#2") as seen:
        open_deck(seen)
        assert not seen.page.evaluate(FAULTS, [18, 9])
        seen.page.add_style_tag(content=".slide-body li { font-size: 3em; font-weight: 100 }")
        assert seen.page.evaluate(FAULTS, [18, 9])
        seen.page.add_style_tag(content=".slide-body li { font-size: 10px }")
        assert seen.page.evaluate(FAULTS, [18, 9])
