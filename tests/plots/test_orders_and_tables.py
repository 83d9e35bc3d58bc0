"""The figures of the table page and of the sampler page draw what they are given."""

import pytest
import torch

from diffusionbook.plots import orders, tables


def words(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_guides_fall_with_the_stated_slopes_and_curves_keep_their_numbers(close) -> None:
    errors = {"first": {8: 0.4, 16: 0.2, 32: 0.1}, "second": {16: 0.02, 32: 0.005}}
    fig = orders.side_by_side(
        errors, errors, titles=("a", "b"), x=("n", "n"), y=("e", "e"), slopes=((1, 2), (1,))
    )
    left, right = fig.axes
    assert [line.get_xydata().tolist() for line in left.lines[:2]] == [
        [[8, 0.4], [16, 0.2], [32, 0.1]],
        [[16, 0.02], [32, 0.005]],
    ]
    for slope, guide in zip((1, 2), left.lines[2:], strict=True):
        y = guide.get_ydata()
        assert y[0] / y[2] == pytest.approx(4**slope)
    assert {"first", "second", "slope −1", "slope −2"} == set(words(left))
    assert "slope −2" not in words(right)


def test_the_grid_figure_leaves_the_last_time_open(close) -> None:
    grid = torch.tensor([1.0, 0.5, 0.0])
    (ax,) = orders.grids({"one": grid, "two": grid[:2]}).axes
    asked, end = ax.lines[1], ax.lines[2]
    assert list(asked.get_xdata()) == [1.0, 0.5] and list(end.get_xdata()) == [0.0]
    assert end.get_markerfacecolor() == "white"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["one", "two"]


def test_each_weight_is_named_beside_its_curve_with_data_on_the_left(close) -> None:
    fig = tables.loss_weights(
        [-1.0, 0.0, 1.0],
        {"x0": [1.0, 1.0, 1.0], "eps": [0.4, 1.0, 2.7]},
        {"x0": ("one", -1.0, 2.0), "eps": ("two", 0.9, 0.5)},
        limits=(0.1, 10),
    )
    (ax,) = fig.axes
    places = {text.get_text(): text.get_position() for text in ax.texts}
    assert places == {"one": (-1.0, 2.0), "two": (0.9, 1.35)}
    assert ax.get_xlim() == (1.0, -1.0)
    assert [text.get_color() for text in ax.texts] == [tables.DATA, tables.NOISE]
