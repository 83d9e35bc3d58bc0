"""Metrics and densities beside POT, scikit-learn and scipy."""

import numpy as np
import pytest
import torch

from diffusionbook.data.toy import spiral_mixture, trio_mixture
from diffusionbook.metrics.points import mmd, sliced_w2
from diffusionbook.randomness import randn, seeded
from exact import f64

X, Y = spiral_mixture().sample(300, seeded(0)), trio_mixture().sample(300, seeded(1))


@pytest.mark.equation("eq-sliced-w2")
def test_sliced_wasserstein(ot) -> None:
    theta = randn((2, 64), seeded(2))
    theta = (theta / theta.norm(dim=0)).numpy()
    expected = ot.sliced_wasserstein_distance(X.numpy(), Y.numpy(), projections=theta)
    assert float(sliced_w2(X, Y, seeded(2), directions=64)) == pytest.approx(expected, abs=1e-10)


@pytest.mark.equation("eq-sliced-w2")
def test_on_a_line_the_distance_is_that_of_linear_programming(ot) -> None:
    expected = ot.emd2(*[np.full(300, 1 / 300)] * 2, ot.dist(X[:, :1].numpy(), Y[:, :1].numpy()))
    assert float(sliced_w2(X[:, :1], Y[:, :1], seeded(0))) ** 2 == pytest.approx(expected, abs=1e-9)


@pytest.mark.equation("eq-mmd")
def test_kernel_discrepancy(pairwise) -> None:
    n = len(X)
    for bandwidth in (0.2, 1.0):
        xx, yy, xy = (
            pairwise.rbf_kernel(a.numpy(), b.numpy(), gamma=1 / (2 * bandwidth**2))
            for a, b in ((X, X), (Y, Y), (X, Y))
        )
        same = (xx.sum() - np.trace(xx) + yy.sum() - np.trace(yy)) / (n * (n - 1))
        assert float(mmd(X, Y, bandwidth)) == pytest.approx(same - 2 * xy.mean(), abs=1e-9)


@pytest.mark.equation("eq-mixture-marginal")
def test_mixture_density(stats) -> None:
    law = trio_mixture().diffuse(0.6, 0.8)
    parts = zip(trio_mixture().weights, trio_mixture().means, trio_mixture().covs, strict=True)
    eye = torch.eye(2).double()
    expected = sum(
        float(w)
        * stats.multivariate_normal((0.6 * m).numpy(), (0.36 * c + 0.64 * eye).numpy()).pdf(X)
        for w, m, c in parts
    )
    assert (law.log_prob(X).exp() - f64(expected)).abs().max() < 1e-10
