"""The U-Net: its parts in the order of a U, and symmetries that no formula needs."""

import math
import re

import pytest
import torch
from networks import awake, silu
from torch import nn

from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.nets.blocks import Attention
from diffusionbook.nets.unet import UNet
from diffusionbook.paths.gaussian import Cosine
from diffusionbook.randomness import randn, seeded
from exact import f64

SMALL = {"channels": (16, 32), "blocks": (1, 2)}


def batch(n: int = 4, side: int = 16, channels: int = 1):
    """Images, times and labels, one of which says that there is none."""
    x, t = randn((n, channels, side, side), seeded(1)), torch.linspace(0.1, 0.9, n).double()
    return x, t, torch.arange(n) - 1


@pytest.mark.equation("eq-told")
def test_the_conditioning_is_the_time_through_two_layers_plus_the_labels_row() -> None:
    net = awake(UNet(**SMALL, classes=3))
    t, y = torch.tensor([0.05, 0.3, 1.0, 0.7]).double(), torch.tensor([2, -1, 0, 1])
    conditioning = net.embed(t, y)
    first, _, second = net.time
    expected = [1000 ** (k / 31) for k in range(32)]
    assert net.fourier.frequencies.tolist() == pytest.approx(expected, rel=1e-5)  # made in float32
    for i in range(4):
        angles = [frequency * float(t[i]) for frequency in net.fourier.frequencies.tolist()]
        waves = f64([f(angle) for f in (math.sin, math.cos) for angle in angles])
        time = second.weight @ silu(first.weight @ waves + first.bias) + second.bias
        row = net.label.weight[3 if y[i] == -1 else y[i]]
        assert (conditioning[i] - time - row).abs().max() < 1e-10
        assert (conditioning[i] - time).abs().max() > 0.1
    assert conditioning.shape == (4, 64)


def fold(x: torch.Tensor, patch: int) -> torch.Tensor:
    """Each square of patch × patch pixels as the channels of one place, row by row."""
    return torch.cat([x[:, [c], i::patch, j::patch] for c in range(x.shape[1])
                      for i in range(patch) for j in range(patch)], 1)


@pytest.mark.parametrize(("patch", "colours"), [(1, 1), (2, 1), (2, 3), (4, 1)])
def test_the_whole_net_is_its_parts_in_the_order_of_a_u(patch: int, colours: int) -> None:
    net = awake(UNet(**SMALL, image_channels=colours, patch=patch))
    x, t, y = batch(side=4 * patch, channels=colours)
    conditioning = silu(net.embed(t, y))
    entered = net.enter(fold(x, patch))
    fine = net.down_fine[0](entered, conditioning)
    first = net.down_coarse[0](net.shrink(fine), conditioning)
    second = net.down_coarse[1](first, conditioning)
    h = net.middle_out(net.attention(net.middle_in(second, conditioning)), conditioning)
    for block, skip in zip(net.up_coarse, (second, first), strict=True):
        h = block(torch.cat([h, skip], 1), conditioning)
    h = net.grow(h.repeat_interleave(2, -1).repeat_interleave(2, -2))
    for block, skip in zip(net.up_fine, (fine, entered), strict=True):
        h = block(torch.cat([h, skip], 1), conditioning)
    found = net(x, t, y)
    assert found.shape == x.shape
    assert (fold(found, patch) - net.leave(silu(net.norm(h)))).abs().max() < 1e-10


@pytest.mark.parametrize("blocks", [(1, 1), (2, 3)])
def test_any_number_of_blocks_answers_in_the_images_shape(blocks: tuple[int, int]) -> None:
    net, (x, t, y) = awake(UNet((8, 16), blocks)), batch(side=28)
    assert net(x, t, y).shape == x.shape
    found = [len(part) for part in (net.down_fine, net.down_coarse, net.up_coarse, net.up_fine)]
    assert found == [blocks[0], blocks[1], blocks[1], blocks[0] + 1]


@pytest.mark.parametrize("attention", [True, False])
def test_a_new_net_answers_0_and_has_attention_if_asked(attention: bool) -> None:
    net, (x, t, y) = UNet(**SMALL, attention=attention).double(), batch()
    assert torch.equal(net(x, t, y), torch.zeros_like(x))
    assert any(isinstance(part, Attention) for part in net.modules()) == attention


def test_gradients_reach_every_parameter() -> None:
    net, (x, t, y) = awake(UNet(**SMALL)), batch()
    net(x, t, y).square().sum().backward()
    for name, p in net.named_parameters():
        assert torch.isfinite(p.grad).all() and p.grad.abs().max() > 1e-6, name
    rows = net.label.weight.grad.abs().amax(1)
    assert (rows > 0).nonzero().flatten().tolist() == [0, 1, 2, 10]  # and -1 is the last


def test_with_joined_edges_a_shift_by_the_total_stride_shifts_the_answer() -> None:
    net, (x, t, y) = awake(UNet(**SMALL, padding="circular")), batch()
    answer, size = net(x, t, y), net(x, t, y).abs().max()
    for shift in ((4, 0), (0, 4), (-8, 4)):
        moved = net(x.roll(shift, (2, 3)), t, y)
        assert (moved - answer.roll(shift, (2, 3))).abs().max() < 1e-10 * size
        assert (moved - answer).abs().max() > 0.1 * size
    for shift in ((1, 0), (0, 1), (2, 2)):  # a fraction of the stride is not enough
        moved = net(x.roll(shift, (2, 3)), t, y)
        assert (moved - answer.roll(shift, (2, 3))).abs().max() > 0.01 * size


