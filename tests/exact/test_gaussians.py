"""The mixture's closed forms against torch.distributions and against integration on a grid."""

import math

import pytest
import torch
from models import EYE, TRIO
from torch.distributions import MultivariateNormal

from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.randomness import randn, seeded
from exact import density, diffused, f64, gradient, plane

POINTS = 2 * randn((12, 2), seeded(0))
NOISE = [(1.0, 0.3), (0.8, 0.6), (0.1, 0.995), (1.0, 5.0), (0.0, 1.0)]


def test_log_prob() -> None:
    expected = density(TRIO.weights, TRIO.means, TRIO.covs).log_prob(POINTS)
    assert (TRIO.log_prob(POINTS) - expected).abs().max() < 1e-10
    assert TRIO.log_prob(POINTS.float()).dtype == torch.float64


@pytest.mark.parametrize("far", [1e7, 1e8, 1e12])
def test_nothing_is_lost_far_from_the_origin(far: float) -> None:
    # Squares of x and m cancel to nothing here; their difference does not.
    shift = f64([far, -far])
    moved = GaussianMixture(TRIO.weights, TRIO.means + shift, TRIO.covs)
    at = moved.means + 2.0**-4  # offsets that both numbers hold exactly
    near = at - shift
    there = GaussianMixture(TRIO.weights, moved.means - shift, TRIO.covs)
    assert (moved.log_prob(at) - there.log_prob(near)).abs().max() < 1e-7
    two = GaussianMixture(f64([1, 1]), f64([[far], [-far]]), f64([1, 1]))
    expected = -math.log(2) - math.log(2 * math.pi) / 2
    assert (two.log_prob(two.means) - expected).abs().max() < 1e-7
    assert (two.score(two.means + 0.5) + 0.5).abs().max() < 1e-3


def test_the_density_integrates_to_one() -> None:
    points, area = plane()
    assert abs(TRIO.log_prob(points).exp().sum() * area - 1) < 1e-10


@pytest.mark.equation("eq-mixture-marginal")
@pytest.mark.parametrize(("alpha", "sigma"), NOISE)
def test_noise_widens_each_component(alpha: float, sigma: float) -> None:
    noisy = TRIO.diffuse(alpha, sigma)
    expected = diffused(TRIO, alpha, sigma).log_prob(POINTS)
    assert (noisy.log_prob(POINTS) - expected).abs().max() < 1e-10
    assert torch.equal(noisy.labels, TRIO.labels)


@pytest.mark.equation("eq-mixture-marginal")
def test_the_noisy_density_is_the_average_over_data_of_the_noise_kernel() -> None:
    x0, area = plane()
    p0 = density(TRIO.weights, TRIO.means, TRIO.covs).log_prob(x0).exp() * area
    noisy = TRIO.diffuse(f64(0.8), f64(0.6))
    kernel = MultivariateNormal(torch.zeros(2).double(), 0.36 * EYE)
    for x in POINTS[:4]:
        integral = (p0 * kernel.log_prob(x - 0.8 * x0).exp()).sum()
        assert abs(noisy.log_prob(x[None]).exp() - integral) < 1e-10


@pytest.mark.equation("eq-mixture-score")
@pytest.mark.parametrize(("alpha", "sigma"), NOISE)
def test_score_is_the_gradient_of_the_log_density(alpha: float, sigma: float) -> None:
    expected = gradient(diffused(TRIO, alpha, sigma).log_prob, POINTS)
    assert (TRIO.score(POINTS, alpha, sigma) - expected).abs().max() < 1e-10


def test_score_of_the_data_by_default() -> None:
    assert (TRIO.score(POINTS) - gradient(TRIO.log_prob, POINTS)).abs().max() < 1e-10


