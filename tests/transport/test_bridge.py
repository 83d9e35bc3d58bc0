"""Schrödinger's bridge: its variance, its ends, and that it needs no past."""

import math

import pytest
import torch

from diffusionbook.randomness import randn, seeded
from diffusionbook.transport.optimal.bridge import Bridge, bridge_points, bridge_variance
from diffusionbook.transport.optimal.entropic_gaussians import entropic_cross
from diffusionbook.transport.optimal.log_domain import sinkhorn
from diffusionbook.transport.optimal.plans import squared_distances
from exact import f64

pytestmark = pytest.mark.usefixtures("without_shape_checks")
X, Y = randn((12, 2), seeded(0)), randn((9, 2), seeded(1)) + 1


@pytest.mark.equation("eq-bridge")
@pytest.mark.equation("eq-bridge-variance")
@pytest.mark.parametrize("t", [0.0, 0.25, 0.5, 1.0])
def test_variance_between_gaussians(t: float) -> None:
    """200,000 bridges between ends that are drawn from the entropic plan; five standard errors."""
    a, b, sigma, n = 1.0, 0.6, 0.8, 200_000
    c = float(entropic_cross(f64([[a**2]]), f64([[b**2]]), 2 * sigma**2))
    joint = torch.linalg.cholesky(f64([[a**2, c], [c, b**2]]))
    x, y = (randn((n, 2), seeded(2)) @ joint.mT).unbind(1)
    found = float(bridge_points(x, y, sigma, t, seeded(3)).var())
    wanted = bridge_variance(a, b, sigma, t)
    assert found == pytest.approx(wanted, abs=5 * wanted * math.sqrt(2 / n))


@pytest.mark.equation("eq-bridge")
def test_a_bridge_is_a_line_and_the_noise_that_its_generator_draws() -> None:
    line = 0.7 * X + 0.3 * X.flip(0)
    assert torch.allclose(bridge_points(X, X.flip(0), 0.0, 0.3), line, atol=1e-15)
    found = bridge_points(X, X.flip(0), 2.0, 0.3, seeded(8))
    assert torch.allclose(found, line + 2 * math.sqrt(0.3 * 0.7) * randn((12, 2), seeded(8)))
    bridge, times = Bridge.between(X, Y, 0.7), f64([0.0, 0.4, 0.9])
    walks = [bridge.walk(X, times, seeded(k)) for k in (9, 9, 10)]
    assert torch.equal(walks[0], walks[1]) and not torch.equal(walks[0], walks[2])


@pytest.mark.equation("eq-bridge-variance")
def test_ends_and_the_quiet_limit() -> None:
    assert bridge_variance(1.0, 0.6, 0.8, 0.0) == pytest.approx(1)
    assert bridge_variance(1.0, 0.6, 0.8, 1.0) == pytest.approx(0.36)
    assert bridge_variance(1.0, 0.6, 1e-4, 0.5) == pytest.approx(0.64)  # (½ + .3)²
    middle = [bridge_variance(1.0, 1.0, s, 0.5) for s in (0.1, 1.0, 10.0)]
    assert middle == sorted(middle) and middle[0] == pytest.approx(1.0, abs=1e-4)


@pytest.mark.equation("eq-bridge-drift")
def test_where_it_ends_is_the_entropic_plan() -> None:
    """At time 0 the probable ends of a start are its row of the plan at epsilon = 2 sigma²."""
    sigma = 0.7
    bridge = Bridge.between(X, Y, sigma)
    plan = sinkhorn(squared_distances(X, Y), 2 * sigma**2).plan
    rows = plan / plan.sum(1, keepdim=True)
    assert (bridge.shares(X, 0.0) - rows).abs().max() < 1e-5
    assert (bridge.drift(X, 0.0) - (rows @ Y - X)).abs().max() < 1e-4


def test_it_is_made_of_the_prices_for_the_masses_of_both_sides() -> None:
    a, b = torch.arange(1, 13).double() / 78, torch.arange(1, 10).double() / 45
    bridge = Bridge.between(X, Y, 0.7, a, b)
    found = sinkhorn(squared_distances(X, Y), 2 * 0.7**2, a, b, tolerance=1e-6)
    assert torch.equal(bridge.prices, found.g) and torch.equal(bridge.mass, b)


