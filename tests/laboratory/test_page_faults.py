"""What a reader once broke: each of these was a fault of the page."""

import re

import pytest
import visit
from laboratory_page import GATE, READY, after, click, part, picture, rest, tool

pytestmark = pytest.mark.browser
HEARD = """window.heard = [];
const Own = Worker;
window.Worker = class extends Own {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", ({ data }) => heard.push(data));
  }
};"""
FALLING = """const asked = [], said = [];
const lab = { shown: { sampler: "euler", steps: 5, label: -1, w: 1 }, draw() {},
              say: (text) => said.push(text), clock: { time: () => 1, to() {} },
              desk: { ask: (_, { who }) => new Promise((done) => asked.push(() => done({
                grid: [1, 0], paths: Object.fromEntries(who.map((one) => [one, [[0], [0]]])) }))) },
            };
const drops = DiffusionLaboratory.dropping(lab);
const wait = () => new Promise((go) => setTimeout(go, 5));
const answer = async (most) => {
  for (; most && asked.length; most--) { asked.shift()(); await wait(); }
};
for (let k = 0; k < 3; k++) { drops.release(k, 0); }
await answer(99);
drops.renew(["learned", "exact"], true);
await answer(1);
"""


def status(seen) -> str:
    return part(seen, "status").inner_text()


def steps(text: str) -> int:
    return int(re.search(r"([\d,]+) steps", text)[1].replace(",", ""))


def falling(seen, body: str):
    return seen.page.evaluate(f"async () => {{{FALLING}{body}}}")


@pytest.fixture
def gated(browser, address):
    """A page whose questions can be held back, and that keeps what its worker said."""
    with visit.visit(browser, address) as found:
        found.page.wait_for_selector(READY)
        found.page.add_init_script(HEARD + GATE)
        found.page.reload()
        found.page.wait_for_selector(READY)
        rest(found)
        yield found
        assert found.errors == []


def test_nothing_comes_back_after_all_was_cleared(gated) -> None:
    part(gated, "time").fill("0.5")
    gated.page.wait_for_timeout(400)
    gated.page.evaluate("shut()")
    part(gated, "time").fill("0.4")
    part(gated, "button:text-is('Clear')").click()
    empty = picture(gated, 1)
    gated.page.evaluate("open_gate()")
    gated.page.wait_for_timeout(1000)
    assert picture(gated, 1) == empty


def test_clearing_ends_training_in_the_worker(gated) -> None:
    part(gated, "train").click()
    gated.page.wait_for_function("heard.some((one) => one.kind === 'train')")
    part(gated, "button:text-is('Clear')").click()
    gated.page.wait_for_timeout(500)
    gated.page.evaluate("heard.length = 0")
    gated.page.wait_for_timeout(500)
    assert gated.page.evaluate("heard") == []
    assert "Nothing is drawn" in status(gated)


def test_no_step_of_training_is_missed_by_quick_fingers(gated) -> None:
    part(gated, "train").click()
    gated.page.wait_for_timeout(350)
    gated.page.evaluate("shut()")
    for _ in range(3):
        part(gated, "train").click()
    gated.page.wait_for_timeout(150)
    gated.page.evaluate("open_gate()")
    gated.page.wait_for_function("heard.some((one) => one.kind === 'stop')")
    gated.page.wait_for_timeout(300)
    made = gated.page.evaluate("heard.filter((one) => one.kind === 'stop').pop().step")
    assert steps(part(gated, "progress").inner_text()) == made


def test_particles_are_of_the_last_step_though_it_stopped_meanwhile(gated) -> None:
    part(gated, "train").click()
    gated.page.wait_for_timeout(500)
    part(gated, "sampler").select_option("euler")
    gated.page.wait_for_function(
        "heard.filter((one) => one.kind === 'fly' && one.frames[0].length === 4000).length >= 3")
    part(gated, "train").click()
    rest(gated)
    gated.page.wait_for_timeout(1500)
    made = steps(part(gated, "progress").inner_text())
    assert steps(part(gated, "title").first.inner_text()) == made


def test_dropped_particles_fall_in_both_fields_whatever_comes_between(seen) -> None:
    found = falling(seen, """drops.renew(["learned"], false); await answer(99);
      return drops.map((one) => Object.keys(one.paths).sort().join());""")
    assert found == ["exact,learned"] * 3


def test_no_particle_falls_where_nothing_is_drawn(seen) -> None:
    assert falling(seen, "said.length = 0; lab.shown = null; await answer(99); return said;") == []


def test_training_lines_of_a_link_are_shown(browser, address) -> None:
    with visit.visit(browser, f"{address}#preset=trio&see=lines") as found:
        found.page.wait_for_selector(READY)
        rest(found)
        part(found, "time").fill("0.5")
        found.page.wait_for_timeout(500)
        inked = "(node) => node.getContext('2d').getImageData(0, 0, node.width, node.height)" \
                ".data.some((value) => value > 0)"
        assert part(found, "canvas").nth(1).evaluate(inked)


def test_what_needs_a_law_says_so(seen) -> None:
    part(seen, "button:text-is('Clear')").click()
    tool(seen, "Lines")
    click(seen, 0.5, 0.5)
    assert "no law yet" in status(seen)
    part(seen, "button:has-text('Notebook cell')").click()
    assert "no law yet" in status(seen)


def test_what_needs_noise_says_so_at_the_data(seen) -> None:
    part(seen, "time").fill("1")
    part(seen, ".explorer-tick:has-text('error of the network') input").check()
    assert "t = 0" in status(seen)


def test_a_button_that_changes_its_name_is_not_pressed_as_well(seen) -> None:
    assert part(seen, "train").get_attribute("aria-pressed") is None


def test_time_holds_while_the_page_is_away(seen) -> None:
    rest(seen)
    seen.page.emulate_media(reduced_motion="no-preference")
    seen.page.wait_for_timeout(100)
    part(seen, "time").fill("0")
    seen.page.wait_for_timeout(300)
    part(seen, "play").click()
    seen.page.evaluate("""() => {
      const frame = requestAnimationFrame, began = performance.now();
      window.requestAnimationFrame = (act) => setTimeout(() => frame(act), 4000);
      setTimeout(() => { window.requestAnimationFrame = frame; }, 500);
    }""")
    seen.page.wait_for_timeout(5000)
    part(seen, "play").click()
    assert float(part(seen, "now").inner_text().split()[-1]) > 0.5


def test_a_guided_network_has_no_arrow_beside_the_mean(browser, address) -> None:
    """Guidance changes the velocity, so one is not the aim of the other."""
    with visit.visit(browser, f"{address}#preset=trio&see=lines&label=2&w=3") as found:
        found.page.wait_for_selector(READY)
        rest(found)
        part(found, "time").fill("0.5")
        at_three = [picture(found, k) for k in (0, 1)]
        after(found, lambda: part(found, "w").fill("5"))
        assert [picture(found, k) for k in (0, 1)] == at_three
        after(found, lambda: part(found, "w").fill("1"))
        assert picture(found, 0) != at_three[0]
