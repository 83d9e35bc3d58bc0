"""Rows of dots and dots with a price: each where its number says."""

import math

import pytest

from diffusionbook.plots.phone import on_a_phone
from diffusionbook.plots.rows import dot_rows, priced
from diffusionbook.plots.style import COLOURS, canvas

ROWS = {"one": {"sde": 0.7, "ode": 0.9}, "two": {"sde": 0.8}}
PRICED = {"cheap": (100, 0.4), "dear": (500, 0.2)}


def test_each_method_has_a_row_and_each_kind_a_dot() -> None:
    fig, (ax,) = canvas()
    dot_rows(ax, ROWS, x="share", level=0.83, filled="sde", title="who")
    level, *dots = ax.lines
    assert set(level.get_xdata()) == {0.83}
    places = [(float(d.get_xdata()[0]), float(d.get_ydata()[0])) for d in dots]
    assert places == [(0.7, 0), (0.9, 0), (0.8, 1)]
    assert [d.get_markerfacecolor() != "none" for d in dots] == [True, False, True]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["one", "two"]
    assert (ax.get_xlabel(), ax.get_title()) == ("share", "who")
    low, high = ax.get_ylim()
    assert low > 1 > 0 > high  # the first row is the highest


def test_dots_stand_over_their_price() -> None:
    fig, (ax,) = canvas()
    priced(ax, PRICED, x="looks", y="error", floor=0.1, ticks={"x": (100, 500)},
           highlight=("dear",))
    cheap, dear, floor = ax.lines
    assert (cheap.get_xdata()[0], cheap.get_ydata()[0]) == (100, 0.4)
    assert (dear.get_xdata()[0], dear.get_ydata()[0]) == (500, 0.2)
    assert (cheap.get_color(), dear.get_color()) == (COLOURS["faint"], COLOURS["guide"])
    assert set(floor.get_ydata()) == {0.1}
    assert {text.get_text() for text in ax.texts} == {"cheap", "dear"}
    assert ax.get_xscale() == "log" and [t.get_text() for t in ax.get_xticklabels()] == [
        "100", "500"]
    assert ax.get_yscale() == "log"


def test_on_a_phone_the_cheapest_comes_first() -> None:
    with on_a_phone():
        fig, (ax,) = canvas()
        priced(ax, {"dear": (500, 0.2), "cheap": (100, 0.4)}, x="looks", y="error", floor=0.1,
               ticks={"y": (0.1, 0.4)})
    floor, cheap, dear = ax.lines
    assert set(floor.get_xdata()) == {0.1}
    assert (cheap.get_xdata()[0], cheap.get_ydata()[0]) == (0.4, 0)
    assert (dear.get_xdata()[0], dear.get_ydata()[0]) == (0.2, 1)
    assert [t.get_text() for t in ax.get_yticklabels()] == ["cheap, 100", "dear, 500"]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["0.1", "0.4"]
    assert (ax.get_xlabel(), ax.get_title(), ax.get_xscale()) == ("error", "looks", "log")


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_number_that_is_none_is_refused(bad: float) -> None:
    fig, (ax,) = canvas()
    for rows, level, name in (({"a": {"sde": bad}}, 0.5, "rows"), (ROWS, bad, "level")):
        with pytest.raises(ValueError, match=f"{name} must be finite"):
            dot_rows(ax, rows, x="x", level=level, filled="sde")
    for dots, floor, name in (({"a": (bad, 1.0)}, 0.1, "dots"), ({"a": (1.0, bad)}, 0.1, "dots"),
                              (PRICED, bad, "floor")):
        with pytest.raises(ValueError, match=f"{name} must be"):
            priced(ax, dots, x="x", y="y", floor=floor, ticks={})
