"""The two classifiers of digits: their layers by hand, and what they must not mix up."""

import math

import pytest
import torch
from networks import awake, normalised, silu
from torch import nn
from torch.nn import functional as F

from diffusionbook.nets.classifier import PlainClassifier, ResidualClassifier, cross_entropy
from diffusionbook.randomness import randn, seeded
from exact import f64

SMALL = {"width": 16, "features": 12}


def images(n: int = 4):
    return randn((n, 1, 28, 28), seeded(1)), torch.linspace(0.1, 0.9, n).double()


def make(kind: str) -> tuple[nn.Module, tuple]:
    """A classifier with random weights and what it is called with."""
    x, t = images()
    if kind == "plain":
        return awake(PlainClassifier(width=4, features=12)).eval(), (x,)
    told = kind == "told"
    return awake(ResidualClassifier(**SMALL, time_conditional=told)), (x, t) if told else (x,)


KINDS = pytest.mark.parametrize("kind", ["plain", "residual", "told"])


@KINDS
def test_logits_are_a_linear_function_of_the_features(kind: str) -> None:
    net, inputs = make(kind)
    features, logits = net.features(*inputs), net(*inputs)
    assert features.shape == (4, 12) and logits.shape == (4, 10)
    by_hand = features @ net.to_logits.weight.T + net.to_logits.bias
    assert (logits - by_hand).abs().max() < 1e-10


@KINDS
def test_an_image_is_judged_alone(kind: str) -> None:
    net, inputs = make(kind)
    whole = net(*inputs)
    for i in range(4):
        alone = net(*(part[i : i + 1] for part in inputs))
        assert (alone - whole[i]).abs().max() < 1e-10
    assert (whole[0] - whole[1]).abs().max() > 0.01


def test_in_training_group_norm_looks_at_one_image_and_batch_norm_at_all() -> None:
    for kind, together in (("residual", False), ("told", False), ("plain", True)):
        net, inputs = make(kind)
        whole = net.train().features(*inputs)
        first = net.features(*(part[:2] for part in inputs))
        assert ((first - whole[:2]).abs().max() > 1e-3) == together, kind


@pytest.mark.parametrize("kind", ["residual", "told"])
def test_the_residual_classifier_is_its_parts_in_order(kind: str) -> None:
    net, (x, *time) = make(kind)
    corners = [x[:, :, i::2, j::2] for i in (0, 1) for j in (0, 1)]
    conditioning = net.fourier(time[0]) if time else torch.zeros(4, 64).double()
    h = net.shrink(net.fine(net.enter(torch.cat(corners, 1)), conditioning))
    assert h.shape == (4, 32, 7, 7) and len(net.coarse) == 2
    h = net.coarse[1](net.coarse[0](h, conditioning), conditioning)
    h = silu(normalised(h, net.norm))
    windows = (slice(0, 3), slice(2, 5), slice(4, 7))
    pooled = [h[:, :, rows, columns].mean((2, 3)) for rows in windows for columns in windows]
    h = torch.stack(pooled, 2).flatten(1)
    expected = silu(h @ net.to_features.weight.T + net.to_features.bias)
    assert (net.features(x, *time) - expected).abs().max() < 1e-10


