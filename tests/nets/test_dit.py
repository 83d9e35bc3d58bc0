"""The transformer by hand, what it is at first, in which order it begins to learn, its symmetry."""

import math

import pytest
import torch
from networks import awake, silu
from torch import nn
from torch.nn.functional import scaled_dot_product_attention

from diffusionbook.nets.blocks import attend
from diffusionbook.nets.dit import DiT
from diffusionbook.nets.patches import positions
from diffusionbook.nets.transformer import Block, Modulation, SelfAttention
from diffusionbook.randomness import randn, seeded
from exact import f64

SMALL = {"patch": 2, "width": 16, "depth": 2, "heads": 2}


def batch(n: int = 4, height: int = 6, width: int = 10, channels: int = 1):
    """Images that are no squares, times, and labels, one of which says that there is none."""
    x, t = randn((n, channels, height, width), seeded(1)), torch.linspace(0.1, 0.9, n).double()
    return x, t, torch.arange(n) - 1


def normal(x: torch.Tensor) -> torch.Tensor:
    """Mean 0 and variance 1 over the last dimension, by its definition."""
    centred = x - x.sum(-1, keepdim=True) / x.shape[-1]
    return centred / ((centred**2).sum(-1, keepdim=True) / x.shape[-1] + 1e-6).sqrt()


def gelu(x: torch.Tensor) -> torch.Tensor:
    return x / 2 * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def linear(layer: nn.Linear, x: torch.Tensor) -> torch.Tensor:
    return x @ layer.weight.mT + layer.bias


def attention_by_hand(layer: SelfAttention, x: torch.Tensor) -> torch.Tensor:
    """Head by head, from softmax and matrix products."""
    q, k, v = linear(layer.query_key_value, x).chunk(3, -1)
    size, found = x.shape[-1] // layer.heads, []
    for h in range(layer.heads):
        its = slice(h * size, (h + 1) * size)
        logits = torch.einsum("bic,bjc->bij", q[..., its], k[..., its]) / math.sqrt(size)
        found.append(logits.softmax(2) @ v[..., its])
    return linear(layer.leave, torch.cat(found, -1))


@pytest.mark.parametrize("heads", [1, 2, 4])
def test_attention_is_its_formula_in_every_head(heads: int) -> None:
    layer = awake(SelfAttention(16, heads))
    x = randn((3, 7, 16), seeded(0))
    q, k, v = layer.split(x)
    assert (layer(x) - attention_by_hand(layer, x)).abs().max() < 1e-10
    fused = scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
    assert (layer(x) - linear(layer.leave, fused)).abs().max() < 1e-10
    shares = layer.weights(x)
    assert shares.shape == (3, heads, 7, 7) and (shares.sum(3) - 1).abs().max() < 1e-12
    assert (shares @ v - attend(q, k, v)).abs().max() < 1e-12


@pytest.mark.equation("eq-adaln-zero")
def test_a_block_is_its_formula_with_shift_scale_and_gate_in_this_order() -> None:
    block, x, told = awake(Block(16, 2, 5)), randn((3, 7, 16), seeded(0)), randn((3, 5), seeded(1))
    a, b, c, d, e, f = linear(block.modulate.map, silu(told))[:, None].chunk(6, 2)
    middle = x + c * attention_by_hand(block.attention, normal(x) * (1 + b) + a)
    first, _, last = block.perceptron
    expected = middle + f * linear(last, gelu(linear(first, normal(middle) * (1 + e) + d)))
    assert (block(x, told) - expected).abs().max() < 1e-10


