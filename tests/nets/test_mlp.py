"""The time embedding and the MLP, against values worked out by hand."""

import math

import pytest
import torch

from diffusionbook.nets.embeddings import FourierFeatures
from diffusionbook.nets.mlp import MLP
from diffusionbook.randomness import randn, seeded
from exact import f64


@pytest.mark.equation("eq-time-embedding")
@pytest.mark.parametrize(
    ("features", "highest", "frequencies"),
    [(4, 100.0, [1, 100]), (6, 100.0, [1, 10, 100]), (8, 1000.0, [1, 10, 100, 1000])],
)
def test_sines_and_cosines_of_geometric_frequencies(features, highest, frequencies) -> None:
    t = f64([0.0, 0.001, 0.3, 1.0])
    out = FourierFeatures(features, highest)(t)
    assert out.shape == (4, features)
    for row, time in zip(out.tolist(), t.tolist(), strict=True):
        expected = [f(w * time) for f in (math.sin, math.cos) for w in frequencies]
        assert row == pytest.approx(expected, abs=1e-3)  # frequencies are float32


def test_the_fastest_frequency_by_default() -> None:
    assert FourierFeatures(4).frequencies.tolist() == pytest.approx([1, 1000], rel=1e-5)


def test_frequencies_are_no_part_of_the_weights() -> None:
    embedding = FourierFeatures(8)
    assert not embedding.state_dict() and not list(embedding.parameters())
    assert "frequencies" in dict(embedding.named_buffers())  # so .to(device) moves them


@pytest.mark.parametrize("features", [2, 5])
def test_features_must_be_even_and_enough(features: int) -> None:
    with pytest.raises(ValueError, match=f"features must be even and at least 4; it is {features}"):
        FourierFeatures(features)


@pytest.mark.parametrize("highest", [1.0, 0.5, math.nan])
def test_the_fastest_frequency_exceeds_the_slowest(highest: float) -> None:
    with pytest.raises(ValueError, match=f"max_frequency must exceed 1; it is {highest}"):
        FourierFeatures(8, highest)
    assert FourierFeatures(8, 1.5).frequencies.max() == pytest.approx(1.5)


def silu(x: torch.Tensor) -> torch.Tensor:
    return x / (1 + torch.exp(-x))


@pytest.mark.equation("eq-time-embedding")
@pytest.mark.parametrize("depth", [1, 3])
def test_the_mlp_is_its_layers_by_hand(depth: int) -> None:
    net = MLP(2, 5, depth, time_features=4, point_features=6, generator=seeded(0))
    x, t = randn((3, 2), seeded(1), torch.float32), torch.tensor([0.1, 0.5, 1.0])
    parts = [x]
    slow = torch.tensor([1.0, 4.0, 16.0])
    for wave in (x[:, :1] * slow, x[:, 1:] * slow, t[:, None] * torch.tensor([1.0, 100.0])):
        parts += [torch.sin(wave), torch.cos(wave)]
    h = torch.cat(parts, 1)
    weights = list(net.parameters())
    assert [tuple(w.shape) for w in weights] == (
        [(5, 2 + 2 * 6 + 4), (5,)] + [(5, 5), (5,)] * (depth - 1) + [(2, 5), (2,)]
    )
    for w, b in zip(weights[:-2:2], weights[1:-2:2], strict=True):
        h = silu(h @ w.T + b)
    expected = h @ weights[-2].T + weights[-1]
    assert (net(x, t) - expected).abs().max() < 1e-5


def test_the_books_mlp() -> None:
    net = MLP()
    shapes = [tuple(w.shape) for w in net.parameters() if w.ndim == 2]
    assert shapes == [(128, 2 + 2 * 20 + 32), (128, 128), (128, 128), (2, 128)]
    assert net(torch.zeros(3, 2), torch.zeros(3)).shape == (3, 2)


def test_initial_weights_are_uniform_within_the_fan_in() -> None:
    net = MLP(width=256, generator=seeded(0))
    for layer in net.layers:
        if not isinstance(layer, torch.nn.Linear):
            continue
        bound = 1 / math.sqrt(layer.in_features)
        for values in (layer.weight.flatten(), layer.bias):
            n = values.numel()
            assert values.abs().max() <= bound
            assert abs(values.mean()) < 5 * bound / math.sqrt(3 * n)
            second = bound**2 / 3
            assert abs(values.square().mean() - second) < 5 * bound**2 * math.sqrt(4 / 45 / n)


def test_the_generator_decides_the_weights() -> None:
    one, same, other = (MLP(generator=seeded(seed)) for seed in (0, 0, 1))
    for a, b, c in zip(one.parameters(), same.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b) and not torch.equal(a, c)


@pytest.mark.parametrize("name", ["dim", "width", "depth"])
def test_sizes_are_positive(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} must be at least 1; it is 0"):
        MLP(**{name: 0})
    assert MLP(**{name: 1})(torch.zeros(2, 1 if name == "dim" else 2), torch.zeros(2)).shape[0] == 2
