"""Distances between samples: brute force, closed forms, and no bias."""

import math

import pytest
import torch
from scipy.optimize import linear_sum_assignment

from diffusionbook.metrics.points import mmd, sliced_w2
from diffusionbook.randomness import randn, seeded
from exact import f64


@pytest.mark.equation("eq-sliced-w2")
def test_on_a_line_it_is_the_cheapest_pairing() -> None:
    x, y = randn((40, 1), seeded(0)), 3 * randn((40, 1), seeded(1)) + 1
    cost = (x - y.T).square().numpy()
    expected = math.sqrt(cost[linear_sum_assignment(cost)].mean())
    assert float(sliced_w2(x, y, seeded(2))) == pytest.approx(expected, abs=1e-10)


@pytest.mark.equation("eq-sliced-w2")
def test_each_slice_is_the_cheapest_pairing_of_shadows() -> None:
    x, y = randn((20, 3), seeded(0)), 2 * randn((20, 3), seeded(1))
    theta = randn((3, 7), seeded(2))  # the directions the function draws, before normalisation
    costs = []
    for direction in theta.T:
        direction = direction / direction.square().sum().sqrt()
        cost = ((x @ direction)[:, None] - y @ direction).square().numpy()
        costs.append(cost[linear_sum_assignment(cost)].mean())
    expected = math.sqrt(sum(costs) / 7)
    assert float(sliced_w2(x, y, seeded(2), directions=7)) == pytest.approx(expected, abs=1e-10)


@pytest.mark.equation("eq-sliced-w2")
@pytest.mark.parametrize("d", [2, 5])
def test_a_shift_is_seen_by_each_direction_in_part(d: int) -> None:
    """A shift c moves shadows by c . theta, and E (c . theta)^2 = |c|^2 / d."""
    x, n = randn((10, d), seeded(0)), 20_000
    shift = torch.arange(1, d + 1, dtype=torch.float64)
    size = float(shift.square().sum())
    squared = float(sliced_w2(x, x + shift, seeded(1), directions=n)) ** 2
    spread = size * math.sqrt(3 / (d * (d + 2)) - 1 / d**2)  # of one direction's (c . theta)^2
    assert abs(squared - size / d) < 5 * spread / math.sqrt(n)


def test_the_order_of_the_samples_does_not_matter() -> None:
    x = randn((30, 2), seeded(0))
    assert float(sliced_w2(x, x.flip(0), seeded(1))) < 1e-12


def test_by_default_256_directions_are_drawn() -> None:
    x, y = randn((5, 2), seeded(0)), randn((5, 2), seeded(1))
    assert sliced_w2(x, y, seeded(2)) == sliced_w2(x, y, seeded(2), directions=256)
    assert sliced_w2(x, y, seeded(2)) != sliced_w2(x, y, seeded(2), directions=255)


def test_distances_are_computed_in_float64() -> None:
    x, y = randn((6, 2), seeded(0)).float(), randn((6, 2), seeded(1)).float()
    assert sliced_w2(x, y, seeded(2)).dtype == torch.float64
    assert mmd(x, y, 1.0).dtype == torch.float64
    assert sliced_w2(x, y, seeded(2)) == sliced_w2(x.double(), y.double(), seeded(2))
    assert mmd(x, y, 1.0) == mmd(x.double(), y.double(), 1.0)


def kernel(a, b, bandwidth: float) -> float:
    return math.exp(-float((a - b).square().sum()) / (2 * bandwidth**2))


@pytest.mark.equation("eq-mmd")
@pytest.mark.parametrize(("n", "m"), [(2, 2), (6, 9), (9, 6)])
def test_mmd_by_double_loop(n: int, m: int) -> None:
    x, y = randn((n, 2), seeded(0)), randn((m, 2), seeded(1)) + 0.5
    for h in (0.5, 2.0):
        same_x = [kernel(x[i], x[j], h) for i in range(n) for j in range(n) if i != j]
        same_y = [kernel(y[i], y[j], h) for i in range(m) for j in range(m) if i != j]
        cross = [kernel(a, b, h) for a in x for b in y]
        expected = (
            sum(same_x) / len(same_x) + sum(same_y) / len(same_y) - 2 * sum(cross) / len(cross)
        )
        assert float(mmd(x, y, h)) == pytest.approx(expected, abs=1e-10)


def test_mmd_of_many_points_is_as_exact() -> None:
    """Beyond a few dozen points libraries compute distances by a matrix product."""
    x, y = 100 + 0.1 * randn((60, 2), seeded(0)), 100 + 0.1 * randn((70, 2), seeded(1))
    direct = [
        torch.exp(-(a[:, None] - b).square().sum(-1) / (2 * 0.01)).sum()
        for a, b in ((x, x), (y, y), (x, y))
    ]
    expected = (direct[0] - 60) / (60 * 59) + (direct[1] - 70) / (70 * 69) - 2 * direct[2] / 4200
    assert float(mmd(x, y, 0.1)) == pytest.approx(float(expected), abs=1e-9)


@pytest.mark.equation("eq-mmd")
@pytest.mark.parametrize(("shift", "std"), [(0.0, 1.0), (0.8, 1.0), (0.3, 2.0)])
def test_mmd_is_unbiased_for_gaussians(shift, std, without_shape_checks) -> None:
    """For N(a, s^2 I) and N(b, u^2 I), E k = (h^2 / v)^{d/2} e^{-|a-b|^2 / 2v}, v = h^2+s^2+u^2."""
    h, d, runs = 0.9, 2, 200

    def mean_kernel(variances: float, distance: float) -> float:
        v = h**2 + variances
        return (h**2 / v) ** (d / 2) * math.exp(-(distance**2) / (2 * v))

    same = mean_kernel(2, 0) + mean_kernel(2 * std**2, 0)
    expected = same - 2 * mean_kernel(1 + std**2, shift)
    generator, values = seeded(0), []
    for _ in range(runs):
        x, y = randn((6, d), generator), std * randn((8, d), generator) + f64([shift, 0.0])
        values.append(float(mmd(x, y, h)))
    values = f64(values)
    assert abs(values.mean() - expected) < 5 * values.std() / math.sqrt(runs)
    assert values.min() < 0  # unbiased, so it must be negative at times


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda x: sliced_w2(x, torch.zeros(5, 3), seeded(0)),
            r"x and y must have shapes \(n, d\) and \(m, d\); they have \(4, 2\) and \(5, 3\)",
        ),
        (lambda x: sliced_w2(x[0], x, seeded(0)), r"they have \(2,\) and \(4, 2\)"),
        (lambda x: mmd(x, x[0], 1.0), r"they have \(4, 2\) and \(2,\)"),
        (
            lambda x: sliced_w2(x, torch.zeros(5, 2), seeded(0)),
            "x and y must have the same length; they have 4 and 5",
        ),
        (lambda x: mmd(x, x, 0.0), "bandwidth must be positive; it is 0.0"),
        (lambda x: mmd(x, x, math.nan), "bandwidth must be positive; it is nan"),
        (lambda x: mmd(x[:1], x, 1.0), "two or more samples each; they hold 1 and 4"),
        (lambda x: mmd(x, x[:1], 1.0), "two or more samples each; they hold 4 and 1"),
    ],
)
def test_bad_arguments_are_refused(call, message: str, without_shape_checks) -> None:
    with pytest.raises(ValueError, match=message):
        call(torch.zeros(4, 2))
