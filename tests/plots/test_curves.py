"""Line plots draw the numbers they are given, with bands of the stated half height."""

import pytest

from diffusionbook.plots.curves import Curve, draw, note, plot, side_by_side
from diffusionbook.plots.style import canvas


def band(ax) -> list[list[float]]:
    return ax.collections[0].get_paths()[0].vertices.tolist()


def test_a_curve_keeps_its_numbers_and_its_band() -> None:
    (ax,) = plot([Curve("a", [1, 2], [5, 7], spread=[1, 2])], x="t", y="error").axes
    assert ax.lines[0].get_xydata().tolist() == [[1, 5], [2, 7]]
    corners = band(ax)
    for corner in ([1, 4], [1, 6], [2, 5], [2, 9]):
        assert corner in corners
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("t", "error")
    assert "a" in [text.get_text() for text in ax.texts]


def test_a_band_below_zero_ends_above_it_on_a_logarithmic_axis() -> None:
    (ax,) = plot([Curve("a", [1, 2], [1, 1], spread=[2, 0.5])], x="t", y="e", log="y").axes
    assert min(y for _, y in band(ax)) == pytest.approx(3e-3)
    assert (ax.get_xscale(), ax.get_yscale()) == ("linear", "log")


def test_panels_have_their_own_curves_titles_and_axes() -> None:
    left, right = Curve("", [0, 1], [2, 3]), Curve("named", [0, 1], [4, 5])
    fig = side_by_side([("one", [left], ""), ("two", [right], "y")], x="w")
    assert [ax.get_title() for ax in fig.axes] == ["one", "two"]
    assert [ax.lines[0].get_ydata().tolist() for ax in fig.axes] == [[2, 3], [4, 5]]
    assert [ax.get_yscale() for ax in fig.axes] == ["linear", "log"]
    assert {ax.get_xlabel() for ax in fig.axes} == {"w"}


def test_a_row_takes_one_panel_or_more() -> None:
    (ax,) = side_by_side([("one", [Curve("", [0], [1])], "")], x="w").axes
    assert ax.get_title() == "one"


def test_levels_are_named_lines_and_notes_point_where_they_say() -> None:
    _, (ax,) = canvas()
    draw(ax, [Curve("a", [1, 2], [0, 1])], x="T", y="gap", levels={"low": 0.25, "high": 1.4})
    note(ax, "here", (1.5, 0.5), (1.2, 0.8))
    flat = [line for line in ax.lines if len(set(line.get_ydata())) == 1]
    assert [line.get_ydata()[0] for line in flat] == [0.25, 1.4]
    told = {text.get_text(): text for text in ax.texts}
    assert [told[name].xy[1] for name in ("low", "high")] == [0.25, 1.4]
    assert (told["here"].xy, told["here"].get_position()) == ((1.5, 0.5), (1.2, 0.8))
