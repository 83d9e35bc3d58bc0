"""Draw the cover with the book's own exact model: noise, the tracks it takes, and the spiral.

``python -m bookext.site.cover`` writes it to ``book/static/header``, with an icon and the law of
the spiral, in which the landing page lets particles flow (js/cover). The square shows
[-EXTENT, EXTENT] both ways.
"""

import json
from pathlib import Path

import torch
from matplotlib import rc_context
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from diffusionbook.data.toy import spiral_mixture

from .header import DATA, NOISE, flow

EXTENT, INCHES, DOTS = 2.6, 4.4, 200
ICON = 180
TRACKS = 4  # one point in so many shows the way it took


def draw(ways: torch.Tensor) -> Figure:
    """The first and the last place of each point, and the way between for some."""
    figure = Figure(figsize=(INCHES, INCHES))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(-EXTENT, EXTENT), ylim=(-EXTENT, EXTENT), aspect="equal")
    axes.axis("off")
    axes.add_collection(LineCollection(ways[:, ::TRACKS].transpose(0, 1).numpy(), linewidths=0.5,
                                       colors="#8a919c"))
    first, last = ways[0, ::TRACKS].T, ways[-1].T
    axes.scatter(*first, s=9, facecolors="none", edgecolors=[_rgb(NOISE)], linewidths=0.8)
    axes.scatter(*last, s=11, color=[_rgb(DATA)], linewidths=0)
    return figure


def icon(ways: torch.Tensor) -> Figure:
    """The spiral alone on white paper, for those who take no SVG: ICON pixels wide."""
    figure = Figure(figsize=(ICON / 100, ICON / 100))
    axes = figure.add_axes((0, 0, 1, 1))
    last = ways[-1] - (ways[-1].amin(0) + ways[-1].amax(0)) / 2
    axes.set(xlim=(-2.2, 2.2), ylim=(-2.2, 2.2), aspect="equal")
    axes.axis("off")
    axes.scatter(*last.T, s=30, color=[_rgb(DATA)], linewidths=0)
    return figure


def _rgb(colour: tuple) -> tuple:
    return tuple(part / 255 for part in colour)


def law() -> str:
    """The mixture as the page's scripts take it: weight, mean and covariance of each component."""
    mixture = spiral_mixture()
    (weight,), ((xx, xy), (_, yy)) = set(mixture.weights.tolist()), mixture.covs[0].tolist()
    rows = [[round(weight, 6), round(x, 4), round(y, 4), xx, xy, yy]
            for x, y in mixture.means.tolist()]
    table = json.dumps([[round(v, 6) for v in row] for row in rows], separators=(",", ":"))
    return f"window.SPIRAL = {table};\n"


def write(folder: Path) -> None:
    (folder / "law.js").write_text(law(), "utf-8")
    ways = flow()
    icon(ways).savefig(folder / "icon.png", dpi=100)
    with rc_context({"svg.hashsalt": "cover"}):
        figure = draw(ways)
        for ending, told in (("svg", {"Date": None}), ("pdf", {"CreationDate": None}), ("png", {})):
            figure.savefig(folder / f"cover.{ending}", metadata=told, dpi=DOTS, transparent=True)


if __name__ == "__main__":
    write(Path.cwd() / "book" / "static" / "header")
