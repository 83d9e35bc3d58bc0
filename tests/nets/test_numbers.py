"""A net that is told two digits: each adds a row of its own, so unseen pairs mean something."""

import pytest
import torch
from networks import awake

from diffusionbook.nets.numbers import NumberUNet
from diffusionbook.nets.unet import UNet
from diffusionbook.randomness import randn, seeded, step_seed, torch_seeded

SMALL = {"channels": (8, 16), "blocks": (1, 1), "image_channels": 4, "patch": 1}
NET = awake(NumberUNet(**SMALL))


def told(*numbers: int) -> torch.Tensor:
    return NET.embed(torch.full((len(numbers),), 0.3).double(), torch.tensor(numbers))


@pytest.mark.equation("eq-two-digits")
def test_the_embedding_is_the_time_and_a_row_for_each_digit() -> None:
    time = NET.time(NET.fourier(torch.tensor([0.3]).double()))
    expected = time + NET.tens.weight[4] + NET.ones.weight[7]
    assert (told(47) - expected).abs().max() < 1e-12
    assert (told(-1) - time - NET.tens.weight[10] - NET.ones.weight[10]).abs().max() < 1e-12
    assert (told(0) - time - NET.tens.weight[0] - NET.ones.weight[0]).abs().max() < 1e-12
    assert (told(7) - time - NET.tens.weight[0] - NET.ones.weight[7]).abs().max() < 1e-12
    t = torch.tensor([0.2, 0.9]).double()
    assert torch.equal(NET.embed(t, None), NET.embed(t, torch.tensor([-1, -1])))


@pytest.mark.equation("eq-two-digits")
def test_a_number_is_told_by_others_that_share_its_digits() -> None:
    """47 = 42 + 87 - 82: nothing about 47 itself has to be learned."""
    known = told(42) + told(87) - told(82)
    assert (told(47) - known).abs().max() < 1e-12
    rows = told(*range(100))
    assert torch.pdist(rows).min() > 0.1  # and all hundred differ


def test_the_answer_depends_on_either_digit_and_on_having_one() -> None:
    x, t = randn((4, 4, 8, 8), seeded(0))[:1].expand(4, -1, -1, -1), torch.full((4,), 0.5).double()
    answers = NET(x, t, torch.tensor([47, 46, 57, -1]))
    assert answers.shape == x.shape
    assert torch.pdist(answers.flatten(1)).min() > 1e-3


def test_numbers_may_be_bytes(without_shape_checks) -> None:
    x, t = randn((2, 4, 8, 8), seeded(0)), torch.full((2,), 0.5).double()
    assert torch.equal(NET(x, t, torch.tensor([47, 3], dtype=torch.uint8)),
                       NET(x, t, torch.tensor([47, 3])))


def test_everything_else_is_the_u_nets() -> None:
    one, other = NumberUNet(**SMALL, seed=3), UNet(**SMALL, classes=0, seed=3)
    shared = other.state_dict()
    assert {"tens.weight", "ones.weight"} == set(one.state_dict()) - set(shared)
    assert all(torch.equal(one.state_dict()[name], shared[name]) for name in shared)
    assert not torch.equal(one.tens.weight, NumberUNet(**SMALL, seed=4).tens.weight)
    assert not torch.equal(one.tens.weight, one.ones.weight)
    with torch_seeded(step_seed(3, 1)):  # draws of their own, not those of the first layers again
        assert torch.equal(one.tens.weight, torch.randn(11, 32))


def test_gradients_reach_the_rows_of_the_digits_that_were_told() -> None:
    net = awake(NumberUNet(**SMALL))
    net(randn((3, 4, 8, 8), seeded(0)), torch.full((3,), 0.5).double(),
        torch.tensor([47, 3, -1])).square().sum().backward()
    for rows, used in ((net.tens, [0, 4, 10]), (net.ones, [3, 7, 10])):
        assert (rows.weight.grad.abs().amax(1) > 0).nonzero().flatten().tolist() == used


@pytest.mark.parametrize(("y", "message"), [
    ([100, 3], r"y must hold numbers 0 … 99, or -1 for none; it holds \[3, 100\]"),
    ([-2, 3], r"y must hold numbers 0 … 99, or -1 for none; it holds \[-2, 3\]"),
    ([1], r"y must have shape \(2,\)"),
    ([47.0, 3.0], r"y must hold integers; its dtype is torch.float32"),
    ([True, False], r"y must hold integers; its dtype is torch.bool"),
])  # fmt: skip
def test_bad_numbers_are_refused(y, message, without_shape_checks) -> None:
    with pytest.raises(ValueError, match=message):
        NET(torch.zeros(2, 4, 8, 8).double(), torch.full((2,), 0.5).double(), torch.tensor(y))
    with pytest.raises(ValueError, match="channels must be multiples of 8"):
        NumberUNet((8, 12))
