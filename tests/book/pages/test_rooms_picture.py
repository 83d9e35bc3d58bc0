"""The picture of the rooms: all of them, apart from each other, joined by few lines."""

from pathlib import Path

import pytest

import diffusionbook
from bookext.pages import rooms, rooms_picture

PACKAGE = Path(diffusionbook.__file__).parent


def reached(arrows: list[tuple[str, str]], name: str) -> set[str]:
    found = {b for a, b in arrows if a == name}
    return found.union(*(reached(arrows, b) for b in found))


def test_few_lines_lead_wherever_all_arrows_lead():
    arrows = rooms.downward(PACKAGE)
    few = rooms_picture.shortest(arrows)
    assert len(few) < len(arrows) / 2
    for name in rooms.ORDER:
        assert reached(few, name) == reached(arrows, name)


def test_a_way_over_another_room_replaces_an_arrow():
    few = rooms_picture.shortest([("c", "a"), ("c", "b"), ("b", "a")])
    assert few == [("c", "b"), ("b", "a")]


def test_every_room_is_there_and_none_touches_another_or_a_line_that_passes():
    floors = rooms.floors(PACKAGE)
    assert sorted(sum(floors, [])) == sorted(set(rooms.ORDER) - {rooms.DOOR})
    lines = rooms_picture.ways(rooms_picture.shortest(rooms.downward(PACKAGE)), floors)
    for floor, row in zip(floors, rooms_picture.arranged(floors, lines), strict=True):
        assert set(floor) <= row.keys()
        ends = [(x - rooms_picture._wide(node) / 2, x + rooms_picture._wide(node) / 2)
                for node, x in row.items()]
        assert ends[0][0] > 0 and ends[-1][1] < rooms_picture.WIDTH
        assert all(a[1] < b[0] for a, b in zip(ends[:-1], ends[1:], strict=True))


def test_a_name_fits_its_box():
    figure = rooms_picture.draw(PACKAGE)
    for text in figure.axes[0].texts:
        wide = text.get_window_extent().width * 72 / figure.dpi
        assert wide < rooms_picture._wide(text.get_text()) - rooms_picture.PAD


def test_the_picture_takes_the_colour_of_its_text_and_the_width_of_its_column():
    text = rooms_picture.svg(rooms_picture.draw(PACKAGE))
    assert rooms_picture.INK not in text and "currentColor" in text and "width: 100%" in text


@pytest.mark.parametrize("phone", [343])  # pixels that a text has on a screen of 375
def test_names_can_be_read_on_a_phone(phone):
    assert rooms_picture.FONT * phone / rooms_picture.WIDTH >= 9
