"""While something is computed, and where it cannot be loaded, the explorer says so and shows
nothing under a wrong name."""

from pathlib import Path

import pytest
import standalone
import visit
from test_page import READY, after, html, move, part, picture, time

pytestmark = pytest.mark.browser
GATE = """document.addEventListener("DOMContentLoaded", function () {
  const E = DiffusionExplorer, run = E.run;
  window.shut = () => { window.gate = new Promise((open) => { window.open_gate = open; }); };
  E.run = async (...job) => { await window.gate; return run(...job); };
  if (%s) { window.shut(); }
});"""
COUNT = """document.addEventListener("DOMContentLoaded", function () {
  const E = DiffusionExplorer, run = E.run;
  window.alone = 0;
  E.run = (job, ...more) => { window.alone += job.x.length === 2; return run(job, ...more); };
});"""
DIM = "(node) => Number(getComputedStyle(node.querySelector('canvas')).opacity)"


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> str:
    body = html(data="moons", particles=100, sampler="euler", preset=("ddim", 4))
    return standalone.write(tmp_path_factory.mktemp("waiting"), body).as_uri()


def opened(browser, address: str, shut: bool, **options):
    """A page whose computations wait behind a gate."""
    seen = visit.visit(browser, address, **options)
    found = seen.__enter__()
    found.page.add_init_script(GATE % str(shut).lower())
    found.page.reload()
    found.errors.clear()  # the first page's networks may have been on their way
    return seen, found


@pytest.fixture(params=[False, True], ids=["computed", "not yet computed"])
def gated(request, browser, address):
    manager, seen = opened(browser, address, request.param)
    if not request.param:
        seen.page.wait_for_selector(READY)
        seen.page.evaluate("shut()")
        part(seen, "data").select_option("ring")
    yield seen
    assert seen.errors == []
    manager.__exit__(None, None, None)


def dimmed(seen) -> bool:
    return seen.page.locator(".diffusion-explorer").evaluate(DIM) < 0.5


def arrive(seen) -> str:
    """Let the computation go on; what is said when it is there."""
    return after(seen, lambda: seen.page.evaluate("open_gate()"))


def test_the_clock_holds_until_there_is_something_to_see(gated) -> None:
    move(gated)
    assert part(gated, "status").inner_text() == "Computing …" and dimmed(gated)
    part(gated, "play").click()
    gated.page.wait_for_timeout(700)
    assert part(gated, "play").inner_text() == "Pause" and time(gated) == 1
    assert "particles" in arrive(gated) and not dimmed(gated)
    gated.page.wait_for_function("() => document.querySelector('.explorer-time output')"
                                 ".textContent !== 't = 1.00'")
    gated.page.wait_for_function("() => document.querySelector('[role=status]').textContent"
                                 " === 'Arrived at t = 0.'", timeout=60_000)


def test_the_stored_picture_stands_there_until_then(browser, address) -> None:
    manager, seen = opened(browser, address, shut=True)
    still, panels = (seen.page.locator(f".explorer-{name}") for name in ("still", "panels"))
    seen.page.wait_for_selector(".is-computing")
    assert still.is_visible() and not panels.is_visible()
    height = seen.page.evaluate("document.documentElement.scrollHeight")
    arrive(seen)
    assert panels.is_visible() and not still.is_visible()
    assert abs(seen.page.evaluate("document.documentElement.scrollHeight") - height) < 40
    manager.__exit__(None, None, None)


def test_reduced_motion_takes_no_step_before_that(gated) -> None:
    part(gated, "play").click()
    gated.page.wait_for_timeout(100)
    assert time(gated) == 1
    arrive(gated)
    part(gated, "play").click()
    gated.page.wait_for_timeout(100)
    assert time(gated) == pytest.approx(0.95)


def test_other_messages_do_not_hide_that_it_computes(gated) -> None:
    part(gated, "button:has-text('Clear')").click()
    said = part(gated, "status").inner_text()
    assert said.startswith("Dropped particles are cleared") and said.endswith("Computing …")
    assert "particles" in arrive(gated)


