"""Ticks of logarithmic axes stand where they are asked for, and are written out."""

import pytest

from diffusionbook.plots.curves import Curve, draw, plot, side_by_side
from diffusionbook.plots.guidance import measured
from diffusionbook.plots.style import canvas
from diffusionbook.plots.ticks import log_ticks

VALUES = [0.05, 0.5, 2, 16]
WRITTEN = ["0.05", "0.5", "2", "16"]
LINE = Curve("", [0.5, 16], [0.01, 30])


def written(ax, which: str, *, minor: bool = False) -> list[str]:
    """What a reader sees at the ticks, the smaller ones if asked for."""
    ax.figure.canvas.draw()
    axis = {"x": ax.xaxis, "y": ax.yaxis}[which]
    return [label.get_text() for label in axis.get_ticklabels(minor=minor)]


def both_layouts(figure) -> list:
    return [figure.axes, figure.phone_layout().axes]


@pytest.mark.parametrize("make", [
    lambda: plot([LINE], x="t", y="e", log="y", ticks={"y": VALUES}),
    lambda: measured([LINE], [LINE], x="t", y="e", log="xy", ticks={"y": VALUES}),
])
def test_ticks_are_written_out_on_both_layouts(make) -> None:
    for (ax,) in both_layouts(make()):
        assert written(ax, "y") == WRITTEN and written(ax, "y", minor=True) == []
        assert ax.get_yticks().tolist() == VALUES


def test_panels_have_them_where_their_axis_is_logarithmic() -> None:
    for one, two in both_layouts(side_by_side([("a", [LINE], "y"), ("b", [LINE], "")], x="w",
                                              ticks={"y": VALUES})):
        assert written(one, "y") == WRITTEN
        assert two.get_yscale() == "linear" and written(two, "y") != WRITTEN


def test_the_limits_stay_and_the_other_axis_keeps_its_ticks() -> None:
    _, (before,) = canvas()
    _, (after,) = canvas()
    draw(before, [LINE], x="t", y="e", log="xy")
    draw(after, [LINE], x="t", y="e", log="xy", ticks={"x": [1e-6, 1, 1e6]})
    assert after.get_xlim() == before.get_xlim() and after.get_ylim() == before.get_ylim()
    assert written(after, "x")[1] == "1" and written(after, "y") == written(before, "y")


def test_an_axis_that_is_not_logarithmic_is_refused() -> None:
    _, (ax,) = canvas()
    with pytest.raises(ValueError, match="y axis is linear"):
        log_ticks(ax, "y", [1, 2])
    ax.set_yscale("log")
    with pytest.raises(ValueError, match="values"):
        log_ticks(ax, "y", [0.0, 1.0])
