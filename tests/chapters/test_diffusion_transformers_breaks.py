"""Chapter 7, "What breaks": each mistake it shows dies under one of these tests."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from diffusionbook.guidance import cfg, extrapolate
from diffusionbook.nets import DiT, positions
from diffusionbook.paths import Linear
from diffusionbook.prediction import Prediction
from diffusionbook.randomness import randn, seeded


class ByLabel:
    """A model whose answer with a label differs from the one without in all channels."""

    path = Linear()

    def __call__(self, x_t, t, y=None) -> Prediction:
        told = torch.zeros(len(x_t)).double() if y is None else 1.0 + y.double()
        return Prediction(x_t + told[:, None, None, None], "velocity", x_t, t, self.path)


def on_three(strong: Prediction, weak: Prediction, w: float) -> Prediction:
    guided = extrapolate(strong, weak, w)
    return replace(guided, y=torch.cat([guided.y[:, :3], strong.y[:, 3:]], 1))


def test_guidance_reaches_every_channel(combine: Callable = extrapolate) -> None:
    z_t, y = randn((5, 4, 8, 8), seeded(0)), torch.arange(5)
    guided = cfg(ByLabel(), 3.0, combine=combine)(z_t, 0.5, y).y
    moved = (guided - ByLabel()(z_t, 0.5, y).y).abs().amax((0, 2, 3))
    assert bool((moved > 0).all()), f"channels {moved.eq(0).nonzero().flatten().tolist()}"


def test_guidance_on_three_of_four_fails() -> None:
    with pytest.raises(AssertionError, match=r"channels \[3\]"):
        test_guidance_reaches_every_channel(on_three)


def swapped(rows: int, columns: int, features: int) -> Tensor:
    right = positions(rows, columns, features)
    return torch.cat([right[:, features // 2:], right[:, :features // 2]], 1)


def turned(rows: int, columns: int, features: int) -> Tensor:
    """The table of a grid with as many rows as this one has columns."""
    return positions(columns, rows, features)


@pytest.mark.equation("eq-positions")
def test_in_a_row_of_the_image_the_rows_numbers_stay(places: Callable = positions) -> None:
    grid = places(3, 5, 16).reshape(3, 5, 16)
    assert torch.equal(grid[:, :, :8], grid[:, :1, :8].expand(3, 5, 8))
    assert torch.equal(grid[:, :, 8:], grid[:1, :, 8:].expand(3, 5, 8))
    assert len(grid.flatten(0, 1).unique(dim=0)) == 15


@pytest.mark.parametrize("mutant", [swapped, turned])
def test_exchanged_axes_fail(mutant: Callable) -> None:
    with pytest.raises(AssertionError):
        test_in_a_row_of_the_image_the_rows_numbers_stay(mutant)


def once(net: DiT) -> None:
    """As it is."""


def twice(net: DiT) -> None:
    """Each attention ends in zeros, behind a gate that is 0."""
    for block in net.blocks:
        nn.init.zeros_(block.attention.leave.weight)
        nn.init.zeros_(block.attention.leave.bias)


def test_each_branch_learns(change: Callable = once) -> None:
    net = DiT(patch=2, width=16, depth=2, heads=2, classes=3).double()
    change(net)
    before = [block.attention.leave.weight.clone() for block in net.blocks]
    x, target = (randn((4, 1, 6, 10), seeded(k)) for k in (1, 2))
    adam = torch.optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(5):
        adam.zero_grad()
        (net(x, torch.linspace(0.1, 0.9, 4).double()) - target).square().mean().backward()
        adam.step()
    for block, weight in zip(net.blocks, before, strict=True):
        assert not torch.equal(block.attention.leave.weight, weight)


def test_a_branch_that_is_zeroed_twice_fails() -> None:
    with pytest.raises(AssertionError):
        test_each_branch_learns(twice)
