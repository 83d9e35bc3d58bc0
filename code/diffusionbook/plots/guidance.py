"""Figures of guidance: what a guided sampler makes, beside the laws it might have made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure
from torch import Tensor

from diffusionbook.arguments import finite, whole
from diffusionbook.plots.curves import Curve, draw
from diffusionbook.plots.phone import with_phone_layout
from diffusionbook.plots.style import COLOURS, GUIDE, LINES, Meaning, canvas


@dataclass(frozen=True)
class Law:
    """A density on a line.

    Attributes:
        x: where.
        p: the density there.
        meaning: fixes colour and line style.
    """

    x: Tensor
    p: Tensor
    meaning: Meaning


@with_phone_layout
def measured(
    curves: Sequence[Curve], dots: Sequence[Curve], *, x: str, y: str, log: str = "",
    height: float = 3.0, ticks: Mapping[str, Sequence[float]] | None = None,
) -> Figure:
    """Formulas as curves, and what was measured as dots on them.

    Args:
        curves: drawn and named as :func:`diffusionbook.plots.curves.draw` does it.
        dots: their x and y, in the colour of their meaning; open dots for "noise".
        x: label of the horizontal axis.
        y: label of the vertical axis.
        log: "", "x", "y" or "xy": which axes are logarithmic.
        height: of the figure, in inches.
        ticks: of logarithmic axes, see :func:`diffusionbook.plots.ticks.log_ticks`.
    """
    fig, (ax,) = canvas(height=height)
    for dot in dots:
        colour = COLOURS[dot.meaning]
        face = "none" if dot.meaning == "noise" else colour
        ax.plot([float(v) for v in dot.x], [float(v) for v in dot.y], "o", ms=4.5, color=colour,
                markerfacecolor=face)
    draw(ax, curves, x=x, y=y, log=log, ticks=ticks)
    return fig


@with_phone_layout
def histograms(
    panels: Sequence[tuple[str, Tensor, Sequence[Law]]], *, limits: tuple[float, float],
    bins: int = 80,
) -> Figure:
    """A row of panels with shared axes: a histogram of samples, and densities as lines over it.

    Args:
        panels: (title, samples (n,), densities) of each.
        limits: of the horizontal axis.
        bins: of each histogram, over the limits.
    """
    finite("limits", *limits)
    whole("bins", bins, least=1)
    fig, axes = canvas(1, len(panels), height=2.3, share=True, across=2)
    for ax, (title, samples, laws) in zip(axes, panels, strict=True):
        ax.hist(samples.flatten().tolist(), bins=bins, range=limits, density=True, color=GUIDE,
                alpha=0.35)
        for law in laws:
            ax.plot(law.x.tolist(), law.p.tolist(), color=COLOURS[law.meaning],
                    ls=LINES[law.meaning], lw=1.4)
        ax.set(title=title, xlim=limits, yticks=[], xlabel="x")
        ax.spines["left"].set_visible(False)
    return fig