@pytest.mark.equation("eq-bridge-drift")
def test_the_drift_is_the_gradient_of_what_it_hopes_for() -> None:
    """sigma² ∇ log Σ_j mass_j e^(price_j / epsilon) N(x; y_j, sigma² (1 − t)), by autograd."""
    sigma, t = 0.7, 0.4
    bridge, x = Bridge.between(X, Y, sigma), X.clone().requires_grad_()
    logs = bridge.mass.log() + bridge.prices / (2 * sigma**2)
    logs = logs - (x[:, None] - bridge.ends).square().sum(-1) / (2 * sigma**2 * (1 - t))
    (slope,) = torch.autograd.grad(logs.logsumexp(1).sum(), x)
    assert (bridge.drift(X, t) - sigma**2 * slope).abs().max() < 1e-10


@pytest.mark.equation("eq-bridge-drift")
@pytest.mark.parametrize("steps", [1, 6])
def test_walks_end_at_the_ends_in_their_masses_for_any_number_of_steps(steps: int) -> None:
    n = 2_000
    mass = torch.arange(1, 10).double() / 45
    bridge = Bridge.between(X, Y, 0.7, b=mass)
    starts = X.repeat(n, 1)
    walks = bridge.walk(starts, torch.linspace(0, 1, steps + 1), seeded(4))
    assert walks.shape == (steps + 1, 12 * n, 2) and torch.equal(walks[0], starts)
    squares = squared_distances(walks[-1], Y)
    assert float(squares.min(1).values.max()) < 1e-20
    found = squares.argmin(1).bincount(minlength=9) / (12 * n)
    assert ((found - mass).abs() < 5 * (mass / (12 * n)).sqrt()).all()


@pytest.mark.equation("eq-bridge")
def test_half_way_it_is_where_bridges_between_its_ends_are() -> None:
    """Drawn step by step and drawn from ends at once: the covariances agree to five standard
    errors, for 36,000 walks."""
    sigma, n = 0.7, 3_000
    bridge, starts = Bridge.between(X, Y, 0.7), X.repeat(3_000, 1)
    walked = bridge.walk(starts, torch.linspace(0, 1, 9), seeded(5))[4]
    ends = bridge.walk(starts, f64([0.0, 1.0]), seeded(6))[-1]
    at_once = bridge_points(starts, ends, sigma, 0.5, seeded(7))
    size = float(at_once.var(0).max())
    off = (walked.mT.cov() - at_once.mT.cov()).abs().max()
    assert float(off) < 5 * size * math.sqrt(4 / (12 * n))


@pytest.mark.parametrize(("call", "message"), [
    (lambda: bridge_variance(0.0, 1.0, 1.0, 0.5), "a must be positive; it is 0"),
    (lambda: bridge_variance(1.0, 1.0, -1.0, 0.5), "sigma must be positive"),
    (lambda: bridge_variance(1.0, 1.0, 1.0, 1.5), r"t must lie in \[0.0, 1.0\]; it is 1.5"),
    (lambda: bridge_points(X, Y, 1.0, 0.5), r"y must have the shape of x, \(12, 2\)"),
    (lambda: bridge_points(X, X, -1.0, 0.5), "sigma must lie in"),
    (lambda: bridge_points(X, X / 0, 1.0, 0.5), "y must be finite"),
    (lambda: Bridge.between(X, Y, 0.0), "sigma must be positive; it is 0"),
    (lambda: Bridge.between(X, Y[0], 1.0), r"y must have shape \(b, d\)"),
    (lambda: Bridge.between(X, Y, 1.0).drift(X, 1.0), r"t must lie in \[0, 1\); it is 1.0"),
    (lambda: Bridge.between(X, Y, 1.0).drift(X, -0.1), r"t must lie in \[0, 1\); it is -0.1"),
    (lambda: Bridge.between(X, Y, 1.0).walk(X, f64([0.5, 0.5])), "times must be two or more"),
    (lambda: Bridge.between(X, Y, 1.0).walk(X, f64([0.5])), "times must be two or more"),
    (lambda: Bridge.between(X, Y, 1.0).walk(X, f64([-0.1, 0.5])), r"times must lie in \[0.0"),
    (lambda: Bridge(Y, Y[:, 0], torch.ones(9).double(), 1.0), "mass must sum to 1; it sums to 9"),
    (lambda: Bridge(Y, Y[:, 0] / 0, torch.ones(9).double() / 9, 1.0), "prices must be finite"),
    (lambda: Bridge.between(X, Y, 1.0).walk(X, f64([0.5, 0.2])), "times must be two or more"),
    (lambda: Bridge.between(X, Y, 1.0).walk(X, f64([0.5, 1.2])), "times must lie in"),
])  # fmt: skip
def test_bad_input_is_refused(call, message) -> None:
    with pytest.raises(ValueError, match=message):
        call()
