"""Lines between two clouds, as dark as a plan is certain."""

import pytest
import torch
from matplotlib import pyplot

from diffusionbook.plots.plans import three_plans
from diffusionbook.randomness import randn, seeded

X, Y = randn((4, 2), seeded(0)), randn((4, 2), seeded(1))


def drawn(shares, **options):
    figure = three_plans(X, {"a": (Y, torch.eye(4)), "b": (Y, shares)}, X / 2, **options)
    found = [ax.collections for ax in figure.axes]
    pyplot.close(figure)
    return found


def test_each_panel_has_its_lines_and_the_second_has_crosses() -> None:
    shares = torch.tensor([[0.5, 0.5, 0, 0], [0, 1, 0, 0],
                           [0, 0, 0.995, 0.005], [0, 0, 0.25, 0.75]])
    first, second = drawn(shares.double())
    assert len(first[0].get_segments()) == 4 and len(first) == 3
    lines = second[0]
    assert len(lines.get_segments()) == 6  # the least share is not drawn
    assert sorted(lines.get_alpha()) == pytest.approx([0.25, 0.5, 0.5, 0.75, 0.995, 1])
    ends = lines.get_segments()[1]
    assert ends[0] == pytest.approx(X[0]) and ends[1] == pytest.approx(Y[1])
    assert second[-1].get_offsets().tolist() == (X / 2).tolist()


@pytest.mark.parametrize("wrong", ["starts", "plans", "means"])
def test_what_is_not_finite_is_named(wrong: str) -> None:
    now = {"starts": X, "plans": X, "means": X, wrong: X * float("nan")}
    with pytest.raises(ValueError, match=wrong):
        three_plans(now["starts"], {"a": (now["plans"], torch.eye(4))}, now["means"])


def test_points_lie_in_the_plane() -> None:
    with pytest.raises(ValueError, match="starts"):
        three_plans(X[:, :1], {"a": (X[:, :1], torch.eye(4))}, X[:, :1])
