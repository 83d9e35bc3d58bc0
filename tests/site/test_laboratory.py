"""The laboratory of the built book: it starts, learns, is printed, and never keeps a reader
waiting."""

import json
from pathlib import Path

import checks
import pytest
import serve
import visit

pytestmark = pytest.mark.browser
PAGE = "book/pages/laboratory.html"
ROOT = ".diffusion-laboratory"
READY = f"{ROOT}[data-computed]"
ACTIONS, LONGEST = 1_000, 100  # what is done at random; milliseconds of the page's own work
TASK = "ThreadControllerImpl::RunTask"  # as Chromium's traces call it
SEED = 20_261_129
RANDOM = Path(__file__).with_name("random_actions.js").read_text("utf8")


@pytest.fixture(params=["site", "file"])
def address(request, site: str) -> str:
    return f"{site}/{PAGE}" if request.param == "site" else (serve.BUILT / PAGE).as_uri()


def complaints(seen) -> list[str]:
    """Chromium gives no web fonts to pages opened as files."""
    return checks.console_of_file(seen) + checks.network(seen)


def tasks(trace: bytes) -> list[float]:
    """Processor milliseconds of each task of the page's main thread: what the page takes without
    whatever else the machine does meanwhile."""
    events = json.loads(trace)["traceEvents"]
    main = {(e["pid"], e["tid"]) for e in events
            if e["name"] == "thread_name" and e["args"]["name"] == "CrRendererMain"}
    return [e["tdur"] / 1000 for e in events
            if e["name"] == TASK and (e["pid"], e["tid"]) in main and "tdur" in e]


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


CHAPTERS = [f"book/chapters/{name}.html" for name in (
    "01-diffusion-basics", "03-classifier-free-guidance", "04-flow-matching")]


def test_no_other_page_has_its_scripts() -> None:
    having = [name for name in serve.pages(serve.BUILT)
              if "js/laboratory/" in (serve.BUILT / name).read_text("utf8")]  # fmt: skip
    assert sorted(having) == sorted([PAGE, *CHAPTERS])


def test_a_chapter_asks_for_them_when_a_reader_comes_near(browser, site: str) -> None:
    count = "document.querySelectorAll('script[src*=\"js/laboratory/\"]').length"
    with visit.visit(browser, f"{site}/{CHAPTERS[-1]}") as seen:
        assert seen.page.evaluate(count) == 1  # what loads the others
        seen.page.locator(ROOT).scroll_into_view_if_needed()
        seen.page.wait_for_selector(READY)
        assert seen.page.evaluate(count) > 20
        shared = "[...document.scripts].map((x) => x.src.split('?')[0]).filter((x) => x)"
        addresses = seen.page.evaluate(shared)
        assert len(addresses) == len(set(addresses))  # the explorer had loaded some of them
        assert complaints(seen) == []


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
def test_a_thousand_random_actions(browser, site: str) -> None:
    """None makes an error, none keeps the page busy for long, and it works afterwards."""
    with visit.visit(browser, f"{site}/{PAGE}") as seen:
        seen.page.locator(ROOT).scroll_into_view_if_needed()
        seen.page.wait_for_selector(READY)
        browser.start_tracing(page=seen.page, categories=["toplevel", "__metadata"])
        counts = seen.page.evaluate(RANDOM, {"root": ROOT, "seed": SEED, "actions": ACTIONS})
        taken = tasks(browser.stop_tracing())
        print(f"{counts}: {len(taken)} tasks, {max(taken):.0f} ms the longest")
        assert complaints(seen) == []
        assert sum(counts.values()) == ACTIONS and min(counts.values()) >= 50
        assert len(taken) > ACTIONS and max(taken) <= LONGEST
        seen.page.locator(f"{ROOT} label:has-text('Law') select").select_option("trio")
        seen.page.wait_for_function(
            "() => !document.querySelector('.diffusion-laboratory').hasAttribute('aria-busy')")
        assert seen.page.locator(f"{ROOT} [role=status]").inner_text()


def test_a_page_that_is_busy_is_found_out(browser, site: str) -> None:
    with visit.visit(browser, f"{site}/{PAGE}") as seen:
        browser.start_tracing(page=seen.page, categories=["toplevel", "__metadata"])
        seen.page.evaluate("""() => {
          const begun = performance.now();
          let k = 0;
          while (performance.now() - begun < 3000) { k += 1; }  // long, on a busy machine, too
          return k;
        }""")
        seen.page.wait_for_timeout(500)  # a task is traced when it has ended
        assert max(tasks(browser.stop_tracing())) > LONGEST
