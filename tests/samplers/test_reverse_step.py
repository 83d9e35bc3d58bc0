"""Why the reverse step may be taken as Gaussian: the exact one, for a law that is not."""

import pytest
import torch
from models import EYE

from diffusionbook.data.toy import trio_mixture
from diffusionbook.exact.gaussians import GaussianMixture
from exact import f64, slopes

BEFORE = trio_mixture().diffuse(0.9, 0.4)  # the law of x_{k-1}


def reverse(beta: float, x: torch.Tensor) -> GaussianMixture:
    """The law of x_{k-1} given x_k = sqrt(1 - beta) x_{k-1} + sqrt(beta) eps, by Bayes' rule."""
    return BEFORE.condition((1 - beta) ** 0.5 * EYE, x, beta**0.5)


@pytest.mark.equation("eq-reverse-step")
@pytest.mark.parametrize("x", [f64([0.1, 0.2]), f64([-1.0, 0.5])], ids=str)
def test_its_mean_is_tweedies_formula_at_every_beta(x) -> None:
    for beta in (0.001, 0.1, 0.6):
        score = BEFORE.diffuse((1 - beta) ** 0.5, beta**0.5).score(x[None])[0]
        expected = (x + beta * score) / (1 - beta) ** 0.5
        assert (reverse(beta, x).mean() - expected).abs().max() < 1e-10


@pytest.mark.equation("eq-reverse-step")
@pytest.mark.parametrize("x", [f64([0.1, 0.2]), f64([-1.0, 0.5])], ids=str)
def test_its_covariance_becomes_beta(x) -> None:
    """The relative error of the covariance is of the order of beta; far from it for large steps."""
    betas = [0.01, 0.005, 0.0025]
    errors = [float((reverse(b, x).cov() / b - EYE).abs().max()) for b in betas]
    assert slopes([1 / b for b in betas], errors) == pytest.approx([1, 1], abs=0.1)
    assert (reverse(0.6, x).cov() / 0.6 - EYE).abs().max() > 0.1
