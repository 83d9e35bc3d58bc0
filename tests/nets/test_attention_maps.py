"""Where patches look, against the network's own way through."""

import pytest
import torch
from networks import awake

from diffusionbook.nets.attention_maps import attention_maps
from diffusionbook.nets.dit import DiT
from diffusionbook.randomness import randn, seeded


def given():
    x = randn((3, 1, 4, 6), seeded(0))
    return x, torch.tensor([0.1, 0.5, 0.9]).double(), torch.tensor([-1, 0, 2])


def test_each_block_is_asked_about_the_tokens_that_it_is_given() -> None:
    net = awake(DiT(patch=2, width=16, depth=3, heads=2, classes=3))
    x, t, y = given()
    before = net(x, t, y)
    maps = attention_maps(net, x, t, y)
    assert maps.shape == (3, 3, 2, 6, 6) and not maps.requires_grad
    assert torch.allclose(maps.sum(-1), torch.ones(3, 3, 2, 6).double())
    tokens, told = net.tokens(x), net.embed(t, y)
    for block, shares in zip(net.blocks, maps, strict=True):
        shift, scale, *_ = block.modulate(told)
        normal = torch.nn.functional.layer_norm(tokens, (16,), eps=1e-6)
        assert torch.allclose(shares, block.attention.weights(normal * (1 + scale) + shift))
        tokens = block(tokens, told)
    assert torch.equal(net(x, t, y), before)  # it is left as it was


def test_a_failed_look_leaves_the_network_as_it_was(without_shape_checks) -> None:
    net, (x, t, y) = awake(DiT(patch=2, width=16, depth=1, heads=2, classes=3)), given()
    with pytest.raises(ValueError, match="y must hold labels 0 … 2"):
        attention_maps(net, x, t, y + 5)
    assert not net.blocks[0].attention._forward_pre_hooks
