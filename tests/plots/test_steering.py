"""Clouds on humps: the outlines are those of the components, and the mark is what was observed."""

import pytest
import torch
from matplotlib.patches import Ellipse

from diffusionbook.data.humps import five_humps
from diffusionbook.plots.steering import on_humps

ROWS, SEEN = torch.tensor([[0.8, 0.6]]).double(), torch.tensor([0.4]).double()


def drawn(rows=ROWS, seen=SEEN, **options):
    clouds = {name: (five_humps().sample(9, None), "data") for name in ("a", "b", "c")}
    options = {"noise_std": 0.5, "columns": 2, "width": 5.0} | options
    return on_humps(clouds, five_humps(), rows, seen, **options)


def test_each_panel_has_its_cloud_and_all_humps() -> None:
    fig = drawn()
    assert [ax.get_title() for ax in fig.axes] == ["a", "b", "c", ""]
    for ax in fig.axes[:3]:
        assert len(ax.collections[0].get_offsets()) == 9
        assert sorted(text.get_text() for text in ax.texts) == list("12345")
        assert len([p for p in ax.patches if isinstance(p, Ellipse)]) == 5


def test_an_outline_lies_one_and_a_half_deviations_from_its_mean() -> None:
    law = five_humps()
    outlines = [p for p in drawn().axes[0].patches if isinstance(p, Ellipse)]
    for outline, mean, cov in zip(outlines, law.means, law.covs, strict=True):
        edge = outline.get_patch_transform().transform(outline.get_path().vertices[:-1])
        away = torch.tensor(edge).double() - mean
        # the curve's control points alternate with points on it: every third one is on it
        far = (away[::3] @ torch.linalg.inv(cov) * away[::3]).sum(1).sqrt()
        assert (far - 1.5).abs().max() < 1e-6


def test_one_number_is_a_line_and_two_are_a_ring() -> None:
    line = drawn().axes[0].lines[0]
    for point in (line.get_xy1(), line.get_xy2()):
        assert float(ROWS[0] @ torch.tensor(point).double()) == pytest.approx(0.4)
    ax = drawn(torch.eye(2).double(), torch.tensor([1.0, -0.5]).double(), noise_std=0.7).axes[0]
    ring = ax.patches[0]
    assert not ax.lines and ring.get_center() == pytest.approx((1.0, -0.5))
    assert (ring.width, ring.height) == (1.4, 1.4)
