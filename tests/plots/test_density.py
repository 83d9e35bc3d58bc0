"""A heat map shows each value where it belongs, and every map on one scale."""

import pytest
import torch

from diffusionbook.plots import grid_points, heat_maps


def value_at(ax, x: float, y: float) -> float:
    """What the picture shows at a place of the plane."""
    image = ax.images[0]
    left, right, bottom, top = image.get_extent()
    array = image.get_array()
    column = int((x - left) / (right - left) * array.shape[1])
    row = int((y - bottom) / (top - bottom) * array.shape[0])
    assert image.origin == "lower"
    return float(array[row, column])


def test_each_value_stands_at_its_place_and_all_have_one_scale() -> None:
    places = grid_points(2.0, 9)
    maps = {"x": places[:, 0], "x + 2 y": places @ torch.tensor([1.0, 2.0]).double()}
    fig = heat_maps(maps, half=2.0, limits=(-3.0, 1.0), scale="a number")
    first, second, bar = fig.axes
    for x, y in ((1.9, -1.9), (-1.9, 1.9), (0.0, 1.9)):
        # a cell of nine is 4/9 wide, so what it shows lies within half of that
        assert value_at(first, x, y) == pytest.approx(x, abs=0.23)
        assert value_at(second, x, y) == pytest.approx(x + 2 * y, abs=0.67)
    assert {image.get_clim() for ax in (first, second) for image in ax.images} == {(-3.0, 1.0)}
    assert first.get_title() == "x" and bar.get_xlabel() == "a number"


def test_what_is_no_square_is_refused() -> None:
    with pytest.raises(ValueError, match="side"):
        heat_maps({"a": torch.ones(8)}, half=1.0, limits=(0.0, 1.0), scale="")
    with pytest.raises(ValueError, match="half"):
        heat_maps({"a": torch.ones(9)}, half=0.0, limits=(0.0, 1.0), scale="")
