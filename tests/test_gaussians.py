"""The mixture's closed forms against torch.distributions and against integration on a grid."""

import math

import pytest
import torch
from exact import density, diffused, f64, gradient, plane
from torch.distributions import MultivariateNormal

from diffusionbook.data.toy import trio_mixture
from diffusionbook.gaussians import GaussianMixture
from diffusionbook.shapes import randn, seeded

TRIO = trio_mixture()
POINTS = 2 * randn((12, 2), seeded(0))
NOISE = [(1.0, 0.3), (0.8, 0.6), (0.1, 0.995), (1.0, 5.0), (0.0, 1.0)]
EYE = torch.eye(2, dtype=torch.float64)


def test_log_prob() -> None:
    expected = density(TRIO.weights, TRIO.means, TRIO.covs).log_prob(POINTS)
    assert (TRIO.log_prob(POINTS) - expected).abs().max() < 1e-10
    assert TRIO.log_prob(POINTS.float()).dtype == torch.float64


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
    far = torch.tensor([[0.0], [30.0], [40.0]])  # at y = 0: log-likelihoods 0, -450, -800
    mixture = GaussianMixture(torch.ones(3), far, torch.zeros(3, 1, 1), torch.tensor([5, 6, 7]))
    posterior = mixture.condition(torch.eye(1), torch.zeros(1), 1.0)
    assert posterior.labels.tolist() == [5, 6]
    assert posterior.weights[1].log() == pytest.approx(-450)


def test_the_covariance_of_the_posterior_is_symmetric() -> None:
    covs = TRIO.condition(torch.tensor([[1.0, 0.3]]), torch.zeros(1), 1e-3).covs
    assert torch.equal(covs, covs.mT)


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
        return GaussianMixture(f64([1]), f64([[0, 0]]), torch.diag(f64([1, eigenvalue]))[None])

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
            lambda: TRIO.posterior_mean(POINTS, 0.8, 0.6, torch.full((12,), 3)),
            r"y must hold labels of the mixture, \[0, 1, 2\]; it holds \[3\]",
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


def test_one_sample_is_allowed() -> None:
    assert TRIO.sample(1, seeded(0)).shape == (1, 2)