def test_the_set_that_is_chosen_while_another_one_plays(browser, address) -> None:
    manager, seen = opened(browser, address, shut=False)
    seen.page.wait_for_selector(READY)
    move(seen)
    part(seen, "play").click()
    seen.page.wait_for_function("() => document.querySelector('.explorer-time output')"
                                ".textContent !== 't = 1.00'")
    seen.page.evaluate("shut()")
    part(seen, "data").select_option("trio")
    seen.page.wait_for_timeout(100)
    stopped = time(seen)
    seen.page.wait_for_timeout(500)
    assert time(seen) == stopped and dimmed(seen)
    arrive(seen)
    seen.page.wait_for_timeout(400)
    assert time(seen) < stopped and not dimmed(seen)
    manager.__exit__(None, None, None)


def test_one_button_chooses_the_sampler_and_the_steps_of_a_question(browser, address) -> None:
    with visit.visit(browser, address) as seen:
        seen.page.wait_for_selector(READY)
        said = after(seen, part(seen, "button:has-text('DDIM, 4 steps')").click)
        assert "4 steps, 4 looks" in said
        assert part(seen, "sampler").input_value() == "ddim"
        assert part(seen, "steps").input_value() == "4"


def test_what_cannot_be_loaded_leaves_the_choices_at_what_is_shown(browser, tmp_path: Path) -> None:
    address = standalone.write(tmp_path, html(data="moons", particles=50)).as_uri()
    lost = tmp_path / "static" / "explorer" / "trio.js"
    kept = lost.rename(tmp_path / "kept.js")
    with visit.visit(browser, address) as seen:
        seen.page.wait_for_selector(READY)
        before = picture(seen)
        part(seen, "data").select_option("trio")
        seen.page.wait_for_function("() => /could not be loaded.*trio.js.*Two moons still/.test("
                                    "document.querySelector('[role=status]').textContent)")
        assert part(seen, "data").input_value() == "moons" and not dimmed(seen)
        assert picture(seen) == before
        kept.rename(lost)
        after(seen, lambda: part(seen, "data").select_option("trio"))
        assert picture(seen) != before


def test_a_first_set_that_cannot_be_loaded_may_be_tried_again(browser, tmp_path: Path) -> None:
    address = standalone.write(tmp_path, html(data="moons", particles=50)).as_uri()
    lost = tmp_path / "static" / "explorer" / "moons.js"
    kept = lost.rename(tmp_path / "kept.js")
    with visit.visit(browser, address) as seen:
        seen.page.wait_for_function("() => /could not be loaded.*try again/.test("
                                    "document.querySelector('[role=status]').textContent)")
        kept.rename(lost)
        said = after(seen, part(seen, "play").click)
        assert "particles" in said and time(seen) == 1


def test_a_dropped_particle_leaves_the_others_as_they_are(browser, address) -> None:
    with visit.visit(browser, address) as seen:
        seen.page.add_init_script(COUNT)
        seen.page.reload()
        seen.errors.clear()
        seen.page.wait_for_selector(READY)
        for number in (1, 2, 3):
            part(seen, "canvas").first.click(position={"x": 40 * number, "y": 40})
            # each is computed once in each of the two fields
            seen.page.wait_for_function(f"() => window.alone === {2 * number}")
        after(seen, part(seen, "button:has-text('New noise')").click)
        seen.page.wait_for_function("() => window.alone === 12")


def test_a_dropped_particle_can_be_told_from_ink(browser, address) -> None:
    """Around its ring there is paper, whatever lies behind."""
    with visit.visit(browser, address) as seen:
        seen.page.wait_for_selector(READY)
        part(seen, "canvas").nth(1).click()
        # the ring ends 6 pixels from its middle; what lies 6.5 to 8 from there is paper
        seen.page.wait_for_function("""() => {
          const node = document.querySelectorAll(".diffusion-explorer canvas")[1];
          const ratio = node.width / node.clientWidth, middle = node.width / 2;
          const pixels = node.getContext("2d").getImageData(0, middle, node.width, 1).data;
          const at = (d) => 4 * Math.round(middle + d * ratio);
          return [7, -8].every((d) => pixels.slice(at(d), at(d) + 4).every((part) => part > 200));
        }""")
