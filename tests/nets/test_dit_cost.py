"""What a transformer has in weights and takes in arithmetic, beside PyTorch's own counts."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from diffusionbook.nets.dit import DiT
from diffusionbook.nets.dit_cost import flops, parameters


def test_its_parameters_are_counted_by_a_formula() -> None:
    for shape in ({"patch": 2, "width": 16, "depth": 2, "heads": 2, "classes": 0},
                  {"patch": 2, "width": 16, "depth": 2, "heads": 2, "classes": 7,
                   "image_channels": 4},
                  {"patch": 7, "width": 24, "depth": 1, "heads": 3, "classes": 10}):
        told = {key: value for key, value in shape.items() if key != "heads"}
        assert parameters(**told) == sum(p.numel() for p in DiT(**shape).parameters())


def test_what_it_is_unless_told_otherwise() -> None:
    """Grey images of 28 × 28 pixels with ten labels, in patches of four."""
    net = DiT()
    assert (net.patch, net.width, net.classes, len(net.blocks)) == (4, 128, 10, 6)
    assert net.blocks[0].attention.heads == 4 and net.enter.in_features == 4**2
    assert torch.equal(net.enter.weight, DiT(seed=0).enter.weight)
    assert parameters(4, 128, 6) == sum(p.numel() for p in net.parameters())
    assert parameters(4, 128, 6) == parameters(4, 128, 6, 1, 10)
    assert flops(4, 128, 6) == flops(4, 128, 6, 28, 28, 1)


@pytest.mark.equation("eq-dit-cost")
@pytest.mark.parametrize(("patch", "height", "width"), [(2, 6, 10), (4, 28, 28), (7, 28, 28)])
def test_its_arithmetic_is_counted_as_pytorch_counts_it(patch, height, width) -> None:
    net = DiT(patch=patch, width=24, depth=3, heads=3, image_channels=2)
    with FlopCounterMode(display=False) as counted, torch.no_grad():
        net(torch.zeros(1, 2, height, width), torch.zeros(1))
    assert sum(flops(patch, 24, 3, height, width, 2).values()) == counted.get_total_flops()


def test_what_patches_cost() -> None:
    """28 × 28 pixels, width 192: millions of operations a block, and the share of pairs."""
    for patch, millions, share in ((1, 1166, 40), (2, 203, 15), (4, 45, 4), (7, 14, 1)):
        cost = flops(patch, 192, 1)
        block = cost["linear"] + cost["pairs"]
        assert block / 1e6 == pytest.approx(millions, abs=0.6)
        assert round(100 * cost["pairs"] / block) == share


@pytest.mark.parametrize(("call", "message"), [
    (lambda: flops(3, 8, 1), "patch must divide height and width_of_image, 28 and 28; it is 3"),
    (lambda: flops(2, 8, 1, 27, 28), "patch must divide height and width_of_image, 27 and 28"),
    (lambda: flops(2, 8, 1, 28, 27), "patch must divide height and width_of_image, 28 and 27"),
    (lambda: flops(2, 8, 0), "depth must be at least 1; it is 0"),
    (lambda: flops(2, 8, 1, 28, 28, 0), "image_channels must be at least 1; it is 0"),
    (lambda: parameters(0, 8, 1), "patch must be at least 1; it is 0"),
    (lambda: parameters(2, 8.5, 1), "width must be a whole number; it is 8.5"),
    (lambda: parameters(2, 8, 1, 0), "image_channels must be at least 1; it is 0"),
    (lambda: parameters(2, 8, 1, 1, -1), "classes must be at least 0; it is -1"),
])
def test_a_shape_that_cannot_be_costs_nothing(call, message, without_shape_checks) -> None:
    with pytest.raises(ValueError, match=message):
        call()
