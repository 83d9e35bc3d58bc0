"""The figures of guidance draw what they are given, in the colour of its meaning."""

import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex

from diffusionbook.plots.curves import Curve
from diffusionbook.plots.guidance import Law, histograms, measured
from diffusionbook.plots.style import COLOURS, GUIDE


def test_dots_are_what_was_measured_and_curves_what_was_foretold() -> None:
    curve = Curve("law", [0, 1, 2], [1.0, 0.5, 0.25], "exact")
    dots = [Curve("", [0, 2], [0.9, 0.3], "guide"), Curve("", [1], [0.4], "noise")]
    fig = measured([curve], dots, x="w", y="std", log="y")
    (ax,) = fig.axes
    closed, opened, line = ax.lines
    for drawn, given in ((closed, dots[0]), (opened, dots[1]), (line, curve)):
        assert list(drawn.get_xdata()) == given.x and list(drawn.get_ydata()) == given.y
        assert drawn.get_color() == COLOURS[given.meaning]
    assert closed.get_linestyle() == opened.get_linestyle() == "None"
    assert (closed.get_marker(), line.get_marker()) == ("o", "")
    assert closed.get_markerfacecolor() == GUIDE and opened.get_markerfacecolor() == "none"
    assert ax.get_yscale() == "log" and ax.get_xscale() == "linear"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("w", "std")
    assert [text.get_text() for text in ax.texts] == ["law"]


def test_dots_with_a_name_have_it_above_their_middle_on_both_layouts() -> None:
    dots = Curve("run", [0.5, 1, 1.5, 2], [0.4, 0.5, 0.6, 0.7], "guide")
    figure = measured([Curve("", [0, 2], [0.0, 1.0])], [dots], x="w", y="std")
    for fig in (figure, figure.phone_layout()):
        (name,) = [text for text in fig.axes[0].texts if text.get_text() == "run"]
        assert name.xy == (1, 0.5) and name.get_position()[1] > 0
        assert name.get_color() == GUIDE


def test_a_histogram_is_a_density_beside_the_laws() -> None:
    x = torch.linspace(-1, 1, 5).double()
    law = Law(x, x.square(), "exact")
    samples = torch.tensor([[-0.9], [-0.9], [0.1], [0.9]])
    fig = histograms([("one", samples, [law]), ("two", samples[:2], [])], limits=(-1, 1), bins=4)
    one, two = fig.axes
    heights = [bar.get_height() for bar in one.patches]
    assert heights == pytest.approx([1.0, 0.0, 0.5, 0.5])  # shares of 4 over a width of 1/2
    assert [bar.get_height() for bar in two.patches] == pytest.approx([2.0, 0, 0, 0])
    assert {to_hex(bar.get_facecolor()).upper() for bar in one.patches} == {GUIDE}
    (line,) = one.lines
    assert np.allclose(line.get_xdata(), x) and np.allclose(line.get_ydata(), x.square())
    assert not two.lines and line.get_color() == COLOURS["exact"]
    assert (one.get_title(), two.get_title()) == ("one", "two")
    assert one.get_xlim() == two.get_xlim() == (-1, 1) and one.get_ylim() == two.get_ylim()
