"""The flow of independent lines between two laws: its velocity, its energy, its arrival."""

import math

import numpy as np
import pytest
import torch

from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.randomness import seeded
from diffusionbook.transport.optimal.gaussians import bures_cost
from diffusionbook.transport.optimal.lines import carried, line_energy, line_velocity
from exact import f64

pytestmark = pytest.mark.usefixtures("without_shape_checks")
EYE = torch.eye(2, dtype=torch.float64)
FLAT = torch.diag(f64([1.0, 0.1]))
TURN = f64([[math.cos(math.pi / 6), -0.5], [0.5, math.cos(math.pi / 6)]])


def flow_energy(a, b) -> float:
    """∫ E|u|² dt of the flow of independent lines, by Gauss–Legendre's rule."""
    nodes, weights = np.polynomial.legendre.leggauss(60)
    total = 0.0
    for t, w in zip((nodes + 1) / 2, weights / 2, strict=True):
        law = [GaussianMixture.normal(torch.zeros(len(a)), c) for c in (a, b)]
        u = line_velocity(*law, torch.eye(len(a)).double(), float(t)).mT
        total += w * float((u @ ((1 - t) ** 2 * a + t**2 * b) @ u.mT).trace())
    return total


@pytest.mark.equation("eq-line-energy")
@pytest.mark.parametrize("s", [0.3, 1.0, 2.5])
def test_the_energy_of_independent_lines(s: float) -> None:
    wanted = flow_energy(f64([[1.0]]), f64([[s**2]]))
    assert line_energy(s) == pytest.approx(wanted, abs=1e-10)
    assert line_energy(s) > (1 - s) ** 2


@pytest.mark.equation("eq-benamou-brenier")
def test_the_flow_of_lines_spends_more_than_the_squared_distance() -> None:
    a, b = f64([[1.0, 0.3], [0.3, 0.5]]), f64([[0.6, -0.35], [-0.35, 1.4]])
    assert flow_energy(a, b) > bures_cost(a, b) + 0.1


@pytest.mark.equation("eq-line-velocity")
def test_velocities_of_lines_solve_the_continuity_equation_in_the_mean() -> None:
    """Both moments of what is carried arrive, for mixtures: 20,000 draws, 5 standard errors."""
    a = GaussianMixture(f64([0.3, 0.7]), f64([[0.0, 1.0], [1.0, 0.0]]), f64([0.2, 0.3]))
    b = GaussianMixture(f64([0.6, 0.4]), f64([[2.0, 0.0], [-2.0, 1.0]]), f64([0.1, 0.4]))
    n = 20_000
    found = carried(a, b, a.sample(n, seeded(0)), 20)
    spread = b.cov().diagonal().sqrt()
    assert ((found.mean(0) - b.mean()).abs() < 5 * spread / n**0.5).all()
    assert (found.mT.cov() - b.cov()).abs().max() < 5 * float(spread.max()) ** 2 * (2 / n) ** 0.5


@pytest.mark.equation("eq-line-velocity")
def test_a_velocity_is_the_mean_of_the_lines_through_a_place() -> None:
    """Lines that pass within .1 of a place at t = .4: means of thousands, 5 standard errors."""
    a = GaussianMixture(f64([0.5, 0.5]), f64([[-1.0], [1.0]]), f64([0.1, 0.1]))
    b = GaussianMixture(f64([0.3, 0.7]), f64([[0.0], [2.0]]), f64([0.2, 0.1]))
    x, y = a.sample(400_000, seeded(1)), b.sample(400_000, seeded(2))
    near = ((0.6 * x + 0.4 * y - 0.5).abs() < 0.05)[:, 0]
    lines = (y - x)[near]
    wanted = float(line_velocity(a, b, f64([[0.5]]), 0.4))
    assert float(lines.mean()) == pytest.approx(wanted, abs=5 * float(lines.std()) / 1e2)


def test_rectified_flow_stops_short_of_the_optimal_map() -> None:
    """Two thin Gaussians at 30 degrees: the flow of the lines is straight after one reflow, since
    its map has positive eigenvalues, and costs twice as much as it could."""
    other = TURN @ FLAT @ TURN.mT
    laws = [GaussianMixture.normal(torch.zeros(2), c) for c in (FLAT, other)]
    m = carried(*laws, EYE, 200).mT
    assert (m @ FLAT @ m.mT - other).abs().max() < 1e-8
    values = torch.linalg.eigvals(m)
    assert float(values.imag.abs().max()) < 1e-12 and float(values.real.min()) > 0
    cost = float(((EYE - m) @ FLAT @ (EYE - m).mT).trace())
    assert cost > 2.1 * bures_cost(FLAT, other)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: line_energy(-1.0), "std must be positive; it is -1"),
    (lambda: line_energy(math.inf), "std must be finite"),
])  # fmt: skip
def test_bad_input_is_refused(call, message) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_bad_lines_are_refused() -> None:
    line, plane = (GaussianMixture.normal(torch.zeros(d), 1.0) for d in (1, 2))
    for call, message in (
        (lambda: line_velocity(line, plane, EYE[:, :1], 0.5), "b must have the dimension of a, 1"),
        (lambda: line_velocity(line, line, EYE, 0.5), r"x must have shape \(b, 1\)"),
        (lambda: line_velocity(plane, plane, EYE, 1.5), r"t must lie in \[0.0, 1.0\]"),
        (lambda: line_velocity(plane, plane, EYE / 0, 0.5), "x must be finite"),
        (lambda: carried(plane, plane, EYE, 0), "steps must be at least 1"),
    ):
        with pytest.raises(ValueError, match=message):
            call()


@pytest.mark.equation("eq-line-velocity")
@pytest.mark.parametrize("t", [0.0, 0.3, 1.0])
def test_a_velocity_on_a_line_by_hand(t: float) -> None:
    """Bayes' rule over the pairs of components, and for each pair the regression of y − x."""
    a, b = [(0.2, -1.0, 0.5), (0.8, 1.5, 0.3)], [(0.6, 0.0, 0.2), (0.3, 2.0, 1.1), (0.1, -3.0, 0.7)]
    laws = [GaussianMixture(*(f64(list(part)) for part in (w, [[m] for m in ms], v)))
            for w, ms, v in (zip(*a, strict=True), zip(*b, strict=True))]
    for place in (-1.2, 0.4, 2.0):
        above = below = 0.0
        for (w, m, v), (u, n, s) in ((one, other) for one in a for other in b):
            mean, variance = (1 - t) * m + t * n, (1 - t) ** 2 * v + t**2 * s
            chance = w * u * math.exp(-((place - mean) ** 2) / (2 * variance)) / variance**0.5
            slope = (t * s - (1 - t) * v) / variance
            above += chance * (n - m + slope * (place - mean))
            below += chance
        assert float(line_velocity(*laws, f64([[place]]), t)) == pytest.approx(above / below)


def test_lines_are_carried_in_a_hundred_steps_by_default() -> None:
    laws = [GaussianMixture.normal(torch.zeros(2), c) for c in (FLAT, TURN @ FLAT @ TURN.mT)]
    assert torch.equal(carried(*laws, EYE), carried(*laws, EYE, 100))
