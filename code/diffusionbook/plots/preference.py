"""A triangle of preferences, and what each of them makes of a mixture in the plane."""

import math
from collections.abc import Sequence

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse
from torch import Tensor

from diffusionbook.arguments import all_finite, positive
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.guidance.rewards import QuadraticReward
from diffusionbook.pareto.laws import tilted_by
from diffusionbook.plots.points import square
from diffusionbook.plots.style import DATA, EXACT, FAINT, GUIDE, canvas
from diffusionbook.shapes import Samples

CORNERS = ((0.0, 1.0), (-math.sqrt(3) / 2, -0.5), (math.sqrt(3) / 2, -0.5))
EXTENT = 3.0
LINES = (0.0, 0.25, 0.5, 0.75)
TYPE = 11  # points: nine pixels and more where a picture 5 inches wide is shrunk to a phone


def preferred(
    prior: GaussianMixture, rewards: Sequence[QuadraticReward], scale: float,
    preference: Tensor, cloud: Samples, sampled: Tensor,
) -> Figure:
    """Left the triangle, right the plane with the exact laws' means, which are a curved triangle.

    Args:
        prior: in the plane.
        rewards: three.
        scale: nats for a unit of reward.
        preference: (3,) that was set.
        cloud: (n, 2) points that were steered by it.
        sampled: (3,) the preference that their mean belongs to.

    Raises:
        ValueError: a number is not finite, the scale is not positive, or ``preference`` is none.
    """
    positive("scale", scale)
    for name, values in (("cloud", cloud), ("sampled", sampled)):
        all_finite(name, values)
    law = tilted_by(prior, list(rewards), preference, scale)
    fig, (left, right) = canvas(1, 2, height=2.7, width=5.0, across=2)
    corners = torch.tensor(CORNERS, dtype=torch.float64)
    _mesh(left, lambda w: w @ corners)
    for corner, name in zip(CORNERS, "ABC", strict=True):
        left.text(1.18 * corner[0], 1.18 * corner[1], name, ha="center", va="center", fontsize=TYPE)
    left.plot(*(preference.double() @ corners).tolist(), "o", ms=7, color=EXACT)
    left.plot(*(sampled.double() @ corners).tolist(), "o", ms=10, mfc="none", color=GUIDE)
    left.set(xlim=(-1.5, 1.5), ylim=(-1.25, 1.75), aspect="equal")
    left.axis("off")
    left.set_title("Preference", fontsize=TYPE)
    right.scatter(*cloud.T.tolist(), s=3, color=GUIDE, alpha=0.5, lw=0)
    _outlines(right, prior, [0.9] * len(prior.weights), DATA)
    _outlines(right, law, law.weights.clamp_max(0.5).mul(2).tolist(), EXACT)
    _mesh(right, lambda w: tilted_by(prior, list(rewards), w, scale).mean())
    for reward, name in zip(rewards, "ABC", strict=True):
        right.text(*reward.centre.tolist(), name, ha="center", va="center", fontsize=TYPE)
    right.plot(*law.mean().tolist(), "o", ms=6, color=EXACT)
    right.plot(*cloud.double().mean(0).tolist(), "o", ms=10, mfc="none", color=GUIDE)
    square(right, EXTENT)
    right.set_title("Samples", fontsize=TYPE)
    return fig


def _mesh(ax: Axes, at) -> None:
    """The images of the lines on which one share is constant; the edges are dashed."""
    for k in range(3):
        for share in LINES:
            along = torch.linspace(0, 1 - share, 17, dtype=torch.float64)
            w = torch.stack([along, 1 - share - along, torch.full_like(along, share)], 1)
            points = torch.stack([at(row.roll(k + 1)) for row in w])
            edge = share == 0
            ax.plot(*points.T.tolist(), color=EXACT if edge else FAINT, lw=1 if edge else 0.5,
                    ls="--" if edge else "-")


def _outlines(ax: Axes, law: GaussianMixture, strengths: Sequence[float], colour: str) -> None:
    """One and a half standard deviations around each mean."""
    for mean, cov, strength in zip(law.means, law.covs, strengths, strict=True):
        variances, axes = torch.linalg.eigh(cov)
        long, short = (3 * variances.flip(0).sqrt()).tolist()
        turn = torch.rad2deg(torch.atan2(axes[1, 1], axes[0, 1])).item()
        ax.add_patch(Ellipse(mean.tolist(), long, short, angle=turn, fill=False, color=colour,
                             lw=0.8, alpha=strength))
