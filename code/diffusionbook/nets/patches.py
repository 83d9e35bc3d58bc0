"""An image as a row of patches, and where each patch lies."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from diffusionbook.arguments import whole
from diffusionbook.nets.embeddings import FourierFeatures
from diffusionbook.shapes import check_samples

SLOWEST, FASTEST = 1e-4, 1.0  # radians a place, of the waves that tell where a patch lies


def patchify(x: Float[Tensor, "b c h w"], patch: int) -> Float[Tensor, "b n e"]:
    """Cut images into squares of ``patch`` × ``patch`` pixels, row by row (:eq:`eq-patches`).

    Args:
        x: (b, c, h, w) images; ``patch`` divides h and w.
        patch: the side of a square.

    Returns:
        (b, (h / patch) (w / patch), c patch²): the pixels of each square, channel by channel.

    Raises:
        ValueError: ``patch`` is no whole number from 1 on, or does not divide h and w; x is empty
            or has another number of dimensions.
    """
    whole("patch", patch, least=1)
    check_samples("x", x, "c", "h", "w")
    _whole_patches(patch, *x.shape[2:])
    return F.pixel_unshuffle(x, patch).flatten(2).mT


def unpatchify(
    tokens: Float[Tensor, "b n e"], patch: int, height: int, width: int
) -> Float[Tensor, "b c h w"]:
    """Put the squares of :func:`patchify` together again: its inverse.

    Args:
        tokens: (b, n, c patch²), row by row.
        patch: the side of a square.
        height, width: of the images, in pixels; ``patch`` divides both.

    Returns:
        (b, c, height, width).

    Raises:
        ValueError: a number is not whole or below 1, ``patch`` does not divide height and width,
            or they do not make n squares of c patch² numbers.
    """
    whole("patch", patch, least=1)
    whole("height", height, least=1)
    whole("width", width, least=1)
    _whole_patches(patch, height, width)
    rows, columns = height // patch, width // patch
    check_samples("tokens", tokens, rows * columns, "e")
    if tokens.shape[2] % patch**2:
        raise ValueError(f"tokens must hold patch² = {patch**2} numbers for each channel; they "
                         f"hold {tokens.shape[2]}")
    return F.pixel_shuffle(tokens.mT.unflatten(2, (rows, columns)), patch)


def _whole_patches(patch: int, height: int, width: int) -> None:
    """Images must be whole patches high and wide.

    Raises:
        ValueError: they are not.
    """
    if height % patch or width % patch:
        raise ValueError(f"x must have a height and a width that patch = {patch} divides; they are "
                         f"{height} and {width}")


def positions(rows: int, columns: int, features: int) -> Float[Tensor, "n features"]:
    """Sines and cosines of where each place lies, row by row (:eq:`eq-positions`).

    The first half of the numbers tells the row, the other half the column; each half is waves from
    one radian a place down to one in 10,000.

    Args:
        rows, columns: of places.
        features: how many numbers a place gets; a multiple of 4, and 8 at least.

    Returns:
        (rows columns, features) float32.

    Raises:
        ValueError: a number is not whole, ``rows`` or ``columns`` is below 1, or ``features`` is no
            multiple of 4 from 8 on.

    Source: Vaswani et al., arXiv 1706.03762, in one dimension; Chen, Xie and He, arXiv 2104.02057,
    in two.
    """
    whole("rows", rows, least=1)
    whole("columns", columns, least=1)
    whole("features", features)
    if features < 8 or features % 4:
        raise ValueError(f"features must be a multiple of 4 and at least 8; it is {features}")
    waves = FourierFeatures(features // 2, max_frequency=FASTEST / SLOWEST)
    row, column = (waves(SLOWEST * torch.arange(n)) for n in (rows, columns))
    return torch.cat([row.repeat_interleave(columns, 0), column.repeat(rows, 1)], 1)
