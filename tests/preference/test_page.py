"""The triangle of preferences as a reader uses it: as a file, with mouse, finger and keyboard."""

import base64
import itertools
from pathlib import Path
from unittest import mock

import checks
import pytest
import standalone
import torch
import visit

from diffusionbook.page import preference as page
from diffusionbook.pareto.laws import mean_reward, tilted_by

READY = ".preference-triangle[data-computed]"
PIXEL = "R0lGODlhAQABAAAAACwAAAAAAQABAAA="


def bundle(**options) -> dict:
    with mock.patch.object(page, "publish") as glued:
        page.show("preference", **options)
    assert glued.call_args.args[0] == "preference"
    return glued.call_args.args[1]


def html(**options) -> str:
    with mock.patch.object(page, "_still", return_value=(PIXEL, "a picture")):
        return bundle(**options)["text/html"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return standalone.write(tmp_path_factory.mktemp("preference"), html(points=200),
                            "preference-triangle")  # fmt: skip


@pytest.fixture
def seen(browser, folder):
    with visit.visit(browser, folder.as_uri()) as found:
        found.page.wait_for_selector(READY)
        yield found
        assert found.errors == [] and found.outside() == []


def after(seen, act) -> None:
    """Do something, and wait until the cloud is computed anew."""
    before = seen.page.locator(READY).get_attribute("data-computed")
    act()
    seen.page.wait_for_function(
        "(b) => document.querySelector('.preference-triangle').dataset.computed !== b", arg=before)


def rows(seen) -> list[list[float]]:
    """Preference set and sampled, in per cent; mean reward exact and sampled."""
    cells = seen.page.locator(".preference-table tbody td").all_inner_texts()
    numbers = [float(text.replace("\u2212", "-")) for text in cells]
    return [numbers[k : k + 3] for k in range(0, 12, 3)]


def agrees(seen, w, data: str = "humps") -> None:
    """Words, dot and exact rewards are those of a preference."""
    seen.page.evaluate(visit.STILL)
    handle, shown = seen.page.get_by_role("slider"), rows(seen)
    assert shown[0] == pytest.approx([100 * share for share in w], abs=1.01)
    law = tilted_by(page.prior(data), page.rewards(), torch.tensor(w).double(), page.SCALE)
    wanted = [mean_reward(law, reward) for reward in page.rewards()]
    assert shown[2] == pytest.approx(wanted, abs=0.03)  # a place on the screen is a whole pixel
    told = ", ".join(f"{name} {part:.0f}\u00a0%"
                     for name, part in zip("ABC", shown[0], strict=True))
    assert handle.get_attribute("aria-valuetext") == told
    assert handle.get_attribute("aria-valuenow") == f"{shown[0][0]:.0f}"
    dot, field = handle.bounding_box(), seen.page.locator(".preference-field").bounding_box()
    u = (dot["x"] + dot["width"] / 2 - field["x"]) / field["width"]
    v = (dot["y"] + dot["height"] / 2 - field["y"]) / field["height"]
    assert (u, v) == pytest.approx(place(w), abs=0.01)


def place(w) -> tuple[float, float]:
    """As shares of the picture's width and height."""
    half = 3**0.5 / 2
    return (0.5 + half * (w[2] - w[1]) / 2.6, (1.5 - w[0] + 0.5 * (w[1] + w[2])) / 2.4)


def at(box: dict, w) -> tuple[float, float]:
    u, v = place(w)
    return box["x"] + u * box["width"], box["y"] + v * box["height"]


def picture(seen) -> str:
    seen.page.wait_for_timeout(100)
    return seen.page.locator("canvas").evaluate("(canvas) => canvas.toDataURL()")


@pytest.mark.browser
def test_keys_and_buttons_set_the_preference(seen) -> None:
    agrees(seen, [0.1, 0.1, 0.8])
    seen.page.keyboard.press("Tab")
    handle = seen.page.get_by_role("slider")
    assert handle.evaluate("(node) => node === document.activeElement")
    pictures = {picture(seen)}
    for key, w in (("ArrowUp", [0.12, 0.09, 0.79]), ("Shift+ArrowUp", [0.22, 0.04, 0.74]),
                   ("Shift+ArrowLeft", [0.22, 0.1266, 0.6534])):
        after(seen, lambda key=key: handle.press(key))
        agrees(seen, w)
        pictures.add(picture(seen))
    for k, name in enumerate(("All A", "All B", "All C")):
        after(seen, lambda name=name: seen.page.get_by_role("button", name=name).click())
        agrees(seen, [float(i == k) for i in range(3)])
        pictures.add(picture(seen))
    after(seen, lambda: seen.page.get_by_role("button", name="Even").click())
    agrees(seen, [1 / 3] * 3)
    assert len(pictures) == 7


@pytest.mark.browser
def test_it_is_dragged_beyond_the_edge_and_a_click_moves_it(seen) -> None:
    mouse, box = seen.page.mouse, seen.page.locator(".preference-field").bounding_box()

    def drag() -> None:
        mouse.move(*at(box, [0.1, 0.1, 0.8]))
        mouse.down()
        mouse.move(*at(box, [0.5, 0.25, 0.25]), steps=4)

    after(seen, drag)
    agrees(seen, [0.5, 0.25, 0.25])
    after(seen, lambda: mouse.move(box["x"] - 300, box["y"] + box["height"] + 200))
    agrees(seen, [0.0, 1.0, 0.0])
    mouse.up()
    mouse.move(*at(box, [1 / 3] * 3))
    agrees(seen, [0.0, 1.0, 0.0])
    after(seen, lambda: mouse.click(*at(box, [0.2, 0.5, 0.3])))
    agrees(seen, [0.2, 0.5, 0.3])


@pytest.mark.browser
def test_what_is_sampled_at_a_corner_lies_outside_and_the_formula_says_how_far(seen) -> None:
    after(seen, lambda: seen.page.get_by_role("button", name="All C").click())
    assert rows(seen)[1][2] > 110 and min(rows(seen)[1]) < -3
    after(seen, lambda: seen.page.get_by_role("combobox").select_option("one"))
    agrees(seen, [0.0, 0.0, 1.0], "one")
    wanted = 1.297 * torch.tensor(page.CENTRES[2]).double()  # the centre whose mean is sampled
    corners = torch.cat([torch.tensor(page.CENTRES).double().T, torch.ones(1, 3).double()])
    shares = torch.linalg.solve(corners, torch.cat([wanted, torch.ones(1).double()]))
    assert rows(seen)[1] == pytest.approx((100 * shares).tolist(), abs=2)  # 60 steps
    assert "1.30 times" in seen.page.get_by_role("status").inner_text()


@pytest.mark.browser
def test_points_move_a_little_where_the_preference_does(seen) -> None:
    """The same noise for every preference."""
    clouds = seen.page.evaluate("""() => {
      const given = document.querySelector(".preference-triangle").dataset;
      const job = { table: JSON.parse(given.laws).humps, centres: JSON.parse(given.centres),
                    scale: 2, steps: 60, start: 0.999, points: 100, seed: 1 };
      return Promise.all([[0.3, 0.3, 0.4], [0.31, 0.3, 0.39]].map(
        (w) => DiffusionPreference.cloud({ ...job, w }).then((found) => Array.from(found)))); }""")
    away = (torch.tensor(clouds[0]) - torch.tensor(clouds[1])).reshape(-1, 2).norm(dim=1)
    assert 0 < float(away.median()) < 0.05


@pytest.mark.browser
def test_no_task_is_long(seen) -> None:
    seen.page.evaluate("""() => { window.tasks = [];
      new PerformanceObserver((list) => list.getEntries().forEach((e) => tasks.push(e.duration)))
        .observe({ type: "longtask" }); }""")
    for _, key in itertools.product(range(3), ("ArrowUp", "ArrowLeft")):
        seen.page.get_by_role("slider").press(key)
    seen.page.evaluate(visit.STILL)
    assert max(seen.page.evaluate("() => window.tasks"), default=0) < 100


@pytest.mark.browser
@pytest.mark.parametrize("width", visit.WIDTHS)
def test_names_contrast_and_width_in_both_modes(browser, folder, width: int) -> None:
    with visit.visit(browser, folder.as_uri(), width) as seen:
        seen.page.wait_for_selector(READY)
        assert checks.problems(seen, (checks.images, checks.sideways, checks.accessible)) == []
        light = picture(seen)
        seen.switch(dark=True)
        assert checks.problems(seen, (checks.accessible,)) == []
        assert picture(seen) != light
        small = seen.page.evaluate(
            """() => [...document.querySelectorAll(".explorer-live :is(button, select, "
                 + ".preference-handle)")].map((node) => node.getBoundingClientRect())
               .filter((box) => box.width < 24 || box.height < 24).length""")
        assert small == 0 and seen.errors == []


@pytest.mark.browser
def test_a_finger_drags_and_the_page_stays(browser, folder) -> None:
    context = browser.new_context(viewport={"width": 375, "height": 500}, has_touch=True,
                                  is_mobile=True)
    tab = context.new_page()
    tab.goto(folder.as_uri())
    tab.wait_for_selector(READY)
    box = tab.locator(".preference-field").bounding_box()
    standalone.swipe(tab, [at(box, w) for w in (
        [0, 0.2, 0.8], [0.3, 0.3, 0.4], [0.8, 0.1, 0.1])])
    tab.wait_for_function("() => Number(document.querySelector('.preference-handle')"
                          ".getAttribute('aria-valuenow')) >= 79")
    assert tab.evaluate("scrollY") == 0
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("scripts", [True, False])
def test_print_and_a_page_without_scripts_show_the_picture(browser, folder, scripts) -> None:
    standalone.is_a_picture(browser, folder.as_uri(), READY, ".preference-still",
                            ".explorer-live", scripts)


def test_the_choices_and_a_picture_in_words_are_on_the_page() -> None:
    data = bundle(data="one", preference=(0.2, 0.3, 0.5), points=70)
    for choice in ('data="one"', 'preference="[0.2, 0.3, 0.5]"', 'points="70"', 'scale="2"'):
        assert f" data-{choice}" in data["text/html"]
    assert data["text/html"].startswith('<div class="preference-triangle"')
    assert f'alt="{data["text/plain"]}"' in data["text/html"]
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert "20, 30, 50 per cent" in data["text/plain"]


@pytest.mark.parametrize(("option", "value"), [
    ("data", "ring"), ("preference", (0.5, 0.4, 0.2)), ("preference", (1.2, -0.2, 0.0)),
    ("preference", (torch.nan, 0.5, 0.5)), ("points", 0), ("points", 7), ("points", 2_002),
])  # fmt: skip
def test_what_there_is_not_is_refused(option: str, value) -> None:
    with pytest.raises(ValueError, match=f"{option}s? must"):
        page.show("preference", **{option: value})
