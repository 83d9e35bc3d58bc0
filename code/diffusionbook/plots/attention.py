"""Where a patch of an image looks."""

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from diffusionbook.arguments import all_finite, whole
from diffusionbook.plots.phone import with_phone_layout
from diffusionbook.plots.style import COLOURS, INK, canvas

GREYS, SHADES = 4, 6  # tones of an image, and of what is attended to


@with_phone_layout
def looks(
    images: dict[str, Float[Tensor, "h w"]], shares: Float[Tensor, " n"], patch: int
) -> Figure:
    """Images with one patch framed, and how much that patch attends to each.

    All in few tones, for a film holds few colours.

    Args:
        images: title → (h, w) pixels in [-1, 1], all of one shape; -1 is paper.
        shares: (n,) of the framed patch, in the order of
            :func:`~diffusionbook.nets.patches.patchify`; their number must fill a grid of the
            images' proportions.
        patch: which one is framed.

    Raises:
        ValueError: no images, a pixel or a share is not finite, ``shares`` does not fill such a
            grid, or there is no such patch.
    """
    all_finite("shares", shares)
    for image in images.values():
        all_finite("images", image)
    if not images:
        raise ValueError("images must hold at least one; it is empty")
    height, width = next(iter(images.values())).shape
    side = (height * width / len(shares)) ** 0.5
    if side != int(side) or height % side or width % side:
        raise ValueError(f"shares must fill a grid of patches of {height} × {width} pixels; there "
                         f"are {len(shares)}")
    whole("patch", patch)
    if not 0 <= patch < len(shares):
        raise ValueError(f"patch must lie in 0 … {len(shares) - 1}; it is {patch}")
    rows, columns = int(height // side), int(width // side)
    fig, axes = canvas(1, len(images) + 1, height=1.7, width=4.4)
    grid = _in_tones(shares / shares.max(), SHADES).reshape(rows, columns)
    panels = [(title, _in_tones((image.clamp(-1, 1) + 1) / 2, GREYS), "gray_r")
              for title, image in images.items()]
    panels.append(("attends to", grid.repeat_interleave(int(side), 0)
                   .repeat_interleave(int(side), 1), INK))
    for ax, (title, picture, colours) in zip(axes, panels, strict=True):
        ax.imshow(np.asarray(picture), cmap=colours, vmin=0, vmax=1, interpolation="nearest")
        ax.set_title(title, fontsize=9)
        ax.set(xticks=[], yticks=[])
        row, column = divmod(patch, columns)
        ax.add_patch(Rectangle((column * side - 0.5, row * side - 0.5), side, side, fill=False,
                               edgecolor=COLOURS["guide"], linewidth=2))
    return fig


def _in_tones(values: Tensor, tones: int) -> Tensor:
    """Numbers from 0 to 1, rounded to as many steps as there are tones."""
    return (values * (tones - 1)).round() / (tones - 1)
