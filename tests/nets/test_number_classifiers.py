"""The two classifiers of canvases: their layers by hand, and both digits in their places."""

import math

import pytest
import torch
from networks import awake, normalised, silu
from torch import nn
from torch.nn import functional as F

from diffusionbook.nets.number_classifiers import (
    PlainNumberClassifier,
    ResidualNumberClassifier,
    digits_of,
    number_cross_entropy,
)
from diffusionbook.randomness import randn, seeded
from exact import f64

NETWORKS = {"plain": (PlainNumberClassifier, 4), "residual": (ResidualNumberClassifier, 16)}
KINDS = pytest.mark.parametrize("kind", NETWORKS)


def canvases(n: int = 3) -> torch.Tensor:
    return randn((n, 1, 64, 64), seeded(1))


def make(kind: str) -> nn.Module:
    network, width = NETWORKS[kind]
    return awake(network(width, features=12)).eval()


@KINDS
def test_the_tens_and_the_ones_have_ten_logits_each_of_the_features(kind: str) -> None:
    net, x = make(kind), canvases()
    features, logits = net.features(x), net(x)
    assert features.shape == (3, 12) and logits.shape == (3, 2, 10)
    for digit in range(2):
        rows = slice(10 * digit, 10 * digit + 10)
        by_hand = features @ net.to_logits.weight[rows].T + net.to_logits.bias[rows]
        assert (logits[:, digit] - by_hand).abs().max() < 1e-10


@KINDS
def test_a_canvas_is_judged_alone(kind: str) -> None:
    net, x = make(kind), canvases()
    whole = net(x)
    for i in range(3):
        assert (net(x[i : i + 1]) - whole[i]).abs().max() < 1e-10
    assert (whole[0] - whole[1]).abs().max() > 0.01


@pytest.mark.parametrize(("kind", "together"), [("plain", True), ("residual", False)])
def test_in_training_batch_norm_looks_at_all_canvases_and_group_norm_at_one(kind, together) -> None:
    net, x = make(kind), canvases()
    whole, first = net.train().features(x), net.features(x[:2])
    assert ((first - whole[:2]).abs().max() > 1e-3) == together