def test_with_zeros_around_the_image_no_shift_is_a_symmetry() -> None:
    net, (x, t, y) = awake(UNet(**SMALL)), batch()
    moved, answer = net(x.roll(4, 3), t, y), net(x, t, y)
    assert (moved - answer.roll(4, 3)).abs().max() > 0.01 * answer.abs().max()


def test_bfloat16_is_close() -> None:
    net, (x, t, y) = awake(UNet(**SMALL)).float(), batch(8)
    x, t = x.float(), t.float()
    with torch.no_grad():
        exact = net(x, t, y)
        with torch.autocast("cpu", torch.bfloat16):
            half = net(x, t, y)
    assert half.dtype == torch.bfloat16  # each of some 40 roundings is off by up to 2^-9
    assert 0 < (half - exact).norm() < 0.05 * exact.norm()


@pytest.mark.parametrize("training", [True, False])
def test_a_sample_does_not_depend_on_its_neighbours(training: bool) -> None:
    net, (x, t, y) = awake(UNet(**SMALL)).train(training), batch()
    whole = net(x, t, y)
    for i in range(4):
        alone = net(x[i : i + 1], t[i : i + 1], y[i : i + 1])
        assert (alone - whole[i]).abs().max() < 1e-10


def test_dropout_hides_features_in_training_only() -> None:
    x, t, y = batch()
    plain, net = awake(UNet(**SMALL)), awake(UNet(**SMALL, dropout=0.3)).eval()
    assert torch.equal(net(x, t, y), plain(x, t, y))
    assert {m.p for m in net.modules() if isinstance(m, nn.Dropout)} == {0.3}
    torch.manual_seed(0)  # dropout draws from PyTorch's own generator
    assert not torch.equal(net.train()(x, t, y), plain(x, t, y))


def test_no_label_is_the_label_minus_1() -> None:
    net, (x, t, _) = awake(UNet(**SMALL)), batch()
    assert torch.equal(net(x, t), net(x, t, torch.full((4,), -1)))


def test_time_and_label_reach_the_answer_of_their_own_image() -> None:
    net, (x, t, y) = awake(UNet(**SMALL)), batch()
    answer, other_t, other_y = net(x, t, y), t.clone(), y.clone()
    other_t[2] += 0.05
    other_y[2] = 9
    for changed in (net(x, other_t, y), net(x, t, other_y)):
        distance = (changed - answer).flatten(1).norm(dim=1)
        assert distance[2] > 1e-2 and distance[[0, 1, 3]].max() < 1e-10


@pytest.mark.parametrize(("label", "held"), [(-2, "[-2, 0]"), (3, "[0, 3]")])
def test_labels_that_do_not_exist_are_refused(label: int, held: str) -> None:
    net, (x, t, _) = UNet(**SMALL, classes=3).double(), batch()
    message = re.escape(f"y must hold labels 0 … 2, or -1 for none; it holds {held}")
    with pytest.raises(ValueError, match=message):
        net(x, t, torch.tensor([0, 0, label, 0]))


def test_a_net_without_classes_takes_no_labels() -> None:
    net, (x, t, y) = awake(UNet(**SMALL, classes=0)), batch()
    assert net(x, t).shape == x.shape and net.label is None
    assert torch.equal(net.embed(t, None), net.time(net.fourier(t)))
    with pytest.raises(ValueError, match="y was given, but this net was made with classes=0"):
        net(x, t, y)


def test_the_seed_decides_the_weights_and_leaves_the_global_generator_alone() -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    one = UNet(**SMALL, seed=3)
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(7)
    same, other = UNet(**SMALL, seed=3), UNet(**SMALL, seed=4)
    pairs = list(zip(one.parameters(), same.parameters(), other.parameters(), strict=True))
    assert all(torch.equal(a, b) for a, b, _ in pairs)
    assert not any(torch.equal(a, c) for a, _, c in pairs if a.ndim > 1 and a.any())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"channels": (0, 8)}, "channels must be at least 1; it is 0"),
        ({"channels": (16, -8)}, "channels must be at least 1; it is -8"),
        ({"blocks": (1, 0)}, "blocks must be at least 1; it is 0"),
        ({"patch": 0}, "patch must be at least 1; it is 0"),
        ({"channels": (16, 20)}, r"channels must be multiples of 8; they are \(16, 20\)"),
        ({"channels": (12, 16)}, r"channels must be multiples of 8; they are \(12, 16\)"),
    ],
)
def test_sizes_that_cannot_be_are_named(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        UNet(**options)


def test_as_a_denoiser_it_is_asked_with_one_time_for_all() -> None:
    net, (x, _, y) = awake(UNet(**SMALL)), batch()
    answer = NetDenoiser(net, Cosine(), "v")(x, 0.4, y)
    assert torch.equal(answer.v, net(x, torch.full((4,), 0.4, dtype=torch.float64), y))
