"""Clouds of points in the plane, and the fields that move them."""

from collections.abc import Sequence

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from diffusionbook.arguments import all_finite, positive, whole
from diffusionbook.plots.phone import with_phone_layout
from diffusionbook.plots.style import COLOURS, DATA, FAINT, NOISE, WIDTH, Meaning, canvas
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
    positive("extent", extent)
    ax.set(xlim=(-extent, extent), ylim=(-extent, extent), aspect="equal", title=title)
    ax.axis("off")


@with_phone_layout
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
    whole("rows", rows, least=1)
    positive("width", width)
    meanings = [meanings] * len(clouds) if isinstance(meanings, str) else meanings
    columns = -(-len(clouds) // rows)
    height = rows * (width / columns + 0.25)
    fig, axes = canvas(rows, columns, height=height, width=width, across=2)
    for ax in axes[len(clouds) :]:
        ax.axis("off")
    told = zip(clouds, titles, meanings, strict=True)
    for ax, (cloud, title, meaning) in zip(axes, told, strict=False):
        scatter(ax, cloud, meaning, extent=extent, title=title)
    return fig


def grid_points(extent: float, side: int) -> Samples:
    """(side^2, 2) float64 points on a regular grid over [-extent, extent]^2."""
    positive("extent", extent)
    whole("side", side, least=1)
    axis = torch.linspace(-extent, extent, side, dtype=torch.float64)
    return torch.cartesian_prod(axis, axis)


@with_phone_layout
def fields(
    arrows: Sequence[Sequence[Tensor]],
    names: Sequence[str],
    titles: Sequence[str],
    meanings: Sequence[Meaning],
    *,
    centre: Tensor,
    half: float,
    behind: Samples,
) -> Figure:
    """A table of vector fields in a square window: a row for each model, a column for each time.

    All arrows of a column have one scale, at which a long one (the 90 % quantile) spans two cells.

    Args:
        arrows: arrows[row][column] is (side^2, 2), the field on :func:`grid_points` + centre.
        names: of the rows.
        titles: of the columns.
        meanings: of the rows; fixes the colour of the arrows.
        centre: (2,) of the window.
        half: half the side of the window.
        behind: (n, 2) points, drawn faintly under the arrows.
    """
    return _table(arrows, names, titles, meanings, centre, half, behind, turned=False)


@with_phone_layout
def fields_over_time(
    arrows: Sequence[Sequence[Tensor]],
    names: Sequence[str],
    titles: Sequence[str],
    meanings: Sequence[Meaning],
    *,
    centre: Tensor,
    half: float,
    behind: Samples,
) -> Figure:
    """The same turned: models stand side by side, and each time has a row and a scale of its own.

    Args:
        arrows: arrows[model][time] is (side^2, 2), as in :func:`fields`.
        names: of the models.
        titles: of the times.
        meanings: of the models.
        centre: (2,) of the window.
        half: half the side of the window.
        behind: (n, 2) points, drawn faintly under the arrows.
    """
    return _table(arrows, names, titles, meanings, centre, half, behind, turned=True)


def _table(
    arrows: Sequence[Sequence[Tensor]],
    names: Sequence[str],
    titles: Sequence[str],
    meanings: Sequence[Meaning],
    centre: Tensor,
    half: float,
    behind: Samples,
    turned: bool,
) -> Figure:
    """Models down and times across; turned, the other way round."""
    positive("half", half)
    all_finite("centre", centre)
    side = int(len(arrows[0][0]) ** 0.5)
    points, cell = grid_points(half, side) + centre, 2 * half / (side - 1)
    edge = half + cell / 2  # the outermost arrows are whole
    inside = behind[((behind - centre).abs() < edge).all(1)]
    rows, columns = (len(titles), len(names)) if turned else (len(names), len(titles))
    fig, axes = canvas(rows, columns, height=rows * WIDTH / columns + 0.2, across=2)
    for time, title in enumerate(titles):
        lengths = torch.cat([model[time] for model in arrows]).norm(dim=1)
        scale = float(lengths.quantile(0.9)) / (2 * cell)
        for model, name in enumerate(names):
            row, column = (time, model) if turned else (model, time)
            ax, colour = axes[row * columns + column], COLOURS[meanings[model]]
            ax.scatter(*inside.T.tolist(), s=7, color=FAINT, alpha=0.8, lw=0)
            ax.quiver(
                *points.T.tolist(), *arrows[model][time].T.tolist(), color=colour,
                angles="xy", scale_units="xy", scale=scale, width=0.006, headwidth=4,
            )  # fmt: skip
            ax.set(aspect="equal", xticks=[], yticks=[])
            ax.set_xlim(float(centre[0]) - edge, float(centre[0]) + edge)
            ax.set_ylim(float(centre[1]) - edge, float(centre[1]) + edge)
            ax.spines[:].set_visible(False)
            above, beside = (name, title) if turned else (title, name)
            ax.set(title=above if row == 0 else "", ylabel=beside if column == 0 else "")
            (ax.title if turned else ax.yaxis.label).set_color(colour)
    return fig


def tracks(
    ax: Axes,
    states: Tensor,
    *,
    extent: float,
    title: str = "",
    meaning: Meaning = "faint",
    size: float = 16,
) -> None:
    """Trajectories of a few particles: (steps, n, 2), start open, end filled.

    Args:
        ax: where.
        states: (steps, n, 2).
        extent: the axes run from -extent to extent.
        title: of the axes.
        meaning: fixes the colour of the lines; all but faint ones are drawn a little thicker.
        size: of the dots, in square points.
    """
    positive("size", size)
    width = 0.7 if meaning == "faint" else 1.1
    for track in states.transpose(0, 1):
        ax.plot(*track.T.tolist(), color=COLOURS[meaning], lw=width, alpha=0.8)
    ax.scatter(*states[0].T.tolist(), s=size, facecolors="white", edgecolors=NOISE, zorder=3,
               lw=size / 10)
    ax.scatter(*states[-1].T.tolist(), s=size, color=DATA, zorder=4, lw=0)
    square(ax, extent, title)
