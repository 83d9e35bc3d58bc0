"""Clouds of points in the plane, and the fields that move them."""

from collections.abc import Sequence

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from diffusionbook.plots.style import COLOURS, DATA, FAINT, WIDTH, Meaning, canvas
from diffusionbook.shapes import Samples


def scatter(ax: Axes, x: Samples, meaning: Meaning, *, extent: float, title: str = "") -> None:
    """(n, 2) translucent points on square axes without ticks.

    Args:
        ax: where.
        x: (n, 2) points.
        meaning: fixes the colour; noise is drawn as open dots.
        extent: the axes run from -extent to extent.
        title: of the axes.
    """
    face = "none" if meaning == "noise" else COLOURS[meaning]
    ax.scatter(*x.T.tolist(), s=5, facecolors=face, edgecolors=COLOURS[meaning], lw=0.4, alpha=0.45)
    square(ax, extent, title)


def square(ax: Axes, extent: float, title: str = "") -> None:
    """Square axes from -extent to extent, no ticks, no frame."""
    ax.set(xlim=(-extent, extent), ylim=(-extent, extent), aspect="equal", title=title)
    ax.axis("off")


def strip(
    clouds: Sequence[Samples],
    titles: Sequence[str],
    meanings: Sequence[Meaning] | Meaning = "data",
    *,
    extent: float = 3.0,
    rows: int = 1,
    width: float = WIDTH,
) -> Figure:
    """Small multiples of point clouds, left to right, with shared limits; ``width`` in inches."""
    meanings = [meanings] * len(clouds) if isinstance(meanings, str) else meanings
    columns = -(-len(clouds) // rows)
    height = rows * (width / columns + 0.25)
    fig, axes = canvas(rows, columns, height=height, width=width)
    for ax in axes[len(clouds) :]:
        ax.axis("off")
    for ax, cloud, title, meaning in zip(axes, clouds, titles, meanings, strict=False):
        scatter(ax, cloud, meaning, extent=extent, title=title)
    return fig


def grid_points(extent: float, side: int) -> Samples:
    """(side^2, 2) float64 points on a regular grid over [-extent, extent]^2."""
    axis = torch.linspace(-extent, extent, side, dtype=torch.float64)
    return torch.cartesian_prod(axis, axis)


def fields(
    arrows: Sequence[Sequence[Tensor]],
    names: Sequence[str],
    titles: Sequence[str],
    meanings: Sequence[Meaning],
    *,
    extent: float,
    behind: Sequence[Samples],
) -> Figure:
    """A table of vector fields: a row for each model, a column for each time.

    Args:
        arrows: arrows[row][column] is (side^2, 2), the field on :func:`grid_points`.
        names: of the rows.
        titles: of the columns.
        meanings: of the rows; fixes the colour of the arrows.
        extent: half the side of the shown square.
        behind: one cloud for each column, drawn faintly under the arrows.
    """
    fig, axes = canvas(len(arrows), len(titles), height=len(arrows) * WIDTH / len(titles) + 0.2)
    for row, name in enumerate(names):
        for column, title in enumerate(titles):
            ax, field = axes[row * len(titles) + column], arrows[row][column]
            points = grid_points(extent, int(len(field) ** 0.5))
            ax.scatter(*behind[column].T.tolist(), s=2, color=FAINT, alpha=0.25, lw=0)
            ax.quiver(
                *points.T.tolist(), *field.T.tolist(), color=COLOURS[meanings[row]],
                angles="xy", scale_units="xy", scale=5.5, width=0.006, headwidth=4,
            )  # fmt: skip
            square(ax, extent, title if row == 0 else "")
            if column == 0:
                ax.text(-0.04, 0.5, name, transform=ax.transAxes, rotation=90, ha="right",
                        va="center", fontsize=9, color=COLOURS[meanings[row]])  # fmt: skip
    return fig


def paths(ax: Axes, states: Tensor, *, extent: float, title: str = "") -> None:
    """Trajectories of a few particles: (steps, n, 2), start open, end filled."""
    for track in states.transpose(0, 1):
        ax.plot(*track.T.tolist(), color=FAINT, lw=0.6, alpha=0.8)
    scatter(ax, states[0], "noise", extent=extent)
    ax.scatter(*states[-1].T.tolist(), s=9, color=DATA, zorder=3, lw=0)
    square(ax, extent, title)