def test_the_plain_classifier_is_its_layers_in_order() -> None:
    net, (x,) = make("plain")
    with torch.no_grad():
        for layer in (net.trunk[1], net.trunk[5]):
            layer.running_mean.copy_(randn((len(layer.bias),), seeded(2)))
            layer.running_var.copy_(randn((len(layer.bias),), seeded(3)).abs() + 0.5)
    h = x
    for conv, norm in (net.trunk[:2], net.trunk[4:6]):
        h = F.conv2d(F.pad(h, (2, 2, 2, 2)), conv.weight, conv.bias)
        mean, variance, weight, bias = (
            part[:, None, None] for part in (norm.running_mean, norm.running_var, norm.weight,
                                             norm.bias))  # fmt: skip
        h = (weight * (h - mean) / (variance + 1e-5).sqrt() + bias).clamp_min(0)
        n, c, side, _ = h.shape
        h = h.reshape(n, c, side // 2, 2, side // 2, 2).amax((3, 5))
    assert h.shape == (4, 8, 7, 7)
    last = net.trunk[-2]
    expected = (h.flatten(1) @ last.weight.T + last.bias).clamp_min(0)
    assert (net.features(x) - expected).abs().max() < 1e-10


def test_the_time_is_told_if_and_only_if_the_classifier_was_made_for_it() -> None:
    (told, (x, t)), (untold, _) = make("told"), make("residual")
    for net, arguments, message in (
        (told, (x,), "time_conditional is True, t is None"),
        (untold, (x, t), r"time_conditional is False, t is tensor\("),
    ):
        for call in (net, net.features):
            with pytest.raises(ValueError, match=f"t must be given if and only if .*; {message}"):
                call(*arguments)


def test_the_time_reaches_the_logits_of_its_own_image() -> None:
    net, (x, t) = make("told")
    later = t.clone()
    later[1] += 0.05
    change = (net(x, later) - net(x, t)).norm(dim=1)
    assert change[1] > 1e-2 and change[[0, 2, 3]].max() < 1e-10


@KINDS
def test_gradients_reach_every_parameter(kind: str) -> None:
    net, inputs = make(kind)
    cross_entropy(net(*inputs), torch.arange(4)).backward()
    for name, p in net.named_parameters():
        unused = kind == "residual" and name.endswith("modulate.weight")  # it is told zeros
        assert (p.grad.abs().max() == 0) == unused, name


def test_gradients_reach_the_image() -> None:
    """Classifier guidance follows them; smooth units leave no place without one."""
    net, (x, t) = make("told")
    x.requires_grad_()
    net(x, t).log_softmax(1)[:, 3].sum().backward()
    assert (x.grad != 0).all()


def test_bfloat16_is_close() -> None:
    net, (x, t) = make("told")
    net, x, t = net.float(), x.float(), t.float()
    with torch.no_grad():
        exact = net(x, t)
        with torch.autocast("cpu", torch.bfloat16):
            half = net(x, t)
    assert half.dtype == torch.bfloat16  # each of some 20 roundings is off by up to 2^-9
    assert 0 < (half - exact).norm() < 0.05 * exact.norm()


def test_some_features_are_hidden_from_the_plain_classifiers_logits_in_training_only() -> None:
    net = PlainClassifier(width=4, features=2_000, classes=2_000)
    with torch.no_grad():
        net.to_logits.weight.copy_(torch.eye(2_000))
        net.to_logits.bias.zero_()
    seen, x = [], images(2)[0].float()
    net.trunk.register_forward_hook(lambda module, inputs, output: seen.append(output))
    torch.manual_seed(0)  # dropout draws from PyTorch's own generator
    logits = net.train()(x)
    active = seen[0] > 0
    hidden = (logits == 0) & active
    p, n = net.drop.p, int(active.sum())
    assert 0 < p < 1 and n > 1_000
    assert abs(hidden.sum() / n - p) < 5 * math.sqrt(p * (1 - p) / n)
    kept = (logits / seen[0])[active & ~hidden]  # larger, so that the mean remains
    assert (kept * (1 - p) - 1).abs().max() < 1e-5
    assert torch.equal(net.eval()(x), seen[1])


@pytest.mark.parametrize("network", [ResidualClassifier, PlainClassifier])
def test_the_seed_decides_the_weights_and_leaves_the_global_generator_alone(network) -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    one = network(8, 12, seed=3)
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(7)
    same, other = network(8, 12, seed=3), network(8, 12, seed=4)
    pairs = list(zip(one.parameters(), same.parameters(), other.parameters(), strict=True))
    assert all(torch.equal(a, b) for a, b, _ in pairs)
    assert not any(torch.equal(a, c) for a, _, c in pairs if a.ndim > 1 and a.any())


@pytest.mark.parametrize("network", [ResidualClassifier, PlainClassifier])
def test_there_are_as_many_classes_and_features_as_asked(network) -> None:
    net, x = network(8, features=5, classes=3).eval(), torch.zeros(2, 1, 28, 28)
    assert net(x).shape == (2, 3) and net.features(x).shape == (2, 5)
    assert network(8)(x).shape == (2, 10)


@pytest.mark.equation("eq-cross-entropy")
def test_cross_entropy_by_hand() -> None:
    """Two images, three classes: minus the mean of the logarithms of exp(own) / sum of exp."""
    logits = f64([[0.0, math.log(2), math.log(5)], [math.log(3), 0.0, 0.0]])
    found = cross_entropy(logits, torch.tensor([1, 0]))
    assert float(found) == pytest.approx(-(math.log(2 / 8) + math.log(3 / 5)) / 2, abs=1e-12)
    assert float(cross_entropy(logits + 7, torch.tensor([1, 0]))) == pytest.approx(float(found))
    logits.requires_grad_()
    cross_entropy(logits, torch.tensor([1, 0])).backward()
    expected = f64([[1 / 8, 2 / 8 - 1, 5 / 8], [3 / 5 - 1, 1 / 5, 1 / 5]]) / 2
    assert (logits.grad - expected).abs().max() < 1e-12
