"""Three plans between the same two Gaussians, side by side."""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from torch import Tensor

from diffusionbook.arguments import all_finite, positive
from diffusionbook.plots.style import COLOURS, DATA, GUIDE, NOISE, canvas
from diffusionbook.shapes import Samples, check_samples

EXTENT = (2.6, 1.95)  # half of the window's width and height
TYPE = 10  # points: nine pixels and more where a picture 5 inches wide is shrunk to a phone


def three_plans(
    starts: Samples,
    plans: Mapping[str, tuple[Samples, Float[Tensor, "n n"]]],
    means: Samples,
    *,
    width: float = 5.0,
) -> Figure:
    """Open dots, filled dots, and lines between them that are as dark as the plan is certain.

    Args:
        starts: (n, 2) the sources, open.
        plans: by title, the (n, 2) targets, filled, and (n, n) how much of each source, a row, goes
            to each target, where the most is 1.
        means: (n, 2) crosses in the second panel: where a plan sends its sources on average.
        width: of the figure, in inches.

    Raises:
        ValueError: a number is not finite, points are not (n, 2), or ``width`` is not positive.
    """
    positive("width", width)
    for name, points in (("starts", starts), ("means", means)):
        check_samples(name, points, 2)
        all_finite(name, points)
    fig, axes = canvas(1, len(plans), height=width / len(plans) * 0.75 + 0.45, width=width,
                       across=len(plans))
    for k, (ax, (title, (ends, shares))) in enumerate(zip(axes, plans.items(), strict=True)):
        check_samples("plans", ends, 2)
        all_finite("plans", ends)
        all_finite("plans", shares)
        _joined(ax, starts, ends, shares)
        if k == 1:
            ax.scatter(*means.T.tolist(), s=12, marker="x", color=GUIDE, lw=0.9, zorder=5)
        ax.set(xlim=(-EXTENT[0], EXTENT[0]), ylim=(-EXTENT[1], EXTENT[1]), aspect="equal")
        ax.axis("off")
        ax.set_title(title, fontsize=TYPE)
    return fig


def _joined(ax: Axes, starts: Samples, ends: Samples, shares: Tensor) -> None:
    pairs = (shares > 0.01).nonzero()
    lines = torch.stack([starts[pairs[:, 0]], ends[pairs[:, 1]]], 1)
    ax.add_collection(LineCollection(lines.tolist(), colors=COLOURS["faint"], lw=0.7,
                                     alpha=shares[tuple(pairs.T)].clamp(max=1).tolist()))
    ax.scatter(*starts.T.tolist(), s=9, facecolors="none", edgecolors=NOISE, lw=0.7, zorder=3)
    ax.scatter(*ends.T.tolist(), s=9, color=DATA, lw=0, zorder=4)
