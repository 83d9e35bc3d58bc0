"""Normalise, modulate, attend, convolve: each against its formula written out in loops."""

import math

import pytest
import torch
from networks import awake, normalised, silu
from torch.nn import functional as F

from diffusionbook.nets.blocks import Attention, ResBlock, attend, conv3, group_norm
from diffusionbook.randomness import randn, seeded


@pytest.mark.equation("eq-group-norm")
@pytest.mark.parametrize("channels", [8, 24])
def test_group_norm_gives_every_group_of_every_image_mean_0_and_variance_1(channels) -> None:
    x = 3 * randn((3, channels, 4, 5), seeded(0)) + 7
    x[1] *= 100
    standard = group_norm(channels).double()(x).reshape(3, 8, -1)
    assert standard.mean(2).abs().max() < 1e-10
    assert (standard.var(2, correction=0) - 1).abs().max() < 1e-4
    norm = awake(group_norm(channels))
    assert (norm(x) - normalised(x, norm)).abs().max() < 1e-10


@pytest.mark.equation("eq-modulation")
@pytest.mark.parametrize("out", [16, 24])
def test_a_block_is_its_formula(out: int) -> None:
    block = awake(ResBlock(16, out, conditioning=5))
    x, conditioning = randn((3, 16, 6, 6), seeded(1)), randn((3, 5), seeded(2))
    answer = block(x, conditioning)
    h = F.conv2d(silu(normalised(x, block.norm1)), block.conv1.weight, block.conv1.bias, padding=1)
    h = normalised(h, block.norm2)
    vector = conditioning @ block.modulate.weight.T + block.modulate.bias
    for i in range(3):
        for c in range(out):
            h[i, c] = silu((1 + vector[i, c]) * h[i, c] + vector[i, out + c])
    h = F.conv2d(h, block.conv2.weight, block.conv2.bias, padding=1)
    if out != 16:
        assert block.skip.weight.shape == (out, 16, 1, 1)
        x = torch.einsum("oi,bihw->bohw", block.skip.weight[:, :, 0, 0], x)
        x = x + block.skip.bias[:, None, None]
    assert (answer - (x + h)).abs().max() < 1e-10


def attention_in_loops(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """(m, d) each: one head of one image."""
    out = torch.zeros_like(v)
    for i in range(len(q)):
        products = [float((q[i] * k[j]).sum()) for j in range(len(k))]
        weights = [math.exp(product / math.sqrt(q.shape[1])) for product in products]
        for j, weight in enumerate(weights):
            out[i] += weight / sum(weights) * v[j]
    return out


@pytest.mark.equation("eq-attention")
def test_attention_is_a_mean_weighted_by_the_softmax_of_scaled_products() -> None:
    q, k, v = (2 * randn((2, 3, 5, 4), seeded(i)) for i in range(3))
    out = attend(q, k, v)
    for image in range(2):
        for head in range(3):
            place = image, head
            expected = attention_in_loops(q[place], k[place], v[place])
            assert (out[place] - expected).abs().max() < 1e-10


@pytest.mark.equation("eq-attention")
@pytest.mark.parametrize(("head", "heads"), [(32, 1), (8, 2), (6, 2), (2, 8)])
def test_an_attention_block_lets_each_head_see_its_own_channels(head: int, heads: int) -> None:
    block, x = awake(Attention(16, head)).requires_grad_(False), randn((2, 16, 3, 2), seeded(5))
    found, size, norm = block(x), 16 // heads, normalised(x, block.norm)
    for i in range(2):
        rows = torch.stack([norm[i, :, row, column] for row in range(3) for column in range(2)])
        three = rows @ block.query_key_value.weight.T + block.query_key_value.bias
        mixed = torch.zeros(6, 16).double()
        for h in range(heads):
            own = slice(h * size, (h + 1) * size)
            mixed[:, own] = attention_in_loops(*(part[:, own] for part in three.split(16, 1)))
        left = mixed @ block.leave.weight.T + block.leave.bias
        for place in range(6):
            there = i, slice(None), place // 2, place % 2
            assert (found[there] - x[there] - left[place]).abs().max() < 1e-10


def test_attention_does_not_know_where_a_place_is() -> None:
    block, x = awake(Attention(16, 8)), randn((2, 16, 3, 4), seeded(5))
    order = torch.randperm(12, generator=seeded(6))

    def mixed_up(image):
        return image.flatten(2)[:, :, order].reshape(image.shape)

    assert (block(mixed_up(x)) - mixed_up(block(x))).abs().max() < 1e-10
    assert (block(mixed_up(x)) - block(x)).abs().max() > 0.1


@pytest.mark.parametrize("channels", [48, 96])
def test_heads_have_32_channels_or_more_by_default(channels: int) -> None:
    assert Attention(channels).heads == channels // 32


def test_channels_that_heads_cannot_share_are_refused() -> None:
    with pytest.raises(ValueError, match="channels must be a multiple of 3 heads; it is 104"):
        Attention(104)


def test_new_blocks_return_their_input() -> None:
    x, conditioning = randn((2, 16, 4, 4), seeded(1), torch.float32), torch.ones(2, 3)
    assert torch.equal(Attention(16)(x), x)
    assert torch.equal(ResBlock(16, 16, 3)(x, conditioning), x)
    wider = ResBlock(16, 24, 3)
    assert torch.equal(wider(x, conditioning), wider.skip(x))


@pytest.mark.parametrize(("stride", "size"), [(1, (9, 6)), (2, (5, 3))])
def test_a_convolution_keeps_the_size_or_divides_it(stride: int, size: tuple) -> None:
    assert conv3(3, 5, stride=stride)(torch.zeros(2, 3, 9, 6)).shape == (2, 5, *size)


@pytest.mark.parametrize("padding", ["zeros", "circular"])
def test_a_block_pads_both_convolutions_as_it_is_told(padding: str) -> None:
    block, x = awake(ResBlock(16, 16, 3, padding=padding)), randn((1, 16, 5, 5), seeded(0))
    conditioning = torch.ones(1, 3).double()
    for conv in (block.conv1, block.conv2):
        assert conv.padding_mode == padding
    moved = block(x.roll(2, -1), conditioning) - block(x, conditioning).roll(2, -1)
    assert (moved.abs().max() < 1e-10) == (padding == "circular")