def pooled(h: torch.Tensor) -> torch.Tensor:
    """The largest of each 2 × 2."""
    n, c, side, _ = h.shape
    return h.reshape(n, c, side // 2, 2, side // 2, 2).amax((3, 5))


def test_the_residual_classifier_is_its_parts_in_order() -> None:
    net, x = make("residual"), canvases()
    folded = torch.cat([x[:, :, i::4, j::4] for i in range(4) for j in range(4)], 1)
    told = torch.zeros(3, 1).double()
    h = net.shrink(net.fine(net.enter(folded), told))
    assert h.shape == (3, 32, 8, 8) and len(net.coarse) == 2
    for block in net.coarse:
        h = block(h, told)
    h = pooled(silu(normalised(h, net.norm)))
    assert h.shape == (3, 32, 4, 4)
    expected = silu(h.flatten(1) @ net.to_features.weight.T + net.to_features.bias)
    assert (net.features(x) - expected).abs().max() < 1e-10


def test_the_plain_classifier_is_its_layers_in_order() -> None:
    net, x = make("plain"), canvases()
    layers = [(net.trunk[k], net.trunk[k + 1]) for k in (0, 4, 7, 11, 14)]
    with torch.no_grad():
        for k, (_, norm) in enumerate(layers):
            norm.running_mean.copy_(randn((len(norm.bias),), seeded(2 + k)))
            norm.running_var.copy_(randn((len(norm.bias),), seeded(5 + k)).abs() + 0.5)
    h = x
    for k, (conv, norm) in enumerate(layers):
        rim, stride = (2, 2) if k == 0 else (1, 1)
        h = F.conv2d(F.pad(h, (rim,) * 4), conv.weight, conv.bias)[:, :, ::stride, ::stride]
        mean, variance, weight, bias = (
            part[:, None, None] for part in (norm.running_mean, norm.running_var, norm.weight,
                                             norm.bias))  # fmt: skip
        h = (weight * (h - mean) / (variance + 1e-5).sqrt() + bias).clamp_min(0)
        h = pooled(h) if k in (0, 2, 4) else h  # after the first, and after each pair
    assert h.shape == (3, 16, 4, 4)
    last = net.trunk[-2]
    expected = (h.flatten(1) @ last.weight.T + last.bias).clamp_min(0)
    assert (net.features(x) - expected).abs().max() < 1e-10


@KINDS
def test_gradients_reach_every_parameter(kind: str) -> None:
    net = make(kind)
    number_cross_entropy(net(canvases()), torch.tensor([47, 3, 90])).backward()
    for name, p in net.named_parameters():
        unused = name.endswith("modulate.weight")  # its blocks are told zeros
        assert (p.grad.abs().max() == 0) == unused, name


@pytest.mark.parametrize(("network", "share"), [
    (PlainNumberClassifier, 0.25), (ResidualNumberClassifier, 0.2)])
def test_some_features_are_hidden_from_the_logits_in_training_only(
    network, share, without_shape_checks
) -> None:
    net, x = network(8, features=2_000).eval(), canvases(2).float()
    net.to_logits = nn.Identity()
    features = net.features(x)
    assert torch.equal(net(x), features)
    net.drop.train()
    torch.manual_seed(0)  # dropout draws from PyTorch's own generator
    seen, active = net(x), features != 0
    hidden = (seen == 0) & active
    n = int(active.sum())
    assert n > 1_000 and abs(hidden.sum() / n - share) < 5 * math.sqrt(share * (1 - share) / n)
    kept = (seen / features)[active & ~hidden]  # larger, so that the mean remains
    assert (kept * (1 - share) - 1).abs().max() < 1e-5


@KINDS
def test_the_seed_decides_the_weights_and_leaves_the_global_generator_alone(kind: str) -> None:
    network, _ = NETWORKS[kind]
    torch.manual_seed(5)
    before = torch.get_rng_state()
    one = network(8, 12, seed=3)
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(7)
    same, other = network(8, 12, seed=3), network(8, 12, seed=4)
    pairs = list(zip(one.parameters(), same.parameters(), other.parameters(), strict=True))
    assert all(torch.equal(a, b) for a, b, _ in pairs)
    assert not any(torch.equal(a, c) for a, _, c in pairs if a.ndim > 1 and a.any())


def test_a_number_is_its_tens_and_its_ones() -> None:
    written = [[int(figure) for figure in f"{number:02d}"] for number in range(100)]
    assert digits_of(torch.arange(100)).tolist() == written


def test_the_loss_is_the_mean_over_both_digits_by_hand() -> None:
    logits = randn((3, 2, 10), seeded(0))
    by_hand = -sum(float(logits[i, place].softmax(0)[digit].log())
                   for i, pair in enumerate([(4, 7), (0, 3), (9, 0)])
                   for place, digit in enumerate(pair)) / 6
    found = number_cross_entropy(logits, torch.tensor([47, 3, 90]))
    assert float(found) == pytest.approx(by_hand, abs=1e-12)
    certain = f64([[[0.0] * 10] * 2])
    certain[0, 0, 4] = certain[0, 1, 7] = 50.0
    assert float(number_cross_entropy(certain, torch.tensor([47]))) < 1e-12
    assert float(number_cross_entropy(certain, torch.tensor([74]))) == pytest.approx(50, abs=1e-9)
    assert float(number_cross_entropy(certain, torch.tensor([44]))) == pytest.approx(25, abs=1e-9)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: digits_of(torch.tensor([3, 100])), r"y must hold numbers 0 … 99; it holds \[3, 100\]"),
    (lambda: digits_of(torch.tensor([-1, 3])), r"y must hold numbers 0 … 99; it holds \[-1, 3\]"),
    (lambda: number_cross_entropy(torch.zeros(2, 2, 10), torch.tensor([3])),
     r"y must have shape \(2,\)"),
    (lambda: number_cross_entropy(torch.zeros(2, 20), torch.tensor([3, 4])),
     r"logits must have shape \(b, 2, 10\); it has \(2, 20\)"),
    (lambda: PlainNumberClassifier(4)(torch.zeros(2, 1, 28, 28)),
     r"x must have shape \(b, 1, 64, 64\); it has \(2, 1, 28, 28\)"),
    (lambda: ResidualNumberClassifier(8)(torch.zeros(0, 1, 64, 64)),
     "x must hold at least one sample"),
    (lambda: ResidualNumberClassifier(0), "width must be at least 1; it is 0"),
    (lambda: PlainNumberClassifier(4, features=0), "features must be at least 1; it is 0"),
])  # fmt: skip
def test_bad_input_is_refused(call, message, without_shape_checks) -> None:
    with pytest.raises(ValueError, match=message):
        call()
