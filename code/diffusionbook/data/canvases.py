"""Canvases: 64 × 64 images of the numbers 00 … 99, each composed of two of MNIST's digits.

They have five times as many pixels as a digit and twice the content, which is where a latent space
pays; and what they show has two parts, so one can ask a model for a number that it never saw.
Training canvases are composed of training digits and test canvases of test digits: no pen stroke
is in both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import grid_sample

from diffusionbook.arguments import whole
from diffusionbook.data import mnist
from diffusionbook.randomness import seeded, step_seed
from diffusionbook.shapes import Labels, check_samples

SIZE = (1, 64, 64)  # of a canvas
#: Ten numbers that no model is trained on: 03, 14, 25, 36, 47, 58, 69, 70, 81 and 92. The second
#: digit is the first plus 3, from 9 on to 0. So each digit is missing once in each place and still
#: seen there with the nine others, no number repeats a digit, and none is another one reversed.
HELD_OUT = tuple(10 * tens + (tens + 3) % 10 for tens in range(10))
TRAINED = tuple(number for number in range(100) if number not in HELD_OUT)

DRAWN = 500  # canvases that share a seed, so that canvas i is the same for every n
SCALE, OWN_SCALE = (1.05, 1.4), (0.94, 1.06)  # of both digits, and of each: 28 pixels become 37
LEAN, OWN_LEAN = (-0.2, 0.2), (-0.06, 0.06)  # columns to the right for each row up
GAP, MARGIN, HOP = (1.0, 4.0), 1.0, 2.0  # pixels of 64: between digits, around both, up and down


@dataclass(frozen=True, eq=False)
class Canvases:
    """Images of two-digit numbers with the numbers.

    Attributes:
        images: float32 in [-1, 1]; -1 is the background, 1 is ink.
        numbers: int64, 0 … 99; 7 is written 07.
        source: which digits they are composed of.
    """

    images: Float[Tensor, "n 1 s s"]
    numbers: Int[Tensor, " n"]
    source: str


def load(
    split: Literal["train", "test"],
    n: int,
    numbers: Sequence[int] = TRAINED,
    *,
    seed: int = 0,
    side: int = 64,
    root: Path | str | None = None,
    stand_in: bool = True,
) -> Canvases:
    """n canvases of the training or of the test digits, their numbers in turn.

    Args:
        split: "train" or "test": which of MNIST's digits they are composed of.
        n: how many.
        numbers: which numbers occur, each as often as every other one, or once more.
        seed: of the choice of the digits and of where they stand.
        side: pixels along an edge, at least 32.
        root, stand_in: as for :func:`diffusionbook.data.mnist.load`.

    Raises:
        ValueError: an unknown ``split``, ``n`` < 1, ``side`` < 32, a seed below 0, no numbers, or
            one that is not 0 … 99.
        DamagedFile: as for :func:`diffusionbook.data.mnist.load`.
        MissingMnist: an OSError, as for :func:`diffusionbook.data.mnist.load`.
        OSError: a file cannot be read; the message names it.
    """
    asked = in_turn(n, numbers)
    _check(seed, side)
    digits = mnist.load(split, root, stand_in=stand_in)
    return Canvases(compose(digits, asked, seed, side), asked, digits.source)


def in_turn(n: int, numbers: Sequence[int] = TRAINED) -> Labels:
    """The first of ``numbers``, the second, …, the last, the first again: (n,).

    Raises:
        ValueError: ``n`` < 1, no numbers, or one that is not 0 … 99.
    """
    whole("n", n, least=1)
    whole("numbers", *numbers)
    chosen = _checked(torch.tensor(list(numbers), dtype=torch.int64))
    return chosen[torch.arange(n) % len(chosen)]


def compose(
    digits: mnist.Digits, numbers: Labels, seed: int = 0, side: int = 64
) -> Float[Tensor, "n 1 s s"]:
    """A canvas for each number: two digits drawn from ``digits``, side by side.

    Both are scaled and slanted, by about the same, and the pair stands anywhere on the canvas, one
    digit a little above the other. No ink is cut off, and the two never overlap. Canvas i is the
    same for every n, and the same on every machine but for the rounding of its greys.

    Args:
        digits: where the digits come from.
        numbers: (n,), 0 … 99.
        seed: of all draws.
        side: pixels along an edge, at least 32.

    Returns:
        float32 in [-1, 1].

    Raises:
        ValueError: a number that is not 0 … 99, or none; a digit that ``digits`` does not hold, or
            an image without ink; ``side`` < 32, or a seed below 0.
    """
    _checked(numbers)
    _check(seed, side)
    pairs = torch.stack([numbers // 10, numbers % 10], 1)
    images = torch.empty(len(numbers), 1, side, side)
    order = torch.argsort(digits.labels, stable=True)
    counts = torch.bincount(digits.labels, minlength=10)
    absent = [d for d in pairs.unique().tolist() if not counts[d]]
    if absent:
        raise ValueError(f"digits must hold every digit that numbers ask for; it has no {absent}")
    starts = counts.cumsum(0) - counts
    for k in range(0, len(numbers), DRAWN):
        part = pairs[k : k + DRAWN]
        draws = torch.rand(DRAWN, 13, generator=seeded(step_seed(seed, k // DRAWN)),
                           dtype=torch.float64)[: len(part)]
        which = order[starts[part] + (draws[:, :2] * counts[part]).long()]
        ink = (digits.images[which.flatten(), 0] + 1) / 2
        images[k : k + DRAWN] = _written(ink, draws[:, 2:], side)
    return images


class _Extent(NamedTuple):
    """Where the ink of slanted digits ends, in rows and columns of the source; (n, 2) each."""

    middle: Tensor
    half: Tensor
    left: Tensor
    right: Tensor


def _written(ink: Tensor, draws: Tensor, side: int) -> Tensor:
    """(n, 1, side, side) canvases of (2 n, 28, 28) digits, from (n, 11) numbers in [0, 1)."""
    lean = _between(LEAN, draws[:, 3:4]) + _between(OWN_LEAN, draws[:, 4:6])
    extent, pixel = _extent(ink, lean), side / 64
    scale = _between(SCALE, draws[:, :1]) * _between(OWN_SCALE, draws[:, 1:3]) * pixel
    width, gap = extent.right - extent.left, _between(GAP, draws[:, 6]) * pixel
    room = side - 1 - 2 * MARGIN * pixel - gap  # for both digits
    scale = scale * (room / (scale * width).sum(1)).clamp(max=1)[:, None]
    width, half = scale * width, (scale * extent.half).amax(1)
    first = MARGIN * pixel + draws[:, 7] * (room - width.sum(1))
    left = torch.stack([first, first + width[:, 0] + gap], 1)
    reach = (side - 1) / 2 - (MARGIN + HOP) * pixel - half  # of the middle of both
    height = (side - 1) / 2 + (2 * draws[:, 8] - 1) * reach
    middle = height[:, None] + HOP * pixel * (2 * draws[:, 9:] - 1)

    at = torch.arange(side, dtype=torch.float64)
    row = extent.middle[..., None] + (at - middle[..., None]) / scale[..., None]  # (n, 2, side)
    column = extent.left[..., None] + (at - left[..., None]) / scale[..., None]
    slid = (lean[..., None] * (extent.middle[..., None] - row))[..., None]
    grid = torch.stack([column[..., None, :] - slid,
                        row[..., None].expand(-1, -1, -1, side)], -1).flatten(0, 1)
    seen = grid_sample(ink[:, None], (grid / 13.5 - 1).float(), align_corners=True)
    both = seen.reshape(-1, 2, side, side).amax(1, keepdim=True)
    return (2 * both - 1).clamp(-1, 1)


def _extent(ink: Tensor, lean: Tensor) -> _Extent:
    """Of (2 n, 28, 28) digits that lean by (n, 2): a pixel's ink reaches to its neighbours."""
    there = (ink > 0).reshape(*lean.shape, 28, 28)
    if not bool(there.flatten(2).any(2).all()):
        raise ValueError("digits must hold images with ink; one of them is empty")
    rows, at = there.any(3), torch.arange(28, dtype=torch.float64)
    top, bottom = at.where(rows, 28).amin(2), at.where(rows, -1).amax(2)
    middle = (top + bottom) / 2
    slid = lean[..., None] * (middle[..., None] - at)  # columns to the right, for each row
    first, last = at.where(there, 99).amin(3), at.where(there, -99).amax(3)
    more = 1 + lean.abs()
    left = (first + slid).where(rows, 99).amin(2) - more
    right = (last + slid).where(rows, -99).amax(2) + more
    return _Extent(middle, (bottom - top) / 2 + 1, left, right)


def _between(ends: tuple[float, float], share: Tensor) -> Tensor:
    return ends[0] + (ends[1] - ends[0]) * share


def _checked(numbers: Labels) -> Labels:
    check_samples("numbers", numbers)
    wrong = numbers[(numbers < 0) | (numbers > 99)]
    if len(wrong):
        raise ValueError(f"numbers must be 0 … 99; they hold {wrong.unique().tolist()[:5]}")
    return numbers


def _check(seed: int, side: int) -> None:
    whole("seed", seed, least=0)
    whole("side", side, least=32)
