"""Checks of the exercises of chapter 7. Each raises an AssertionError that says what is off."""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import layer_norm

from diffusionbook.checks.answers import asked, number, numbers
from diffusionbook.checks.mistakes import unlike
from diffusionbook.checks.verdict import same
from diffusionbook.nets.patches import patchify, positions
from diffusionbook.randomness import randn, seeded


def check_even_side(f: Callable[[int, int], float]) -> None:
    """f(width, patch) → the side, in pixels, at which pairs cost as much as linear maps."""
    f, what = asked(f, returns="a number of pixels"), "the side"
    for width, patch in ((1152, 2), (192, 7), (64, 1)):
        yours, right = number(what, f(width, patch)), patch * (6 * width) ** 0.5
        unlike(what, yours, {
            "this is the number of tokens; how many pixels has a side of as many patches?":
                6 * width,
            "this is the side in patches": (6 * width) ** 0.5,
            "the two terms of 4 N² d are all heads together: no number of heads comes in":
                patch * (6 * width / 16) ** 0.5,
            "24 N d² and 4 N² d are equal where N is six times d, not a sixth of it":
                patch * (width / 6) ** 0.5,
        } if patch > 1 else {})
        same(f"{what} for width {width} and patches of {patch}", yours, right)


def check_together(f: Callable[[Tensor, int, int, int], Tensor]) -> None:
    """f(tokens, patch, height, width) → the images (b, c, height, width) that were cut."""
    f = asked(f, returns="images")
    for shape, patch in (((2, 1, 6, 6), 3), ((1, 3, 4, 4), 2), ((2, 1, 4, 10), 2),
                         ((2, 3, 12, 8), 4)):
        x = randn(shape, seeded(0))
        what = "images of {} channel(s), {} × {}, in patches of {}".format(*shape[1:], patch)
        yours = numbers(what, f(patchify(x, patch), patch, *shape[2:]))
        unlike(what, yours, {
            "within each patch, rows and columns are exchanged": _swap_within(x, patch),
            "the patches are put together column by column": _swap_patches(x, patch),
        })
        same(what, yours, x)


def check_first_step(f: Callable[[], tuple[float, float]]) -> None:
    """f() → the step, from 1, in which the table of labels first has a gradient; math.inf for
    never: with a last layer that starts at 0, and with one that does not."""
    what = "the two steps"
    yours = numbers(what, asked(f, returns="two steps")()).flatten()
    if yours.numel() != 2:
        raise AssertionError(f"{what}: there should be two; there are {yours.numel()}")
    if bool(yours.isnan().any()):
        raise AssertionError(f"{what}: they should be steps, or math.inf; one is no number")
    if bool((yours < 1).any()):
        raise AssertionError(f"{what}: the first step is 1; the smallest of yours is "
                             f"{yours.min():g}")
    for step, case in zip(yours.tolist(), ("at 0", "elsewhere"), strict=True):
        if step != math.inf:
            raise AssertionError(
                f"with a last layer that starts {case} you say step {step:g}: what is the gradient "
                f"of the modulation's matrix, while the table is 0? And what that of the table?")


def check_modulated(f: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
    """f(tokens, shift, scale) → (b, n, d): each image's tokens, normalised, then scaled and
    shifted by that image's row of (b, d)."""
    f = asked(f, returns="tokens")
    for b, n, d in ((3, 3, 4), (2, 5, 4), (4, 4, 4)):
        tokens, shift, scale = (randn(shape, seeded(k)) for k, shape in
                                enumerate(((b, n, d), (b, d), (b, d))))
        normal, what = layer_norm(tokens, (d,)), f"{b} images of {n} tokens"
        yours = numbers(what, f(tokens, shift, scale))
        mistakes = {
            "the scale alone: where it is 0, nothing is left; use 1 + scale":
                normal * scale[:, None] + shift[:, None],
            "the tokens are not normalised": tokens * (1 + scale[:, None]) + shift[:, None],
            "shift and scale are exchanged": normal * (1 + shift[:, None]) + scale[:, None],
            "it is shifted first, and then scaled":
                (normal + shift[:, None]) * (1 + scale[:, None]),
        }
        if b == n:
            mistakes["it shifts the k-th token of every image by what belongs to the k-th image"] \
                = normal * (1 + scale) + shift
        unlike(what, yours, mistakes)
        same(what, yours, normal * (1 + scale[:, None]) + shift[:, None], tolerance=1e-3)


def check_finer(f: Callable[[int, int, int, int], Tensor]) -> None:
    """f(rows, columns, features, times) → (times² rows columns, features): where finer patches lie,
    in units of the coarse ones."""
    f = asked(f, returns="the numbers of the places")
    for rows, columns, features, times in ((3, 5, 8, 2), (2, 2, 16, 3), (2, 3, 8, 1)):
        what = f"{times} times as fine as {rows} × {columns}"
        yours = numbers(what, f(rows, columns, features, times))
        if times > 1:
            half = _places(rows, columns, features, times, 0.0)
            unlike(what, yours, {
                "it counts on: row 1 of the coarse grid and row 1 of the fine one are not one place"
                    : positions(times * rows, times * columns, features),
                "the first fine patch does not lie where the first coarse one does: mind the halves"
                    : half,
                "the rows are where the columns should be": half.roll(features // 2, 1),
            })
        right = _places(rows, columns, features, times, 0.5)
        same(what, yours, right, tolerance=1e-4)


def _places(rows: int, columns: int, features: int, times: int, middle: float) -> Tensor:
    speeds = torch.logspace(-4, 0, features // 4, dtype=torch.float64)
    where = [(torch.arange(times * n).double() + middle) / times - middle for n in (rows, columns)]
    row, column = (place[:, None] * speeds for place in where)
    row, column = (torch.cat([a.sin(), a.cos()], 1) for a in (row, column))
    return torch.cat([row.repeat_interleave(len(column), 0), column.repeat(len(row), 1)], 1)


def _swap_within(x: Tensor, patch: int) -> Tensor:
    b, c, h, w = x.shape
    return x.reshape(b, c, h // patch, patch, w // patch, patch).transpose(3, 5).reshape(x.shape)


def _swap_patches(x: Tensor, patch: int) -> Tensor:
    b, c, h, w = x.shape
    places = x.reshape(b, c, h // patch, patch, w // patch, patch).permute(0, 1, 2, 4, 3, 5)
    turned = places.flatten(2, 3).unflatten(2, (w // patch, h // patch)).transpose(2, 3)
    return turned.permute(0, 1, 2, 4, 3, 5).reshape(x.shape)
