"""Figures that carry a second layout, for a phone, of the same things."""

import pytest
import torch

from diffusionbook.plots.curves import Curve, plot, side_by_side
from diffusionbook.plots.images import digit_strip
from diffusionbook.plots.phone import PHONE, narrow, on_a_phone, with_phone_layout
from diffusionbook.plots.points import strip
from diffusionbook.plots.style import WIDTH, canvas, text_width


def places(axes) -> list[tuple[int, int]]:
    """(row, column) of each."""
    return [(ax.get_subplotspec().rowspan.start, ax.get_subplotspec().colspan.start)
            for ax in axes]


def test_the_second_layout_is_drawn_from_the_same_arguments_and_narrow() -> None:
    figure = plot([Curve("a", [1, 2], [5, 7])], x="t", y="error")
    again = figure.phone_layout()
    assert figure.get_figwidth() == WIDTH and again.get_figwidth() == PHONE
    one, other = (fig.axes[0].lines[0].get_xydata().tolist() for fig in (figure, again))
    assert one == other and again.axes[0].get_xlabel() == "t"
    assert not narrow() and text_width() == WIDTH  # as it was before


def test_a_figure_of_a_plain_function_has_none() -> None:
    assert not hasattr(canvas()[0], "phone_layout")


def test_a_failure_on_the_way_leaves_the_desk() -> None:
    calls = []

    @with_phone_layout
    def fails_on_a_phone():
        calls.append(narrow())
        if narrow():
            raise RuntimeError("no")
        return canvas()[0]

    figure = fails_on_a_phone()
    with pytest.raises(RuntimeError):
        figure.phone_layout()
    assert calls == [False, True] and not narrow()


@pytest.mark.parametrize(("rows", "columns", "across", "expected"), [
    (1, 3, 1, [(0, 0), (1, 0), (2, 0)]),
    (1, 3, 2, [(0, 0), (0, 1), (1, 0)]),  # the fourth is taken out
    (2, 3, 2, [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1)]),  # turned: a column a row
    (1, 1, 2, [(0, 0)]),
    (3, 2, 2, [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)]),
])
def test_axes_keep_their_order_on_a_phone(rows, columns, across, expected) -> None:
    with on_a_phone():
        figure, axes = canvas(rows, columns, across=across)
    assert places(axes) == expected and len(figure.axes) == rows * columns
    _, wide = canvas(rows, columns, across=across)
    assert places(wide) == [(r, c) for r in range(rows) for c in range(columns)]


def test_panels_are_as_high_as_their_width_asks_for() -> None:
    with on_a_phone():
        one, _ = canvas(height=3.0)  # half as wide, so lower, but not too low
        three, _ = canvas(1, 3, height=2.6)  # each wider than before: as high as before
        clouds, _ = canvas(2, 3, height=5.0, across=2)
    assert one.get_figheight() == pytest.approx(0.75 * PHONE)
    assert three.get_figheight() == pytest.approx(3 * 2.625)
    assert clouds.get_figheight() == pytest.approx(3 * 2.5 * (PHONE / 2) / (WIDTH / 3))


def test_long_names_stand_above_the_axes_with_their_lines() -> None:
    curves = [Curve("a long name", [1, 2], [5, 7], "data"), Curve("b", [1, 2], [3, 4], "noise")]
    (ax,) = plot(curves, x="t", y="error").phone_layout().axes
    key = ax.get_legend()
    assert [text.get_text() for text in key.get_texts()] == ["a long name", "b"]
    drawn = [line.get_color() for line in ax.get_lines()]
    assert [line.get_color() for line in key.get_lines()] == drawn
    (ax,) = plot([Curve("short", [1, 2], [5, 7])], x="t", y="error").phone_layout().axes
    assert ax.get_legend() is None and ax.texts[0].get_text() == "short"
    (ax, _) = side_by_side([("title", curves, ""), ("b", curves, "")], x="t").phone_layout().axes
    ax.figure.canvas.draw()
    assert ax.title.get_window_extent().y0 > ax.get_legend().get_window_extent().y1
    (ax,) = plot(curves, x="t", y="error").axes
    assert ax.get_legend() is None


def test_ticks_that_are_asked_for_stand_in_both_layouts() -> None:
    curves = [Curve("short", [5, 100], [0.5, 2])]
    figure = plot(curves, x="looks", y="F", log="xy",
                  ticks={"x": (5, 20, 100), "y": (0.5, 2)})
    for fig in (figure, figure.phone_layout()):
        (ax,) = fig.axes
        for axis, wanted in ((ax.xaxis, ["5", "20", "100"]), (ax.yaxis, ["0.5", "2"])):
            assert [label.get_text() for label in axis.get_ticklabels()] == wanted
            assert len(axis.get_minorticklocs()) == 0


def test_names_of_lines_that_look_alike_stay_where_their_lines_end() -> None:
    curves = [Curve("a long name", [1, 2], [5, 7]), Curve("another", [1, 2], [3, 4])]
    (ax,) = plot(curves, x="t", y="error").phone_layout().axes
    assert ax.get_legend() is None and len(ax.texts) == 2


@pytest.mark.parametrize("figure", [
    lambda: side_by_side([("one", [Curve("", [1, 2], [3, 4])], "")] * 3, x="w"),
    lambda: strip([torch.zeros(3, 2)] * 6, list("abcdef"), rows=2),
    lambda: digit_strip([torch.zeros(10, 1, 8, 8)], ["a row"], ["t = 0.123"] * 10),
    lambda: digit_strip([torch.zeros(10, 1, 8, 8)], ["a row"], [""] * 10, scale=0.9),
])
def test_every_kind_is_no_wider_than_a_phone(figure) -> None:
    assert figure().phone_layout().get_figwidth() <= PHONE + 0.1


def test_titles_of_columns_that_do_not_fit_are_left_out_on_a_phone_alone() -> None:
    figure = digit_strip([torch.zeros(10, 1, 8, 8)], [""], [f"t = {k}.25" for k in range(10)])
    assert len(figure.axes[0].texts) == 11
    shown = [text.get_text() for text in figure.phone_layout().axes[0].texts[1:]]
    assert shown == ["t = 0.25", "t = 2.25", "t = 4.25", "t = 6.25", "t = 8.25"]
