"""Words as data: points inside the letters of a text, and leaves that drift to them."""

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D
from torch import Tensor

from diffusionbook.arguments import inside, positive, whole
from diffusionbook.plots.style import COLOURS, FAINT
from diffusionbook.shapes import Samples

LEAF = Path([(0, -1), (0.75, -0.2), (0, 1), (-0.75, -0.2), (0, -1)],
            [Path.MOVETO, Path.CURVE3, Path.CURVE3, Path.CURVE3, Path.CURVE3])  # fmt: skip


def word(text: str, n: int, generator: torch.Generator | None, *, width: float = 5.0) -> Samples:
    """(n, 2) float64 points, uniform inside the letters of a text, which is centred at 0.

    The letters are the outlines of matplotlib's own bold font. A place is inside if a ray from
    there crosses the outlines an odd number of times, so the hole of an O stays empty.

    Args:
        text: one line that has ink.
        n: how many points.
        generator: source of the points.
        width: of the text.

    Raises:
        ValueError: the text has no ink, ``n`` < 1, or ``width`` is not positive and finite.
    """
    whole("n", n, least=1)
    positive("width", width)
    if not text.strip():
        raise ValueError(f"text must have ink; it is {text!r}")
    outlines = TextPath((0, 0), text, prop=FontProperties(family="DejaVu Sans", weight="bold"))
    polygons = [Path(corners) for corners in outlines.to_polygons()]
    box = outlines.get_extents()
    kept = np.empty((0, 2))
    while len(kept) < n:
        drawn = torch.rand(4 * n, 2, generator=generator, dtype=torch.float64).numpy()
        drawn = box.min + drawn * box.size
        odd = np.logical_xor.reduce([outline.contains_points(drawn) for outline in polygons])
        kept = np.concatenate([kept, drawn[odd]])
    return torch.from_numpy((kept[:n] - box.min - box.size / 2) * width / box.width)


def leaves(
    ax: Axes, states: Tensor, *, share: float, window: tuple[float, float], trails: int = 0
) -> None:
    """The last of some states as leaves, on the way from noise to data.

    Args:
        ax: where.
        states: (steps, n, 2) of the leaves up to now.
        share: of the way to the data, 0 … 1; it mixes the colours of noise and data.
        window: half its width and half its height.
        trails: how many of the leaves leave a line behind.
    """
    inside("share", share, 0, 1)
    for name, half in zip(("window's width", "window's height"), window, strict=True):
        positive(name, half)
    whole("trails", trails, least=0)
    noise, data = (np.array(to_rgb(COLOURS[meaning])) for meaning in ("noise", "data"))
    for track in states[:, :trails].transpose(0, 1):
        ax.plot(*track.T.tolist(), color=FAINT, lw=0.5, alpha=0.5)
    here = states[-1]
    for turn in range(6):  # six ways to lie, so that they look fallen
        lying = LEAF.transformed(Affine2D().rotate_deg(30 * turn + 15))
        ax.scatter(*here[turn::6].T.tolist(), s=26, marker=lying, lw=0, alpha=0.75,
                   color=tuple(noise + share * (data - noise)))
    ax.set(xlim=(-window[0], window[0]), ylim=(-window[1], window[1]), aspect="equal")
    ax.axis("off")
