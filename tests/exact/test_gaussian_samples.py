"""Draws from mixtures, their moments, and the mixtures and calls that are refused."""

import math

import pytest
import torch
from models import EYE, TRIO

from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.randomness import randn, seeded
from exact import density, f64, plane

POINTS = 2 * randn((12, 2), seeded(0))


def test_moments() -> None:
    x, area = plane()
    p = density(TRIO.weights, TRIO.means, TRIO.covs).log_prob(x).exp() * area
    mean = p @ x
    cov = (x - mean).T @ ((x - mean) * p[:, None])
    assert (TRIO.mean() - mean).abs().max() < 1e-10
    assert (TRIO.cov() - cov).abs().max() < 1e-10


def test_samples_have_the_moments_of_the_law() -> None:
    n = 100_000
    x, y = TRIO.sample_labelled(n, seeded(1))
    assert torch.equal(TRIO.sample(n, seeded(1)), x)
    for k in range(3):
        part, share = x[y == k], float(TRIO.weights[k])
        assert abs(len(part) / n - share) < 5 * math.sqrt(share * (1 - share) / n)
        # whitened by the component's own covariance, points are standard normal in both directions
        z = torch.linalg.solve(torch.linalg.cholesky(TRIO.covs[k]), (part - TRIO.means[k]).T)
        error = 5 / math.sqrt(len(part))
        assert z.mean(1).abs().max() < error
        assert ((z @ z.T) / len(part) - EYE).diagonal().abs().max() < math.sqrt(2) * error
        assert abs((z[0] * z[1]).mean()) < error


def test_isotropic_components_may_be_given_by_their_variances() -> None:
    mixture = GaussianMixture(torch.tensor([2, 6]), torch.tensor([[0, 0], [1, 2]]), f64([0.5, 2]))
    assert mixture.weights.tolist() == [0.25, 0.75]
    assert torch.equal(mixture.covs, torch.stack([0.5 * EYE, 2 * EYE]))
    assert mixture.labels.tolist() == [0, 0]
    assert mixture.dim == 2


def test_point_masses_are_allowed() -> None:
    mixture = GaussianMixture(f64([1, 3]), f64([[0.0], [1.0]]), f64([0, 0]))
    x = f64([[0.2]])
    log_odds = math.log(3) + (-(0.8**2) + 0.2**2) / (2 * 0.25)
    expected = 1 / (1 + math.exp(-log_odds))
    assert float(mixture.posterior_mean(x, 1.0, 0.5)) == pytest.approx(expected, abs=1e-12)
    assert set(mixture.sample(64, seeded(0)).flatten().tolist()) == {0.0, 1.0}


def test_rounding_below_zero_is_forgiven_but_not_more() -> None:
    def mixture(eigenvalue: float) -> GaussianMixture:
        return GaussianMixture.normal(f64([0, 0]), torch.diag(f64([1, eigenvalue])))

    assert torch.isfinite(mixture(-9e-13).sample(4, seeded(0))).all()
    with pytest.raises(ValueError, match="covs must be positive semi-definite.*-1.1e-12"):
        mixture(-1.1e-12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, 1, 1], [[0.0], [1.0]], [1, 1]), r"weights must have shape \(2,\); it has \(3,\)"),
        (([1, 1], [[0.0], [1.0]], [1, 1, 1]), r"covs must have shape \(2, 1, 1\); it has \(3,\)"),
        (([1, 0], [[0.0], [1.0]], [1, 1]), "weights must be positive; the smallest is 0"),
        (([1, 1], [[0.0], [1.0]], [1, -1]), "covs must be positive semi-definite.* -1"),
        (([1], [[0.0]], [1], [0, 1]), r"labels must have shape \(1,\); it has \(2,\)"),
        (([1], [[0.0]], [1], [0.5]), "labels must be integers; their dtype is torch.float32"),
        (([math.inf], [[0.0]], [1]), "weights must be finite; it holds inf"),
        (([1.0], [[math.nan]], [1]), "means must be finite; it holds nan"),
        (([1.0], [[0.0]], [math.nan]), "covs must be finite; it holds nan"),
        (([1.0], [0.0], [1]), r"means must have shape \(k, d\); it has \(1,\)"),
        (([1.0], [[]], [1]), r"means must have shape \(k, d\); it has \(1, 0\)"),
        (([1.0], [[0.0, 0.0]], [[[1, 0.5], [0.2, 1]]]), "covs must be symmetric.* by 0.3"),
    ],
)
def test_bad_mixtures_are_refused(arguments, message: str) -> None:
    weights, means, covs, *labels = (torch.tensor(a) for a in arguments)
    with pytest.raises(ValueError, match=message):
        GaussianMixture(weights, means, covs, *labels)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: TRIO.sample(0, None), "n must be at least 1; it is 0"),
        (lambda: TRIO.log_prob(torch.zeros(2)), r"x must have shape \(b, 2\); it has \(2,\)"),
        (lambda: TRIO.score(torch.zeros(5, 3)), r"x must have shape \(b, 2\); it has \(5, 3\)"),
        (
            lambda: TRIO.score(POINTS, torch.ones(3), torch.ones(3)),
            r"alpha and sigma must be numbers or have shape \(12,\).*they hold 3",
        ),
        (
            lambda: TRIO.posterior_mean(POINTS, 0.8, 0.6, torch.tensor([0, 1, 2, 3] * 3)),
            r"y must hold labels of the mixture, \[0, 1, 2\]; it holds \[0, 1, 2, 3\]",
        ),
        (
            lambda: TRIO.condition(torch.eye(2), torch.zeros(2), 0.0),
            "noise_std must be positive; it is 0",
        ),
        (
            lambda: TRIO.condition(torch.zeros(1, 3), torch.zeros(1), 1.0),
            r"operator must be \(m, 2\) and y \(m,\); they are \(1, 3\) and \(1,\)",
        ),
        (lambda: TRIO.condition(torch.eye(2), torch.zeros(3), 1.0), "operator must be"),
        (lambda: TRIO.condition(torch.zeros(2), torch.zeros(2), 1.0), "operator must be"),
    ],
)
def test_bad_calls_are_refused(call, message: str, without_shape_checks) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_weights_whose_sum_is_infinite_are_refused() -> None:
    with pytest.raises(ValueError, match="weights must have a finite sum"):
        GaussianMixture(f64([1e308, 1e308]), f64([[0.0], [1.0]]), f64([1, 1]))


def test_a_law_on_a_line_has_no_density_in_the_plane_but_has_one_with_noise() -> None:
    line = GaussianMixture.normal(f64([0.0, 0.0]), f64([[1.0, 1.0], [1.0, 1.0]]))
    for ask in (line.log_prob, line.score):
        with pytest.raises(ValueError, match="covs must be positive definite"):
            ask(f64([[0.1, 0.2]]))
    assert bool(torch.isfinite(line.posterior_mean(f64([[0.1, 0.2]]), 0.9, 0.1)).all())


def test_one_gaussian_by_its_mean_and_covariance_or_variance() -> None:
    cov = f64([[2.0, 0.3], [0.3, 1.0]])
    law = GaussianMixture.normal(f64([1.0, 2.0]), cov)
    assert torch.equal(law.mean(), f64([1.0, 2.0])) and torch.equal(law.cov(), cov)
    assert torch.equal(GaussianMixture.normal(f64([0.0, 0.0]), 0.25).covs[0], 0.25 * EYE)


def test_one_sample_is_allowed() -> None:
    assert TRIO.sample(1, seeded(0)).shape == (1, 2)
