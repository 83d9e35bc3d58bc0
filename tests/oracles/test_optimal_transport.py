"""Exact and entropic plans, and Gaussians, beside POT."""

import pytest
import torch

from diffusionbook.randomness import randn, seeded
from diffusionbook.transport.optimal import (
    barycentre,
    bures_cost,
    bures_map,
    kantorovich,
    sinkhorn,
    sinkhorn_divergence,
    squared_distances,
)
from exact import f64

X, Y = randn((20, 2), seeded(0)), randn((15, 2), seeded(1)) + 0.5
COST = squared_distances(X, Y)
A, B = torch.full((20,), 1 / 20, dtype=torch.float64), torch.arange(1, 16).double() / 120
FIRST, SECOND = f64([[1.0, 0.3], [0.3, 0.5]]), f64([[0.6, -0.35], [-0.35, 1.4]])


@pytest.mark.equation("eq-kantorovich")
def test_exact_plans(ot) -> None:
    expected = ot.emd2(A.numpy(), B.numpy(), COST.numpy())
    assert kantorovich(COST, A, B).value == pytest.approx(expected, abs=1e-10)


@pytest.mark.equation("eq-entropic")
@pytest.mark.equation("eq-sinkhorn")
@pytest.mark.parametrize("epsilon", [2.0, 0.2])
def test_entropic_plans(ot, epsilon: float) -> None:
    """Their ``reg`` is our epsilon, and their cost is what we hand them: the square, undivided."""
    expected = ot.sinkhorn(A.numpy(), B.numpy(), COST.numpy(), reg=epsilon, method="sinkhorn_log",
                           stopThr=1e-13, numItermax=100_000)
    found = sinkhorn(COST, epsilon, A, B, tolerance=1e-12).plan
    assert (found - f64(expected)).abs().max() < 1e-8


@pytest.mark.equation("eq-sinkhorn-divergence")
def test_divergence(ot) -> None:
    """Theirs adds up what the three plans cost, without their entropies."""
    expected = ot.bregman.empirical_sinkhorn_divergence(X.numpy(), Y.numpy(), reg=1.0,
                                                        stopThr=1e-12, numIterMax=100_000)
    costs, values = [], []
    for p, q in ((X, Y), (X, X), (Y, Y)):
        cost = squared_distances(p, q)
        found = sinkhorn(cost, 1.0, tolerance=1e-12)
        costs.append(float((found.plan * cost).sum()))
        values.append(found.value)
    assert costs[0] - (costs[1] + costs[2]) / 2 == pytest.approx(float(expected), abs=1e-8)
    ours = sinkhorn_divergence(X, Y, 1.0)
    assert ours == pytest.approx(values[0] - (values[1] + values[2]) / 2, abs=1e-8)


@pytest.mark.equation("eq-bures")
@pytest.mark.equation("eq-bures-map")
def test_gaussians(ot) -> None:
    zero = torch.zeros(2).double().numpy()
    told = [zero, zero, FIRST.numpy(), SECOND.numpy()]
    assert bures_cost(FIRST, SECOND) == pytest.approx(
        float(ot.gaussian.bures_wasserstein_distance(*told)) ** 2, abs=1e-8)
    expected, _ = ot.gaussian.bures_wasserstein_mapping(*told)
    assert (bures_map(FIRST, SECOND) - f64(expected)).abs().max() < 1e-8


@pytest.mark.equation("eq-barycentre")
def test_barycentres(ot) -> None:
    covs = torch.stack([FIRST, SECOND])
    _, expected = ot.gaussian.bures_wasserstein_barycenter(
        torch.zeros(2, 2).double().numpy(), covs.numpy(), f64([0.3, 0.7]).numpy(), eps=1e-12)
    assert (barycentre(covs, f64([0.3, 0.7])) - f64(expected)).abs().max() < 1e-8
