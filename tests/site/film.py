"""Use a frame player as a reader would: with the keyboard, with the mouse, with its button."""

from playwright.sync_api import Locator


def faults(player: Locator) -> list[str]:
    """What does not work about the player, in words."""
    slider, button = player.locator("input[type=range]"), player.locator("button")
    player.scroll_into_view_if_needed()
    if not slider.is_visible():
        return ["its controls are hidden"]
    last = int(slider.get_attribute("max"))
    found = []

    def state() -> tuple[int, str, str]:
        picture = player.locator("img").get_attribute("src")
        return int(slider.input_value()), picture, player.locator("output").inner_text()

    def expect(what: str, value: int) -> None:
        if state()[0] != value:
            found.append(f"{what}: frame {state()[0]} instead of {value}")
        if slider.get_attribute("aria-valuetext") != state()[2]:
            found.append(
                f"{what}: a screen reader is told {slider.get_attribute('aria-valuetext')}"
            )

    slider.focus()
    slider.press("Home")
    expect("Home key", 0)
    first = state()
    slider.press("ArrowRight")
    expect("right arrow key", 1)
    if state()[1] == first[1] or state()[2] == first[2]:
        found.append("right arrow key: the picture or the label stays")
    slider.press("End")
    expect("End key", last)
    box = slider.bounding_box()
    slider.click(position={"x": 2, "y": box["height"] / 2})
    expect("click at the left end", 0)
    if state() != first:
        found.append("click at the left end: not the first frame")
    button.click()
    for _ in range(40):  # go on at its first move: a film that has reached its end proves nothing
        player.page.wait_for_timeout(50)
        if state()[0] > 0:
            break
    else:
        found.append("Play button: nothing moves")
    slider.focus()
    slider.press("Home")
    player.page.wait_for_timeout(400)
    expect("Home key while it plays", 0)
    return found