@pytest.mark.parametrize("channels", [1, 3])
def test_the_whole_net_is_its_parts(channels: int) -> None:
    net = awake(DiT(**SMALL, image_channels=channels, classes=3))
    x, t, y = batch(channels=channels)
    told = net.embed(t, y)
    squares = torch.stack([x[:, :, r:r + 2, c:c + 2].flatten(1)
                           for r in range(0, 6, 2) for c in range(0, 10, 2)], 1)
    tokens = linear(net.enter, squares) + positions(3, 5, 16).double()
    for block in net.blocks:
        tokens = block(tokens, told)
    shift, scale = linear(net.modulate.map, silu(told))[:, None].chunk(2, 2)
    out = linear(net.leave, normal(tokens) * (1 + scale) + shift)
    expected = torch.empty_like(x)
    for place in range(15):
        r, c = 2 * (place // 5), 2 * (place % 5)
        expected[:, :, r:r + 2, c:c + 2] = out[:, place].unflatten(1, (channels, 2, 2))
    assert (net(x, t, y) - expected).abs().max() < 1e-10


@pytest.mark.equation("eq-told")
def test_the_conditioning_is_the_time_through_two_layers_plus_the_labels_row() -> None:
    net = awake(DiT(**SMALL, classes=3))
    t, y = torch.tensor([0.05, 0.3, 1.0, 0.7]).double(), torch.tensor([2, -1, 0, 1])
    first, _, second = net.time
    angles = t[:, None] * f64([1000 ** (k / 31) for k in range(32)])
    waves = torch.cat([angles.sin(), angles.cos()], 1)
    time = linear(second, silu(linear(first, waves)))
    rows = net.label.weight[[2, 3, 0, 1]]
    assert (net.embed(t, y) - time - rows).abs().max() < 1e-3  # frequencies are made in float32
    assert torch.equal(net.embed(t, None), net.embed(t, torch.full((4,), -1)))


def test_at_first_it_answers_0_and_each_block_is_the_identity() -> None:
    net = DiT(**SMALL).double()
    x, t, y = batch()
    assert torch.equal(net(x, t, y), torch.zeros_like(x))
    tokens, told = net.tokens(x), net.embed(t, y)
    for block in net.blocks:
        assert torch.equal(block(tokens, told), tokens)


def shuffled_patches(x: torch.Tensor, order: torch.Tensor) -> torch.Tensor:
    """Images (b, 1, 6, 10) with their 2 × 2 patches in another order."""
    places = x.unflatten(3, (5, 2)).unflatten(2, (3, 2)).permute(0, 2, 4, 1, 3, 5).flatten(1, 2)
    return places[:, order].unflatten(1, (3, 5)).permute(0, 3, 1, 4, 2, 5).flatten(4).flatten(2, 3)


@pytest.mark.equation("eq-equivariant")
def test_without_positions_it_does_not_know_where_a_patch_lies(monkeypatch) -> None:
    net, (x, t, y) = awake(DiT(**SMALL, classes=3)), batch()
    order = torch.randperm(15, generator=seeded(0))

    def gap() -> float:
        answer = net(shuffled_patches(x, order), t, y)
        return (answer - shuffled_patches(net(x, t, y), order)).abs().max().item()

    assert gap() > 1e-3
    monkeypatch.setattr("diffusionbook.nets.dit.positions",
                        lambda rows, columns, features: torch.zeros(rows * columns, features))
    assert gap() < 1e-10


@pytest.mark.parametrize(("change", "message"), [
    ({"patch": 0}, "patch must be at least 1; it is 0"),
    ({"width": 18}, "width must be a multiple of 4 and at least 8; it is 18"),
    ({"width": 4}, "width must be a multiple of 4 and at least 8; it is 4"),
    ({"heads": 3}, "heads must divide the width 16; it is 3"),
    ({"depth": 0.5}, "depth must be a whole number; it is 0.5"),
    ({"classes": -1}, "classes must be at least 0; it is -1"),
])
def test_a_shape_that_cannot_be_is_refused(change, message, without_shape_checks) -> None:
    with pytest.raises(ValueError, match=message):
        DiT(**{**SMALL, **change})


@pytest.mark.parametrize(("change", "message"), [
    ({"x": torch.zeros(4, 1, 5, 10)}, "patch = 2 divides; they are 5 and 10"),
    ({"x": torch.zeros(4, 3, 6, 10)}, r"x must have shape \(b, 1, h, w\)"),
    ({"t": torch.zeros(3)}, r"t must have shape \(4,\)"),
    ({"y": torch.tensor([0, 1, 2, 3])}, "y must hold labels 0 … 2, or -1 for none"),
    ({"y": torch.tensor([0, 1, 2])}, r"y must have shape \(4,\)"),
])
def test_bad_input_is_refused_by_name(change, message, without_shape_checks) -> None:
    x, t, y = batch()
    given = {"x": x.float(), "t": t.float(), "y": y.clamp(max=2), **change}
    with pytest.raises(ValueError, match=message):
        DiT(**SMALL, classes=3)(**given)


def test_a_net_without_labels_takes_none() -> None:
    x, t, y = batch()
    with pytest.raises(ValueError, match="y was given, but this net was made with classes=0"):
        DiT(**SMALL, classes=0).double()(x, t, y)


def test_the_same_seed_makes_the_same_net_and_no_modulation_is_shared() -> None:
    one, two, other = DiT(**SMALL), DiT(**SMALL), DiT(**SMALL, seed=1)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))
    assert not torch.equal(one.enter.weight, other.enter.weight)
    assert Modulation(3, 8, 2)(torch.ones(2, 3))[0].shape == (2, 1, 8)