@pytest.mark.equation("eq-mixture-posterior-mean")
@pytest.mark.parametrize(("alpha", "sigma"), NOISE)
def test_posterior_mean_is_the_integral_over_data(alpha: float, sigma: float) -> None:
    x0, _ = plane()
    log_prior = density(TRIO.weights, TRIO.means, TRIO.covs).log_prob(x0)
    kernel = MultivariateNormal(torch.zeros(2).double(), sigma**2 * EYE)
    mean = TRIO.posterior_mean(POINTS, alpha, sigma)
    for i, x in enumerate(POINTS):
        share = (log_prior + kernel.log_prob(x - alpha * x0)).softmax(0)
        assert (mean[i] - share @ x0).abs().max() < 1e-10


def test_a_time_for_each_point_is_that_time_for_that_point() -> None:
    alpha = torch.linspace(0.1, 1, len(POINTS), dtype=torch.float64)
    sigma = torch.linspace(2, 0.2, len(POINTS), dtype=torch.float64)
    y = torch.arange(len(POINTS)) % 3
    means, scores = TRIO.posterior_mean(POINTS, alpha, sigma), TRIO.score(POINTS, alpha, sigma)
    of_label = TRIO.posterior_mean(POINTS, alpha, sigma, y)
    for i, x in enumerate(POINTS):
        one = x[None], alpha[i], sigma[i]
        assert (means[i] - TRIO.posterior_mean(*one)[0]).abs().max() < 1e-12
        assert (scores[i] - TRIO.score(*one)[0]).abs().max() < 1e-12
        assert (of_label[i] - TRIO.posterior_mean(*one, y[i : i + 1])[0]).abs().max() < 1e-12


def test_a_label_restricts_the_posterior_to_its_components() -> None:
    labels = torch.tensor([4, 9, 4])
    mixture = GaussianMixture(TRIO.weights, TRIO.means, TRIO.covs, labels)
    for label in (4, 9):
        part = labels == label
        alone = GaussianMixture(TRIO.weights[part], TRIO.means[part], TRIO.covs[part])
        y = torch.full((len(POINTS),), label)
        given = mixture.posterior_mean(POINTS, 0.8, 0.6, y)
        assert (given - alone.posterior_mean(POINTS, 0.8, 0.6)).abs().max() < 1e-10


def test_labels_may_differ_along_the_batch() -> None:
    y = torch.tensor([0, 1, 2] * 4)
    mixed = TRIO.posterior_mean(POINTS, 0.8, 0.6, y)
    for label in range(3):
        alone = TRIO.posterior_mean(POINTS, 0.8, 0.6, torch.full_like(y, label))
        assert (mixed[y == label] - alone[y == label]).abs().max() < 1e-12


@pytest.mark.parametrize("noise_std", [0.2, 1.0])
@pytest.mark.parametrize(
    ("operator", "y"),
    [([[1.0, 0.5]], [0.7]), ([[0.0, 2.0], [1.0, -1.0], [3.0, 0.0]], [1, -1, 0.5])],
)
def test_condition_is_bayes_rule_on_a_grid(operator, y, noise_std: float) -> None:
    a, y = f64(operator), f64(y)
    posterior = TRIO.condition(a, y, noise_std)
    x, area = plane()
    likelihood = -(y - x @ a.T).square().sum(1) / (2 * noise_std**2)
    log_joint = density(TRIO.weights, TRIO.means, TRIO.covs).log_prob(x) + likelihood
    expected = (log_joint - log_joint.logsumexp(0)).exp() / area
    assert (posterior.log_prob(x).exp() - expected).abs().max() < 1e-10 * expected.max()


def test_condition_keeps_labels_and_drops_impossible_components() -> None:
    far = f64([[0.0], [1199**0.5], [1201**0.5], [40.0]])  # at y = 0: 0, -599.5, -600.5, -800 nats
    mixture = GaussianMixture(torch.ones(4), far, torch.zeros(4, 1, 1), torch.arange(5, 9))
    posterior = mixture.condition(torch.eye(1), torch.zeros(1), 1.0)
    assert posterior.labels.tolist() == [5, 6]
    assert float(posterior.weights[1].log()) == pytest.approx(-599.5)


def test_the_covariance_of_the_posterior_is_symmetric() -> None:
    covs = TRIO.condition(torch.tensor([[1.0, 0.3]]), torch.zeros(1), 1e-3).covs
    assert torch.equal(covs, covs.mT)
