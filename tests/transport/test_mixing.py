"""Mixtures of noises are noise: their law, and what a straight line loses."""

import math

import pytest
import torch

from diffusionbook.randomness import randn, seeded
from diffusionbook.transport.mixing import corner_weights, mixed
from exact import f64

pytestmark = pytest.mark.usefixtures("without_shape_checks")
SHARES = torch.linspace(0, 1, 9, dtype=torch.float64)


def along(shares):
    return torch.stack([1 - shares, shares], 1)


@pytest.mark.equation("eq-noise-mix")
def test_a_mixture_is_a_linear_map_that_keeps_the_covariance() -> None:
    """Fed the axes of k noises, it shows its matrix M; the covariance is M M'."""
    weights = torch.cat([along(SHARES), -3 * along(SHARES), f64([[2.0, -5.0]])])
    matrix = mixed(torch.eye(2, dtype=torch.float64), weights)
    assert (matrix.square().sum(1) - 1).abs().max() < 1e-12
    assert (matrix[:, 0] * weights[:, 1] - matrix[:, 1] * weights[:, 0]).abs().max() < 1e-12
    assert (matrix * weights >= 0).all()


@pytest.mark.equation("eq-noise-mix")
def test_mixed_noise_has_the_norms_of_noise_and_a_straight_line_has_not() -> None:
    """Mean squared norms of 4,000 pairs, within five standard errors: d (1 ± √(2 / (d n)))."""
    d, n = 256, 4_000
    a, b = randn((2, n, d), seeded(0), torch.float64)
    for share in SHARES:
        pair = along(share[None])[0]
        straight = pair[0] * a + pair[1] * b
        round_way = mixed(torch.stack([a.flatten(), b.flatten()]), pair[None])[0].reshape(n, d)
        for x, wanted in ((round_way, 1.0), (straight, float(pair.square().sum()))):
            found = float(x.square().sum(1).mean()) / d
            assert found == pytest.approx(wanted, abs=5 * wanted * math.sqrt(2 / (d * n)))
    assert float(along(f64([0.5])).square().sum()) == pytest.approx(0.5)  # √(d / 2) half way


def test_two_noises_at_a_right_angle_go_the_spherical_way() -> None:
    """For a right angle and equal lengths the rule of White is cos and sin of the angle."""
    a, b = f64([3.0, 0.0]), f64([0.0, 3.0])
    found = mixed(torch.stack([a, b]), along(SHARES))
    angle = torch.atan2(found[:, 1], found[:, 0])
    slerp = angle.cos()[:, None] * a + angle.sin()[:, None] * b
    assert (found - slerp).abs().max() < 1e-12
    assert angle.tolist() == pytest.approx(torch.atan2(SHARES, 1 - SHARES).tolist())
    assert (angle.diff() > 0).all() and angle[-1] == pytest.approx(math.pi / 2)


def test_only_the_ratios_of_weights_matter() -> None:
    noises, weights = randn((3, 5), seeded(2)), f64([[1.0, -2.0, 0.5]])
    for size in (1e-200, 1e-3, 1e200):
        assert (mixed(noises, size * weights) - mixed(noises, weights)).abs().max() < 1e-12


def test_ends_and_corners_are_the_noises_themselves() -> None:
    noises = randn((4, 4, 8, 8), seeded(1), torch.float32)
    ends = f64([0.0, 1.0, 0.0, 1.0])
    weights = corner_weights(ends, f64([0.0, 0.0, 1.0, 1.0]))
    assert torch.equal(weights, torch.eye(4, dtype=torch.float64))
    found = mixed(noises, weights)
    assert found.dtype == torch.float32 and torch.equal(found, noises)


def test_the_corners_weigh_by_nearness() -> None:
    found = corner_weights(f64([0.25]), f64([0.5]))
    assert found.tolist() == [[0.375, 0.125, 0.375, 0.125]]


X = torch.zeros(2, 3)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: mixed(X, torch.ones(1, 3)), r"weights must have shape \(b, 2\); it has \(1, 3\)"),
    (lambda: mixed(X, f64([[1, 1], [0, 0]])), r"weights must not be all 0 in a row; row 1 is"),
    (lambda: mixed(X, f64([[1, math.nan]])), "weights must be finite"),
    (lambda: mixed(X / 0, torch.ones(1, 2)), "noises must be finite"),
    (lambda: mixed(X[:0], torch.ones(1, 0)), "noises must hold at least one sample"),
    (lambda: corner_weights(f64([0.5]), f64([1.5])), r"down must lie in \[0, 1\]; it holds 1.5"),
    (lambda: corner_weights(f64([-1]), f64([1])), r"across must lie in \[0, 1\]; it holds -1"),
    (lambda: corner_weights(f64([0, 1]), f64([1])), r"down must have shape \(n,\)"),
    (lambda: corner_weights(f64([]), f64([])), r"across must have shape \(n,\)"),
])  # fmt: skip
def test_bad_input_is_refused(call, message) -> None:
    with pytest.raises(ValueError, match=message):
        call()
