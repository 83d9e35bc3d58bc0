"""Transport between Gaussians: maps, costs, barycentres, entropic plans and minibatches."""

import math

import numpy as np
import pytest
import torch

from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.randomness import randn, seeded
from diffusionbook.transport.optimal.gaussians import (
    barycentre,
    bures_cost,
    bures_map,
    entropic_cross,
    entropic_value,
    fitted_variance,
    line_energy,
    minibatch_correlation,
    minibatch_cost,
    root,
)
from diffusionbook.transport.optimal.lines import carried, line_velocity
from diffusionbook.transport.optimal.log_domain import sinkhorn
from exact import f64

pytestmark = pytest.mark.usefixtures("without_shape_checks")
A, B = f64([[1.0, 0.3], [0.3, 0.5]]), f64([[0.6, -0.35], [-0.35, 1.4]])
EYE = torch.eye(2, dtype=torch.float64)
FLAT = torch.diag(f64([1.0, 0.1]))
TURN = f64([[math.cos(math.pi / 6), -0.5], [0.5, math.cos(math.pi / 6)]])


def cost_of(m):
    """E|x − m x|² for x from N(0, A)."""
    return float(((EYE - m) @ A @ (EYE - m).mT).trace())


@pytest.mark.equation("eq-bures-map")
@pytest.mark.equation("eq-bures")
def test_the_map_is_symmetric_positive_arrives_and_costs_the_least() -> None:
    t = bures_map(A, B)
    assert (t @ A @ t - B).abs().max() < 1e-12 and (t - t.mT).abs().max() < 1e-12
    assert float(torch.linalg.eigvalsh(t)[0]) > 0
    assert cost_of(t) == pytest.approx(bures_cost(A, B), abs=1e-12)
    for angle in torch.linspace(-3, 3, 25).double():  # every other linear map that arrives
        c, s = float(angle.cos()), float(angle.sin())
        turned = root("B", B) @ f64([[c, -s], [s, c]]) @ torch.linalg.inv(root("A", A))
        assert (turned @ A @ turned.mT - B).abs().max() < 1e-12
        assert cost_of(turned) >= bures_cost(A, B) - 1e-12


@pytest.mark.equation("eq-bures")
def test_where_covariances_commute_roots_are_subtracted() -> None:
    assert bures_cost(FLAT, 4 * FLAT) == pytest.approx(1.1)
    assert bures_cost(A, A) == pytest.approx(0, abs=1e-12)
    assert bures_cost(A, B) == pytest.approx(bures_cost(B, A))


@pytest.mark.equation("eq-barycentre")
def test_a_barycentre_is_nearer_than_its_neighbours() -> None:
    shares = f64([0.3, 0.7])
    found = barycentre(torch.stack([A, B]), shares)

    def far(s):
        return float(shares @ f64([bures_cost(s, A), bures_cost(s, B)]))

    for k in range(10):
        nudge = 0.02 * randn((2, 2), seeded(k))
        assert far(found + nudge + nudge.mT) > far(found)
    t = bures_map(A, B)  # on the way from A to B, 0.7 of it
    way = 0.3 * EYE + 0.7 * t
    assert (found - way @ A @ way).abs().max() < 1e-9


@pytest.mark.equation("eq-benamou-brenier")
def test_the_straight_way_of_the_map_spends_the_squared_distance() -> None:
    """∫ E|v|² dt of x → ((1 − t) I + t T) x, by 400 midpoints; the lines' own flow spends more."""
    t_map, spent = bures_map(A, B), []
    for t in (torch.arange(400).double() + 0.5) / 400:
        now = (1 - t) * EYE + t * t_map
        v = (t_map - EYE) @ torch.linalg.inv(now)
        spent.append(float((v @ now @ A @ now @ v.mT).trace()))
    assert sum(spent) / 400 == pytest.approx(bures_cost(A, B), abs=1e-12)
    assert flow_energy(A, B) > bures_cost(A, B) + 0.1


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


@pytest.mark.equation("eq-entropic-gaussian")
@pytest.mark.equation("eq-entropic-value")
@pytest.mark.parametrize("epsilon", [0.5, 2.0])
def test_the_entropic_plan_on_a_grid(epsilon: float) -> None:
    """Sinkhorn's iterations on 161 points of a line; variances 1 and .64."""
    z = torch.linspace(-6, 6, 161, dtype=torch.float64)
    a, b = ((-(z**2) / (2 * v)).softmax(0) for v in (1.0, 0.64))
    found = sinkhorn((z[:, None] - z).square(), epsilon, a, b, tolerance=1e-11)
    one, other = f64([[1.0]]), f64([[0.64]])
    cross = float((found.plan * z[:, None] * z).sum())
    assert cross == pytest.approx(float(entropic_cross(one, other, epsilon)), abs=1e-6)
    assert found.value == pytest.approx(entropic_value(one, other, epsilon), abs=1e-6)


