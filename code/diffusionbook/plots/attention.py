"""Where a patch of an image looks."""

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from diffusionbook.arguments import all_finite, whole
from diffusionbook.plots.phone import with_phone_layout
from diffusionbook.plots.style import COLOURS, INK, canvas


@with_phone_layout
def looks(
    images: dict[str, Float[Tensor, "h w"]], shares: Float[Tensor, " n"], patch: int
) -> Figure:
    """Images with one patch framed, and how much that patch attends to each.

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
    grid = shares.reshape(rows, columns)
    pictures = {**images, "attends to": grid.repeat_interleave(int(side), 0)
                .repeat_interleave(int(side), 1)}
    for ax, (title, picture) in zip(axes, pictures.items(), strict=True):
        pixels = title != "attends to"
        ax.imshow(np.asarray(picture), cmap="gray_r" if pixels else INK,
                  vmin=-1 if pixels else 0, vmax=1 if pixels else float(shares.max()))
        ax.set_title(title, fontsize=9)
        ax.set(xticks=[], yticks=[])
        row, column = divmod(patch, columns)
        ax.add_patch(Rectangle((column * side - 0.5, row * side - 0.5), side, side, fill=False,
                               edgecolor=COLOURS["guide"], linewidth=2))
    return fig
