"""The laboratory of the built book: it starts, learns, is printed, and never keeps a reader
waiting."""

import re
from pathlib import Path

import checks
import pytest
import serve
import visit

pytestmark = pytest.mark.browser
PAGE = "book/pages/laboratory.html"
ROOT = ".diffusion-laboratory"
READY = f"{ROOT}[data-computed]"
ACTIONS, LONGEST = 1_000, 100  # what is done at random; milliseconds that one answer may take
SEED = 20_261_129
RANDOM = Path(__file__).with_name("random_actions.js").read_text("utf8")


@pytest.fixture(params=["site", "file"])
def address(request, site: str) -> str:
    return f"{site}/{PAGE}" if request.param == "site" else (serve.BUILT / PAGE).as_uri()


def complaints(seen) -> list[str]:
    """Chromium gives no web fonts to pages opened as files."""
    return checks.console_of_file(seen) + checks.network(seen)


def loss(seen) -> tuple[float, float]:
    """What the chart says at last of the network and of the exact answer."""
    said = seen.page.locator(f"{ROOT} .laboratory-chart").first.inner_text()
    return tuple(map(float, re.findall(r"\d+\.\d+", said)[-2:]))


def test_it_starts_when_it_comes_into_view_and_learns(browser, address: str) -> None:
    with visit.visit(browser, address) as seen:
        assert seen.page.locator(ROOT).count() == 1
        seen.page.locator(ROOT).scroll_into_view_if_needed()
        seen.page.wait_for_selector(READY)
        train = seen.page.locator(f"{ROOT} .laboratory-train")
        train.click()
        seen.page.wait_for_function(
            "() => Number(document.querySelector('.laboratory-progress').textContent"
            ".replace(/[^0-9]*([0-9,]+) steps.*/, '$1').replace(',', '')) >= 200",
            timeout=60_000)
        train.click()
        assert "distance" in seen.page.locator(f"{ROOT} .laboratory-distance").first.inner_text()
        assert complaints(seen) == []


def test_no_other_page_has_its_scripts() -> None:
    having = [name for name in serve.pages(serve.BUILT)
              if "js/laboratory/" in (serve.BUILT / name).read_text("utf8")]  # fmt: skip
    assert having == [PAGE]


@pytest.mark.parametrize("width", visit.WIDTHS)
def test_names_contrast_and_width_in_both_modes(browser, site: str, width: int) -> None:
    with visit.visit(browser, f"{site}/{PAGE}", width) as seen:
        seen.page.locator(ROOT).scroll_into_view_if_needed()
        seen.page.wait_for_selector(READY)
        found = checks.problems(seen, (checks.images, checks.sideways, checks.accessible,
                                       checks.weight))  # fmt: skip
        seen.switch(dark=True)
        assert found + checks.problems(seen, (checks.sideways, checks.accessible)) == []


def test_print_and_a_page_without_scripts_show_the_picture(browser, site: str) -> None:
    with visit.visit(browser, f"{site}/{PAGE}") as seen:
        seen.page.locator(ROOT).scroll_into_view_if_needed()
        seen.page.wait_for_selector(READY)
        seen.page.emulate_media(media="print")
        assert seen.page.locator(f"{ROOT} .explorer-still").is_visible()
        assert not seen.page.locator(f"{ROOT} .explorer-panels").is_visible()
        assert not seen.page.locator(f"{ROOT} .laboratory-train").is_visible()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/{PAGE}")
    assert page.locator(f"{ROOT} .explorer-still").is_visible()
    context.close()


@pytest.mark.slow
@pytest.mark.timed
def test_a_thousand_random_actions(browser, site: str) -> None:
    """None makes an error, none keeps the page busy for long, and it works afterwards."""
    with visit.visit(browser, f"{site}/{PAGE}") as seen:
        seen.page.locator(ROOT).scroll_into_view_if_needed()
        seen.page.wait_for_selector(READY)
        done = seen.page.evaluate(RANDOM, {"root": ROOT, "seed": SEED, "actions": ACTIONS})
        busy = sorted(done["busy"], reverse=True)
        print(done["counts"], busy[:10])
        assert complaints(seen) == []
        assert sum(done["counts"].values()) == ACTIONS and len(done["counts"]) >= 8
        assert [task for task in busy if task[0] > LONGEST] == []
        seen.page.locator(f"{ROOT} label:has-text('Law') select").select_option("trio")
        seen.page.wait_for_function(
            "() => !document.querySelector('.diffusion-laboratory').hasAttribute('aria-busy')")
        assert seen.page.locator(f"{ROOT} [role=status]").inner_text()
