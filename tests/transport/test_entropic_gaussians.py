"""Entropic plans between Gaussians."""

import math

import pytest
import torch

from diffusionbook.transport.optimal.entropic_gaussians import (
    entropic_cross,
    entropic_value,
    fitted_variance,
)
from diffusionbook.transport.optimal.gaussians import bures_cost, bures_map
from diffusionbook.transport.optimal.log_domain import sinkhorn
from exact import f64

pytestmark = pytest.mark.usefixtures("without_shape_checks")
A, B = f64([[1.0, 0.3], [0.3, 0.5]]), f64([[0.6, -0.35], [-0.35, 1.4]])
EYE = torch.eye(2, dtype=torch.float64)


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


@pytest.mark.parametrize(("call", "message"), [
    (lambda: entropic_cross(A, B, 0.0), "epsilon must be positive; it is 0"),
    (lambda: entropic_value(A, B, math.inf), "epsilon must be finite"),
    (lambda: fitted_variance(-1.0, 1.0), "variance must be positive; it is -1"),
    (lambda: fitted_variance(1.0, 0.0), "epsilon must be positive"),
])  # fmt: skip
def test_bad_input_is_refused(call, message) -> None:
    with pytest.raises(ValueError, match=message):
        call()
