"""Patches and the places they come from; images that are no squares tell rows from columns."""

import pytest
import torch

from diffusionbook.nets.patches import patchify, positions, unpatchify
from diffusionbook.randomness import randn, seeded
from exact import f64


def by_hand(x: torch.Tensor, patch: int) -> torch.Tensor:
    """Each square's pixels, channel by channel, square by square, in loops."""
    rows, columns = x.shape[2] // patch, x.shape[3] // patch
    squares = [x[:, :, r * patch:(r + 1) * patch, c * patch:(c + 1) * patch].flatten(1)
               for r in range(rows) for c in range(columns)]
    return torch.stack(squares, 1)


@pytest.mark.equation("eq-patches")
@pytest.mark.parametrize(("patch", "height", "width", "channels"),
                         [(1, 3, 5, 1), (2, 6, 10, 3), (4, 12, 20, 4), (7, 28, 28, 1)])
def test_patches_are_squares_row_by_row_and_go_back(patch, height, width, channels) -> None:
    x = randn((2, channels, height, width), seeded(0))
    tokens = patchify(x, patch)
    assert torch.equal(tokens, by_hand(x, patch))
    assert torch.equal(unpatchify(tokens, patch, height, width), x)


def test_swapped_sides_do_not_go_back() -> None:
    """What a square image would never show."""
    x = randn((1, 1, 6, 10), seeded(0))
    assert unpatchify(patchify(x, 2), 2, 10, 6).shape == (1, 1, 10, 6)
    assert not torch.equal(unpatchify(patchify(x, 2), 2, 10, 6).mT, x)


@pytest.mark.equation("eq-positions")
def test_each_place_has_the_waves_of_its_row_and_then_of_its_column() -> None:
    """On 3 × 5 places, from the formula, place by place."""
    found = positions(3, 5, 16)
    frequencies = [10_000 ** (-k / 3) for k in range(4)]
    for place, row, column in ((0, 0, 0), (4, 0, 4), (5, 1, 0), (7, 1, 2), (14, 2, 4)):
        told = [wave(f64([at * f for f in reversed(frequencies)])) for at in (row, column)
                for wave in (torch.sin, torch.cos)]
        assert (found[place].double() - torch.cat(told)).abs().max() < 1e-6
    assert found.dtype == torch.float32 and found.shape == (15, 16)


def test_no_two_places_have_the_same_waves() -> None:
    gaps = torch.cdist(positions(16, 16, 32), positions(16, 16, 32)) + 9 * torch.eye(256)
    assert gaps.min() > 0.3


@pytest.mark.parametrize(("call", "message"), [
    (lambda x: patchify(x, 0), "patch must be at least 1; it is 0"),
    (lambda x: patchify(x, 2.0), "patch must be a whole number; it is 2.0"),
    (lambda x: patchify(x, 4), "a height and a width that patch = 4 divides; they are 6 and 10"),
    (lambda x: patchify(x[0], 2), r"x must have shape \(b, c, h, w\)"),
    (lambda x: patchify(x[:0], 2), "x must hold at least one sample"),
    (lambda x: unpatchify(patchify(x, 2), 2, 6, 8), r"tokens must have shape \(b, 12, e\)"),
    (lambda x: unpatchify(patchify(x, 2)[..., :3], 2, 6, 10), "patch² = 4 numbers for each"),
    (lambda x: unpatchify(patchify(x, 2), 2, 6, 9), "patch = 2 divides; they are 6 and 9"),
    (lambda x: positions(0, 3, 8), "rows must be at least 1; it is 0"),
    (lambda x: positions(3, 3, 4), "features must be a multiple of 4 and at least 8; it is 4"),
    (lambda x: positions(3, 0, 8), "columns must be at least 1; it is 0"),
    (lambda x: unpatchify(patchify(x, 2), 2, 0, 10), "height must be at least 1; it is 0"),
    (lambda x: unpatchify(patchify(x, 2), 2, 6, 0), "width must be at least 1; it is 0"),
    (lambda x: positions(3, 3, 6), "features must be a multiple of 4 and at least 8; it is 6"),
])
def test_bad_input_is_refused_by_name(call, message, without_shape_checks) -> None:
    with pytest.raises(ValueError, match=message):
        call(randn((2, 1, 6, 10), seeded(0)))
