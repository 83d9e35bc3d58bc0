"""Icons are drawn into the page; one that the library lacks keeps the library."""

from bookext.site import icons

LIBRARY = (
    'x={bars:[448,512,["navicon"],"f0c9","M0 9"],sun:[512,512,[],"f185","M1 1"]},'
    'y={sun:[640,512,[9728],"f185","M2 2"],pencil:[512,512,[61504,"pencil-alt"],"f303","M3 3"]}'
)
SCRIPT = '<script src="_static/vendor/fontawesome/6/js/all.min.js?digest=1"></script>\n'


def test_a_name_an_older_name_and_the_last_set_are_found() -> None:
    assert 'viewBox="0 0 448 512"' in icons.draw(LIBRARY, "fa-solid fa-bars")
    assert 'd="M2 2"' in icons.draw(LIBRARY, "theme-switch fa-solid fa-sun fa-lg")
    assert 'd="M3 3"' in icons.draw(LIBRARY, "fas fa-pencil-alt")
    assert icons.draw(LIBRARY, "fas fa-nosuch") is None


def test_a_page_loses_the_script_only_if_every_icon_is_drawn() -> None:
    page = SCRIPT + '<span class="fa-solid fa-bars" data-x="1"></span>'
    drawn = icons.inline(page, LIBRARY)
    assert "all.min.js" not in drawn and 'data-x="1"' in drawn and drawn.startswith("<svg")
    kept = icons.inline(page + '<i class="fas fa-nosuch"></i>', LIBRARY)
    assert SCRIPT in kept and "<svg" in kept
