"""The still of the triangle: dots where the preference and the means are, edges dashed."""

import pytest
import torch

from diffusionbook.page.preference import SCALE, prior, rewards
from diffusionbook.pareto.laws import tilted_by
from diffusionbook.plots.preference import CORNERS, preferred

W, GOT = torch.tensor([0.2, 0.3, 0.5]).double(), torch.tensor([0.1, 0.2, 0.7]).double()
CLOUD = torch.tensor([[0.5, -1.0], [0.7, -0.6]]).double()


def dots(ax) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for line in ax.lines if line.get_marker() == "o"
            for x, y in [line.get_xydata()[0]]]


def test_dots_and_rings_stand_where_their_numbers_say() -> None:
    fig = preferred(prior("one"), rewards(), SCALE, W, CLOUD, GOT)
    left, right = fig.axes
    corners = torch.tensor(CORNERS).double()
    wanted = [tuple((w @ corners).tolist()) for w in (W, GOT)]
    assert dots(left) == [pytest.approx(at) for at in wanted]
    law = tilted_by(prior("one"), rewards(), W, SCALE)
    assert dots(right) == [pytest.approx(law.mean().tolist()), pytest.approx((0.6, -0.8))]
    for ax in (left, right):
        assert sum(line.get_linestyle() == "--" for line in ax.lines) == 3  # the edges
        assert sorted(text.get_text() for text in ax.texts) == ["A", "B", "C"]


def test_an_edge_of_the_front_ends_at_two_corners() -> None:
    right = preferred(prior("humps"), rewards(), SCALE, W, CLOUD, GOT).axes[1]
    ends = {tuple(round(float(v), 6) for v in line.get_xydata()[k])
            for line in right.lines if line.get_linestyle() == "--" for k in (0, -1)}
    wanted = {tuple(round(v, 6) for v in tilted_by(prior("humps"), rewards(), w, SCALE)
                    .mean().tolist()) for w in torch.eye(3).double()}  # fmt: skip
    assert ends == wanted
