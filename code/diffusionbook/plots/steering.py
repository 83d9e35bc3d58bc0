"""Clouds in the plane on the humps of a mixture, and what was observed of them."""

from collections.abc import Mapping

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse
from torch import Tensor

from diffusionbook.arguments import all_finite, positive, whole
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.plots.points import square
from diffusionbook.plots.style import COLOURS, FAINT, GUIDE, Meaning, canvas
from diffusionbook.shapes import Samples

EXTENT = 3.0
TYPE = 11  # points: nine pixels and more where a picture 5 inches wide is shrunk to a phone


def on_humps(
    clouds: Mapping[str, tuple[Samples, Meaning]],
    law: GaussianMixture,
    rows: Tensor,
    seen: Tensor,
    noise_std: float,
    *,
    columns: int,
    width: float,
    size: float = 3.0,
) -> Figure:
    """Small multiples: clouds over the outlines of a mixture's components, numbered from 1.

    Args:
        clouds: by title, (n, 2) points and what they mean, which fixes their colour.
        law: the mixture, in the plane.
        rows: (m, 2) the matrix of the observation: with one row a line is drawn, with two a ring of
            one standard deviation.
        seen: (m,) the observation.
        noise_std: of its noise.
        columns: panels side by side, on a phone, too.
        width: of the figure, in inches. The less, the larger is its type on the page.
        size: of the dots, in square points.

    Raises:
        ValueError: a number is not finite, or not positive where it must be.
    """
    whole("columns", columns, least=1)
    positive("width", width)
    positive("size", size)
    all_finite("rows", rows)
    all_finite("seen", seen)
    positive("noise_std", noise_std)
    high = -(-len(clouds) // columns)
    fig, axes = canvas(high, columns, height=high * (width / columns + 0.25), width=width,
                       across=columns)
    for ax in axes[len(clouds):]:
        ax.axis("off")
    for ax, (title, (cloud, meaning)) in zip(axes, clouds.items(), strict=False):
        ax.scatter(*cloud.T.tolist(), s=size, color=COLOURS[meaning], alpha=0.5, lw=0)
        _observed(ax, rows, seen, noise_std)
        _humps(ax, law)
        square(ax, EXTENT)
        ax.set_title(title, fontsize=TYPE)
    return fig


def _observed(ax: Axes, rows: Tensor, seen: Tensor, noise_std: float) -> None:
    looks = {"color": GUIDE, "lw": 1.2, "linestyle": (0, (1, 1.5))}
    foot = torch.linalg.pinv(rows) @ seen  # the nearest point to 0 that is seen so
    if len(rows) == 1:
        along = torch.stack([-rows[0, 1], rows[0, 0]])
        ax.axline(foot.tolist(), (foot + along).tolist(), **looks)
    else:
        ax.add_patch(Ellipse(foot.tolist(), 2 * noise_std, 2 * noise_std, fill=False, **looks))


def _humps(ax: Axes, law: GaussianMixture) -> None:
    """One and a half standard deviations around each mean, and a number above."""
    for k, (mean, cov) in enumerate(zip(law.means, law.covs, strict=True), 1):
        variances, axes = torch.linalg.eigh(cov)
        long, short = (3 * variances.flip(0).sqrt()).tolist()
        turn = torch.rad2deg(torch.atan2(axes[1, 1], axes[0, 1])).item()
        ax.add_patch(Ellipse(mean.tolist(), long, short, angle=turn, fill=False, color=FAINT,
                             lw=0.7))
        top = float(mean[1]) + 1.5 * float(cov[1, 1].sqrt())
        ax.text(float(mean[0]), top + 0.05, str(k), ha="center", va="bottom", fontsize=TYPE - 1)
