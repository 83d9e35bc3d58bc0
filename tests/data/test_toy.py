"""The planar data laws: where their points lie, how often, and with which labels."""

import math

import pytest
import torch
from models import EYE

from diffusionbook.data.toy import (
    checkerboard,
    moons_mixture,
    ring_mixture,
    spiral_mixture,
    trio_mixture,
)
from diffusionbook.randomness import seeded
from exact import f64


def archimedes(theta: float, factor: float) -> float:
    """The length of r = factor * theta from 0 to theta, in closed form."""
    return factor / 2 * (theta * math.hypot(1, theta) + math.asinh(theta))


@pytest.mark.parametrize(("components", "turns"), [(200, 2.0), (50, 1.0)])
def test_the_spiral_is_equally_spaced_along_archimedes_curve(components, turns) -> None:
    law = spiral_mixture(components, turns)
    end = 2 * math.pi * (turns + 0.25)
    radius = law.means.norm(dim=1)
    theta = radius * end / 2  # r = 2 theta / theta_max
    on_curve = radius[:, None] * torch.stack([theta.cos(), theta.sin()], 1)
    assert (law.means - on_curve).abs().max() < 1e-4  # the curve is followed by short chords
    assert (law.means[0] - f64([0.0, math.pi / end])).abs().max() < 1e-12  # a quarter turn out
    tip = f64([2 * math.cos(end), 2 * math.sin(end)])
    assert (law.means[-1] - tip).abs().max() < 1e-12
    length = f64([archimedes(t, 2 / end) for t in theta.tolist()])
    gaps = length.diff()
    assert (gaps / gaps.mean() - 1).abs().max() < 1e-3


def test_the_books_spiral() -> None:
    law = spiral_mixture()
    assert law.means.shape == (200, 2)
    assert (law.weights - 1 / 200).abs().max() < 1e-15
    assert torch.equal(law.covs, (0.06**2 * EYE).expand(200, 2, 2))
    assert law.labels.unique().tolist() == [0]
    assert float(law.means[0].norm()) == pytest.approx(2 / 9, abs=1e-6)  # a quarter of 2 1/4 turns


def test_the_moons_are_two_half_circles_facing_each_other() -> None:
    law = moons_mixture()
    assert law.means.shape == (120, 2)
    assert law.labels.tolist() == [0] * 60 + [1] * 60
    assert torch.equal(law.covs, (0.1**2 * EYE).expand(120, 2, 2))
    assert (law.weights - 1 / 120).abs().max() < 1e-15
    upper, lower = law.means[:60], law.means[60:]
    assert torch.allclose(lower, -upper)
    arm = (upper - f64([-0.6, -0.3])) / 1.2
    angle = torch.atan2(arm[:, 1], arm[:, 0])
    assert (arm[0] - f64([1.0, 0.0])).abs().max() < 1e-12
    assert (arm[-1] - f64([-1.0, 0.0])).abs().max() < 1e-12
    assert (arm.norm(dim=1) - 1).abs().max() < 1e-5
    assert (angle - torch.linspace(0, math.pi, 60, dtype=torch.float64)).abs().max() < 1e-5
    # interleaved: each moon's tip lies inside the other
    assert float((upper[0] - f64([0.6, 0.3])).norm()) < 1.2


def test_the_ring() -> None:
    law = ring_mixture(modes=6, radius=2.0, std=0.3)
    for k in range(6):
        expected = f64([2 * math.cos(k * math.pi / 3), 2 * math.sin(k * math.pi / 3)])
        assert (law.means[k] - expected).abs().max() < 1e-12
        assert (law.covs[k] - 0.09 * EYE).abs().max() < 1e-15
    assert law.labels.tolist() == list(range(6))
    assert (law.weights - 1 / 6).abs().max() < 1e-15


def test_the_books_ring_has_eight_modes_apart() -> None:
    law = ring_mixture()
    assert law.means.shape == (8, 2)
    assert (law.means.norm(dim=1) - 1.5).abs().max() < 1e-12
    gaps = torch.pdist(law.means)
    assert float(gaps.min()) == pytest.approx(2 * 1.5 * math.sin(math.pi / 8), abs=1e-12)
    assert float(law.covs[0, 0, 0]) == pytest.approx(0.0225, abs=1e-12)


def test_the_trio_by_its_moments() -> None:
    """Means (-1.2, -.6), (.9, -.8), (.3, 1.2) with weights .5, .3, .2, worked out by hand."""
    law = trio_mixture()
    assert law.labels.tolist() == [0, 1, 2]
    assert (law.mean() - f64([-0.27, -0.30])).abs().max() < 1e-12
    within = f64([[0.148, -0.011], [-0.011, 0.099]])
    between = f64([[0.72 + 0.243 + 0.018, 0.36 - 0.216 + 0.072], [0.0, 0.18 + 0.192 + 0.288]])
    between[1, 0] = between[0, 1]
    mean = f64([-0.27, -0.30])
    assert (law.cov() - (within + between - torch.outer(mean, mean))).abs().max() < 1e-12
    assert torch.equal(law.covs, law.covs.mT)


def test_nothing_about_the_trio_is_symmetric() -> None:
    law = trio_mixture()
    spectra = torch.linalg.eigvalsh(law.covs)
    assert len({round(float(v), 6) for v in spectra.flatten()}) == 6
    assert spectra.min() > 0
    assert len({round(float(w), 6) for w in law.weights}) == 3
    assert len({round(float(d), 6) for d in torch.pdist(law.means)}) == 3


def test_the_checkerboard_is_uniform_on_its_dark_squares() -> None:
    n = 80_000
    x = checkerboard(n, seeded(0))
    assert x.shape == (n, 2) and x.dtype == torch.float64
    assert x.min() >= -2 and x.max() < 2
    square = x.floor()
    assert (square.sum(1) % 2 == 0).all()
    corners, counts = square.unique(dim=0, return_counts=True)
    assert len(corners) == 8
    assert (counts / n - 1 / 8).abs().max() < 5 * math.sqrt(7 / 64 / n)
    inside = x - square
    assert (inside.mean(0) - 1 / 2).abs().max() < 5 * math.sqrt(1 / 12 / n)
    assert (inside.square().mean(0) - 1 / 3).abs().max() < 5 * math.sqrt((1 / 5 - 1 / 9) / n)
    product = (inside - 0.5).prod(1).mean()
    assert abs(product) < 5 / 12 / math.sqrt(n)


def test_the_generator_decides() -> None:
    assert torch.equal(checkerboard(9, seeded(1)), checkerboard(9, seeded(1)))
    assert not torch.equal(checkerboard(9, seeded(1)), checkerboard(9, seeded(2)))
    assert checkerboard(1, seeded(0)).shape == (1, 2)


def test_two_components_are_the_ends_of_the_curve() -> None:
    law = spiral_mixture(components=2, turns=1.0)
    assert (law.means[1] - f64([0.0, 2.0])).abs().max() < 1e-6  # 1 1/4 turns end upwards
    assert (law.means[0] - f64([0.0, 0.4])).abs().max() < 1e-6


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: checkerboard(0, None), "n must be at least 1; it is 0"),
        (lambda: spiral_mixture(components=1), "components must be at least 2; it is 1"),
        (lambda: spiral_mixture(std=0.0), "std must be positive; it is 0.0"),
        (lambda: moons_mixture(components=5), "components must be even.* it is 5"),
        (lambda: moons_mixture(components=2), "components must be at least 2; it is 1"),
    ],
)
def test_bad_arguments_are_refused(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
