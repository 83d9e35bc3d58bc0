"""Squares of images side by side, each a walk in two directions."""

from collections.abc import Mapping

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from diffusionbook.arguments import all_finite
from diffusionbook.plots.style import WIDTH, canvas


def image_squares(views: Mapping[str, Tensor]) -> Figure:
    """A panel for each square of images, black ink on white.

    Args:
        views: title → (rows, columns, h, w) images in [0, 1], 1 is ink.

    Raises:
        ValueError: no views, or images of another shape or that are not finite.
    """
    if not views:
        raise ValueError("views must hold at least one square; it is empty")
    fig, axes = canvas(1, len(views), height=WIDTH / max(2, len(views)) + 0.2)
    for ax, (title, images) in zip(axes, views.items(), strict=True):
        if images.ndim != 4:
            raise ValueError(f"views must hold images of shape (rows, columns, h, w); those of "
                             f"{title!r} have {tuple(images.shape)}")
        all_finite("views", images)
        paper = torch.nn.functional.pad(images, (1, 1, 1, 1)).permute(0, 2, 1, 3)
        ax.imshow(np.asarray(paper.flatten(2).flatten(0, 1)), cmap="gray_r", vmin=0, vmax=1,
                  interpolation="nearest")
        ax.set_title(title)
        ax.axis("off")
    return fig
