"""Fields and tracks draw what they are given, models side by side or below each other."""

import pytest
import torch
from matplotlib.colors import to_hex

from diffusionbook.plots.points import fields, fields_over_time, grid_points, tracks
from diffusionbook.plots.style import COLOURS, canvas

WINDOW = {"centre": torch.tensor([1.0, 0.0]), "half": 0.5, "behind": torch.zeros(1, 2) + 1.0}


def test_models_stand_side_by_side_and_each_time_has_a_scale_of_its_own() -> None:
    """At the second time all arrows are ten times as long, and the scale makes up for it."""
    one = torch.ones(9, 2)
    arrows = [[one, 10 * one], [2 * one, 20 * one], [3 * one, 30 * one]]
    fig = fields_over_time(arrows, ["a", "b", "c"], ["t = 0", "t = 1"],
                           ["exact", "learned", "data"], **WINDOW)
    assert [ax.get_title() for ax in fig.axes] == ["a", "b", "c", "", "", ""]
    assert [ax.get_ylabel() for ax in fig.axes] == ["t = 0", "", "", "t = 1", "", ""]
    quivers = [ax.collections[-1] for ax in fig.axes]
    assert [float(q.U[0]) for q in quivers] == [1, 2, 3, 10, 20, 30]
    assert [q.scale for q in quivers[:3]] == pytest.approx([quivers[3].scale / 10] * 3)
    for q, meaning in zip(quivers, ["exact", "learned", "data"] * 2, strict=True):
        assert to_hex(q.get_facecolor()[0]) == COLOURS[meaning].lower()


def test_the_two_layouts_show_the_same_arrows() -> None:
    arrows = [[torch.full((9, 2), float(3 * m + t)) for t in range(2)] for m in range(3)]
    names, titles, meanings = ["a", "b", "c"], ["s", "t"], ["exact", "learned", "data"]
    rows = fields(arrows, names, titles, meanings, **WINDOW).axes
    columns = fields_over_time(arrows, names, titles, meanings, **WINDOW).axes
    for model in range(3):
        for time in range(2):
            a = rows[2 * model + time].collections[-1]
            b = columns[3 * time + model].collections[-1]
            assert (a.U.tolist(), a.scale) == (b.U.tolist(), b.scale)


def test_a_window_that_is_none_is_refused() -> None:
    arrows = [[grid_points(1.0, 3)]]
    with pytest.raises(ValueError, match="half"):
        fields_over_time(arrows, ["a"], ["t"], ["data"], **(WINDOW | {"half": 0.0}))


def test_tracks_are_faint_or_in_the_colour_of_their_meaning() -> None:
    _, axes = canvas(1, 2)
    states = torch.tensor([[[0.0, 1.0]], [[2.0, 3.0]]])
    tracks(axes[0], states, extent=3)
    tracks(axes[1], states, extent=3, meaning="learned")
    (faint,), (learned,) = axes[0].lines, axes[1].lines
    assert faint.get_xydata().tolist() == learned.get_xydata().tolist() == [[0, 1], [2, 3]]
    assert (faint.get_color(), learned.get_color()) == (COLOURS["faint"], COLOURS["learned"])
    assert faint.get_linewidth() < learned.get_linewidth()