@pytest.mark.equation("eq-entropic-gaussian")
@pytest.mark.equation("eq-entropic-value")
def test_the_entropic_plan_is_stationary_and_its_precision_is_brownian() -> None:
    epsilon = 0.7
    cross = entropic_cross(A, B, epsilon).requires_grad_()
    inner = EYE - torch.linalg.solve(A, cross) @ torch.linalg.solve(B, cross.mT)
    value = (A + B).trace() - 2 * cross.trace() - epsilon / 2 * inner.logdet()
    (slope,) = torch.autograd.grad(value, cross)
    assert slope.abs().max() < 1e-10
    assert float(value.detach()) == pytest.approx(entropic_value(A, B, epsilon))
    cross = cross.detach()
    joint = torch.cat([torch.cat([A, cross], 1), torch.cat([cross.mT, B], 1)])
    assert (torch.linalg.inv(joint)[:2, 2:] + 2 / epsilon * EYE).abs().max() < 1e-10


def test_a_small_temperature_gives_the_optimal_plan_and_a_large_one_none() -> None:
    assert (entropic_cross(A, B, 1e-7) - A @ bures_map(A, B)).abs().max() < 1e-6
    assert entropic_value(A, B, 1e-7) == pytest.approx(bures_cost(A, B), abs=1e-4)
    assert entropic_cross(A, B, 1e6).abs().max() < 1e-5


@pytest.mark.equation("eq-entropic-collapse")
@pytest.mark.parametrize("epsilon", [0.2, 1.0, 1.9, 2.0, 5.0])
def test_the_entropic_fit_shrinks_and_collapses(epsilon: float) -> None:
    """The least value over a fine grid of variances, against the formula, for variance 1."""
    grid = torch.cat([f64([1e-6]), torch.arange(1, 401).double() / 200])
    one = f64([[1.0]])
    values = [entropic_value(one, v.reshape(1, 1), epsilon) for v in grid]
    best = float(grid[values.index(min(values))])
    assert best == pytest.approx(fitted_variance(1.0, epsilon), abs=6e-3)


@pytest.mark.equation("eq-minibatch")
def test_pairs_by_rank_in_small_batches() -> None:
    wanted = {1: 0.0, 2: 1 / math.pi, 4: 0.574, 16: 0.859, 64: 0.959, 256: 0.989}
    for n, value in wanted.items():
        assert minibatch_correlation(n) == pytest.approx(value, abs=6e-4 if n > 2 else 1e-10)
    assert minibatch_cost(1) == 2 and minibatch_cost(2_000) < 5e-3


@pytest.mark.equation("eq-minibatch")
def test_pairs_by_rank_as_they_are_drawn() -> None:
    """20,000 batches of 5, within 5 standard errors of the mean product."""
    x, y = (randn((20_000, 5), seeded(k)).sort(1).values for k in (0, 1))
    each = (x * y).mean(1)
    error = 5 * float(each.std()) / 20_000**0.5
    assert float(each.mean()) == pytest.approx(minibatch_correlation(5), abs=error)


SKEW = f64([[1.0, 0.5], [0.0, 1.0]])


@pytest.mark.parametrize(("call", "message"), [
    (lambda: bures_map(SKEW, B), "a must be symmetric"),
    (lambda: bures_map(A, -B), "b must be positive definite"),
    (lambda: bures_cost(A, B[:1, :1]), r"b must have the shape of a, \(2, 2\)"),
    (lambda: bures_cost(A * math.nan, B), "a must be finite"),
    (lambda: root("a", A[0]), r"a must have shape \(d, d\)"),
    (lambda: barycentre(A), r"covariances must have shape \(k, d, d\)"),
    (lambda: barycentre(A[None], f64([2.0])), "weights must sum to 1; it sums to 2"),
    (lambda: barycentre(A[None], tolerance=0.0), "tolerance must be positive"),
    (lambda: barycentre(A[None], most=0), "most must be at least 1"),
    (lambda: entropic_cross(A, B, 0.0), "epsilon must be positive; it is 0"),
    (lambda: entropic_value(A, B, math.inf), "epsilon must be finite"),
    (lambda: fitted_variance(-1.0, 1.0), "variance must be positive; it is -1"),
    (lambda: fitted_variance(1.0, 0.0), "epsilon must be positive"),
    (lambda: line_energy(-1.0), "std must be positive; it is -1"),
    (lambda: line_energy(math.inf), "std must be finite"),
    (lambda: minibatch_correlation(0), "n must be at least 1"),
    (lambda: minibatch_cost(2.5), "n must be a whole number; it is 2.5"),
    (lambda: minibatch_cost(100_001), r"n must lie in \[1, 100000\]"),
])  # fmt: skip
def test_bad_input_is_refused(call, message) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_what_is_symmetric_but_for_rounding_is_taken() -> None:
    off = f64([[0.0, 1e-10], [0.0, 0.0]])
    assert (root("a", A + off) - root("a", A + off.mT)).abs().max() < 1e-15
    for way in (off, off.mT):
        with pytest.raises(ValueError, match="a must be symmetric"):
            root("a", A + 20 * way)


def test_barycentres_and_lines_are_as_exact_as_they_say_by_default() -> None:
    both, laws = torch.stack([A, B]), [GaussianMixture.normal(torch.zeros(2), c) for c in (A, B)]
    assert torch.equal(barycentre(both), barycentre(both, tolerance=1e-12, most=1_000))
    assert not torch.equal(barycentre(both), barycentre(both, tolerance=1e-11))
    assert torch.equal(carried(*laws, EYE), carried(*laws, EYE, 100))


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


def test_a_barycentre_that_still_moves_is_not_returned() -> None:
    with pytest.raises(RuntimeError, match="most: after 1 iterations"):
        barycentre(torch.stack([A, B]), most=1)
