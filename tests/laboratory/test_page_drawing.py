"""What a reader once broke with the tools that draw."""

import pytest
import visit
from laboratory_page import READY, after, click, part, picture, rest, tool, trained

pytestmark = pytest.mark.browser


def drag(seen, *places: tuple[float, float]) -> None:
    """Press the mouse at the first place of the exact field's picture, let go at the last one."""
    canvas, mouse = part(seen, "canvas").nth(1), seen.page.mouse
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    for k, (x, y) in enumerate(places):
        mouse.move(box["x"] + (x + 3) / 6 * box["width"], box["y"] + (3 - y) / 6 * box["height"])
        if k == 0:
            mouse.down()
    mouse.up()


def test_a_label_for_the_brush_stays_though_a_gaussian_is_chosen(seen) -> None:
    tool(seen, "Gaussian")
    after(seen, lambda: click(seen, 2, 2))
    tool(seen, "Brush")
    mark = part(seen, "label:has-text('New label') select")
    mark.select_option("2")
    after(seen, lambda: click(seen, -2, 2))
    assert mark.input_value() == "2"


def test_a_field_says_what_the_gaussian_has(seen) -> None:
    tool(seen, "Gaussian")
    after(seen, lambda: click(seen, 2, 2))
    along, across = (part(seen, f"label:has-text('Std {z}') input") for z in ("along", "across"))
    along.fill("0.1")
    after(seen, lambda: along.press("Enter"))
    assert sorted(float(z.input_value()) for z in (along, across)) == [0.1, 0.3]


def test_the_cross_is_seen_where_the_keyboard_is(seen) -> None:
    canvas = part(seen, "canvas").first
    seen.page.keyboard.press("Tab")
    bare = picture(seen, 0)
    canvas.focus()
    assert picture(seen, 0) != bare
    for key in ("ArrowLeft",) * 3 + ("ArrowRight",) * 3 + ("Enter",):
        canvas.press(key)
    assert "dropped at (0.00, 0.00)" in part(seen, "status").inner_text()


def test_delete_removes_only_what_is_seen_to_be_chosen(seen) -> None:
    tool(seen, "Gaussian")
    after(seen, lambda: click(seen, 2, 2))
    tool(seen, "Drop")
    part(seen, "canvas").nth(1).press("Delete")
    tool(seen, "Gaussian")
    assert part(seen, "label:has-text('Weight') input").is_enabled()


def test_the_keyboard_is_told_that_no_more_can_be_drawn(browser, address) -> None:
    many = "~".join(["0_0_0.01_0"] * 400)
    with visit.visit(browser, f"{address}#components={many}") as found:
        found.page.wait_for_selector(READY)
        rest(found)
        tool(found, "Brush")
        part(found, "canvas").nth(1).press("Enter")
        assert "400 components are the most" in part(found, "status").inner_text()


def test_a_gaussian_that_is_only_chosen_leaves_the_network_trained(seen) -> None:
    """A hand moves by a pixel as it clicks."""
    trained(seen, 50)
    tool(seen, "Gaussian")
    drag(seen, (0.3, 1.2), (0.31, 1.21))
    assert part(seen, "label:has-text('Weight') input").is_enabled()
    assert part(seen, "law").input_value() == "trio"
    assert part(seen, "train").inner_text() == "Continue"


def test_a_chosen_gaussian_can_be_as_small_as_a_point(seen) -> None:
    tool(seen, "Gaussian")
    after(seen, lambda: click(seen, 2, 2))
    for name in ("across", "along"):  # what is longer is along
        field = part(seen, f"label:has-text('Std {name}') input")
        field.fill("0.1")
        after(seen, lambda field=field: field.press("Enter"))
    along = part(seen, "label:has-text('Std along') input")
    after(seen, lambda: drag(seen, (2, 2), (1.5, 2.2), (1, 2.5)))
    seen.page.wait_for_timeout(500)
    assert seen.page.url.count("~") == 3  # it was moved, and none was placed
    assert abs(float(part(seen, "label:has-text('Middle x') input").input_value()) - 1) < 0.1
    assert abs(float(along.input_value()) - 0.1) < 0.01  # its middle was nearer
