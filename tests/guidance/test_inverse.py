"""Inverse problems against the exact posterior, on the data where there is one."""

import math

import pytest
import torch
from models import EYE, PATHS, InRow, each_path
from moments import given
from torch.distributions import MultivariateNormal, Normal

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.denoisers.linear import LinearDenoiser
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.denoisers.wrapped import Counted
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.guidance import (
    Blur,
    Downsample,
    Mask,
    Matrix,
    cfg,
    covariance_aware,
    dense,
    dps,
    null_space,
    pigdm,
)
from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import VP, Cosine, Linear
from diffusionbook.prediction import Prediction
from diffusionbook.randomness import randn, seeded
from exact import f64, gradient

A = f64([[1.0, 0.5, 0.0], [0.0, -1.0, 2.0]])
OBSERVED, NOISE_STD = f64([0.7, -0.2]), 0.4
MEAN = f64([0.3, -0.5, 1.0])
COV = f64([[1.0, 0.4, 0.1], [0.4, 0.7, -0.2], [0.1, -0.2, 0.5]])
GAUSSIAN = GaussianMixture.normal(MEAN, COV)
HUMPS = GaussianMixture(
    f64([0.3, 0.7]), torch.stack([MEAN, -MEAN]), torch.stack([COV, 0.3 * COV.flip(0, 1)])
)
X = randn((5, 3), seeded(0))
CHAIN = Chain.from_path(VP(), 10)
everywhere = pytest.mark.parametrize("path", [*PATHS, CHAIN], ids=str)
guides = pytest.mark.parametrize("guide", [dps, pigdm, covariance_aware], ids=lambda g: g.__name__)


def ends(path, t: float) -> tuple[float, float]:
    return float(path.alpha(t)), float(path.sigma(t))


def humps_score(path, t: float, log_likelihood) -> torch.Tensor:
    """The score of HUMPS plus the gradient of a function of x_t, with no code of the package."""
    alpha, sigma = ends(path, t)
    guess = given(HUMPS, alpha, sigma, X)[0]
    return (alpha * guess - X) / sigma**2 + gradient(log_likelihood, X)


@pytest.mark.equation("eq-dps")
@everywhere
def test_dps_is_the_likelihood_of_the_guess(path) -> None:
    for t in (0.2, 0.8):
        alpha, sigma = ends(path, t)

        def log_likelihood(x, alpha=alpha, sigma=sigma):
            seen = given(HUMPS, alpha, sigma, x)[0] @ A.mT
            return Normal(seen, NOISE_STD).log_prob(OBSERVED).sum(1)

        answer = dps(AnalyticDenoiser(HUMPS, path), Matrix(A), OBSERVED, NOISE_STD)(X, t)
        assert (answer.score - humps_score(path, t, log_likelihood)).abs().max() < 1e-10


@pytest.mark.equation("eq-dps")
def test_dps_is_not_the_posterior_even_on_gaussians() -> None:
    """It takes the noise of the observation for all there is to doubt."""
    path, t = Cosine(), 0.6
    exact = AnalyticDenoiser(GAUSSIAN.condition(A, OBSERVED, NOISE_STD), path)(X, t).score
    model = AnalyticDenoiser(GAUSSIAN, path)
    found = dps(model, Matrix(A), OBSERVED, NOISE_STD)(X, t).score
    assert (found - model(X, t).score).norm() > 1.5 * (exact - model(X, t).score).norm()


@pytest.mark.equation("eq-pigdm")
@everywhere
@pytest.mark.parametrize("operator", [
    Matrix(A), Matrix(A.mT @ A), Mask(torch.tensor([True, False, True])),
], ids=["matrix", "singular", "mask"])  # fmt: skip
@pytest.mark.parametrize("data_std", [1.0, 0.6])
def test_pigdm_is_exact_for_normal_data(path, operator, data_std: float) -> None:
    prior = GaussianMixture.normal(MEAN, data_std**2)
    observed = randn(operator.out_shape, seeded(1))
    posterior = prior.condition(dense(operator), observed, NOISE_STD)
    guided = pigdm(AnalyticDenoiser(prior, path), operator, observed, NOISE_STD, data_std)
    for t in (0.1, 0.5, 0.9):
        wanted = AnalyticDenoiser(posterior, path)(X, t)
        assert (guided(X, t).score - wanted.score).abs().max() < 1e-10
        assert (guided(X, t).x0 - wanted.x0).abs().max() < 1e-10


@pytest.mark.equation("eq-pigdm")
@everywhere
def test_pigdm_is_a_likelihood_with_one_number_for_the_spread(path) -> None:
    """On other data it is the gradient of the same formula; the default std is 1."""
    t = 0.4
    alpha, sigma = ends(path, t)
    ratio = (sigma / alpha) ** 2
    seen_cov = NOISE_STD**2 * EYE + ratio / (1 + ratio) * A @ A.mT

    def log_likelihood(x):
        return MultivariateNormal(given(HUMPS, alpha, sigma, x)[0] @ A.mT, seen_cov).log_prob(
            OBSERVED)

    answer = pigdm(AnalyticDenoiser(HUMPS, path), Matrix(A), OBSERVED, NOISE_STD)(X, t)
    assert (answer.score - humps_score(path, t, log_likelihood)).abs().max() < 1e-10


@pytest.mark.equation("eq-covariance-aware")
@everywhere
@pytest.mark.parametrize("whole", [False, True])
def test_the_denoisers_own_covariance_is_exact_on_gaussians(path, whole: bool) -> None:
    posterior = GAUSSIAN.condition(A, OBSERVED, NOISE_STD)
    model = AnalyticDenoiser(GAUSSIAN, path)
    guided = covariance_aware(model, Matrix(A), OBSERVED, NOISE_STD, whole)
    for t in (0.1, 0.5, 0.9):
        wanted = AnalyticDenoiser(posterior, path)(X, t)
        assert (guided(X, t).score - wanted.score).abs().max() < 1e-10
        assert (guided(X, t).x0 - wanted.x0).abs().max() < 1e-10
        assert (model(X, t).score - wanted.score).abs().max() > 1e-2


@pytest.mark.equation("eq-covariance-aware")
@everywhere
def test_on_mixtures_it_is_the_gradient_of_a_moment_matched_gaussian(path) -> None:
    """With the covariance held fixed, and with all of it; both by autograd through a density whose
    moments are written out. Neither is the posterior's score."""
    posterior = HUMPS.condition(A, OBSERVED, NOISE_STD)
    for t in (0.3, 0.7):
        alpha, sigma = ends(path, t)

        def log_density(x, moves, alpha=alpha, sigma=sigma):
            mean, cov = given(HUMPS, alpha, sigma, x)
            cov = cov if moves else cov.detach()
            seen = A @ cov @ A.mT + NOISE_STD**2 * EYE
            return MultivariateNormal(mean @ A.mT, seen).log_prob(OBSERVED)

        found = []
        for whole in (False, True):
            guided = covariance_aware(
                AnalyticDenoiser(HUMPS, path), Matrix(A), OBSERVED, NOISE_STD, whole)
            wanted = humps_score(path, t, lambda x, whole=whole: log_density(x, whole))
            found.append(guided(X, t).score)
            assert (found[-1] - wanted).abs().max() < 1e-10
        exact = AnalyticDenoiser(posterior, path)(X, t).score
        assert (found[0] - found[1]).abs().max() > 1e-2
        assert min(float((one - exact).abs().max()) for one in found) > 1e-2


@pytest.mark.equation("eq-null-space")
@everywhere
def test_the_null_space_is_the_models_and_the_rest_the_observations(path) -> None:
    model, operator = AnalyticDenoiser(HUMPS, path), Matrix(A)
    t = torch.tensor([0.1, 0.3, 0.5, 0.7, 0.9]).double()
    answer = null_space(model, operator, OBSERVED)(X, t)
    assert answer.param == "x0"
    assert (answer.x0 @ A.mT - OBSERVED).abs().max() < 1e-12
    unseen = torch.eye(3) - torch.linalg.pinv(A) @ A
    assert ((answer.x0 - model(X, t).x0) @ unseen).abs().max() < 1e-12


@pytest.mark.equation("eq-null-space")
def test_the_null_space_asks_no_gradient_and_stands_pure_noise() -> None:
    exact = AnalyticDenoiser(HUMPS, Linear())

    class NoGraph:
        path = Linear()

        def __call__(self, x_t, t, y=None):
            return Prediction(exact(x_t, t, y).x0.detach(), "x0", x_t, t, self.path)

    answer = null_space(NoGraph(), Matrix(A), OBSERVED)(X, 1.0)
    assert (answer.x0 @ A.mT - OBSERVED).abs().max() < 1e-12
    with pytest.raises(ValueError, match="singular"):
        null_space(InRow(exact, "eps"), Matrix(A), OBSERVED)(X, 1.0)


@pytest.mark.equation("eq-dps")
@pytest.mark.equation("eq-pigdm")
@pytest.mark.equation("eq-covariance-aware")
@guides
@each_path
def test_all_answer_in_the_models_row(guide, path) -> None:
    model, t = AnalyticDenoiser(HUMPS, path), torch.linspace(0.1, 0.9, 5).double()
    wanted = guide(model, Matrix(A), OBSERVED, NOISE_STD)(X, t)
    alone = [guide(model, Matrix(A), OBSERVED, NOISE_STD)(X[i : i + 1], t[i]).score
             for i in range(5)]
    assert (wanted.score - torch.cat(alone)).abs().max() < 1e-10
    for param in ("eps", "v", "velocity", "score"):
        answer = guide(InRow(model, param), Matrix(A), OBSERVED, NOISE_STD)(X, t)
        assert answer.param == param
        assert (answer.score - wanted.score).abs().max() < 1e-10
        assert (answer.x0 - wanted.x0).abs().max() < 1e-10


ALL = {
    "dps": lambda m, o, y: dps(m, o, y, NOISE_STD),
    "pigdm": lambda m, o, y: pigdm(m, o, y, NOISE_STD),
    "covariance": lambda m, o, y: covariance_aware(m, o, y, NOISE_STD),
    "whole": lambda m, o, y: covariance_aware(m, o, y, NOISE_STD, whole=True),
    "null space": null_space,
}
every = pytest.mark.parametrize("guide", ALL.values(), ids=list(ALL))


@every
def test_one_observation_or_one_for_each_sample(guide) -> None:
    model, each = AnalyticDenoiser(HUMPS, VP()), randn((5, 2), seeded(2))
    answer = guide(model, Matrix(A), each)(X, 0.4).x0
    for i in range(5):
        alone = guide(model, Matrix(A), each[i])(X, 0.4).x0
        assert (answer[i] - alone[i]).abs().max() < 1e-10
    same = guide(model, Matrix(A), each[0])(X, 0.4).x0
    assert (answer - same)[1:].abs().amax(1).min() > 1e-2
    assert torch.equal(guide(model, Matrix(A), each[:1])(X, 0.4).x0, same)


@every
def test_they_work_without_gradients_and_in_both_dtypes(guide) -> None:
    model = AnalyticDenoiser(HUMPS, Cosine())
    loud = guide(model, Matrix(A), OBSERVED)(X, 0.4)
    assert not loud.x0.requires_grad
    with torch.no_grad():
        assert torch.equal(guide(model, Matrix(A), OBSERVED)(X, 0.4).x0, loud.x0)
    with torch.inference_mode():
        inside = guide(model, Matrix(A.clone()), OBSERVED.clone())
        assert torch.equal(inside(X.clone(), f64(0.4)).x0, loud.x0)
    assert torch.equal(inside(X, 0.4).x0, loud.x0)
    single = guide(model, Matrix(A), OBSERVED)(X.float(), 0.4).x0
    assert single.dtype == torch.float32
    assert (single - loud.x0).abs().max() < 1e-3  # float32, and solved to 1e-4 of the residual
    assert isinstance(inside, Denoiser) and inside.path == Cosine()


@every
def test_the_answers_can_be_differentiated(guide) -> None:
    """Central differences of the guided guess."""
    guided = guide(AnalyticDenoiser(HUMPS, Linear()), Matrix(A), OBSERVED)
    slope = gradient(lambda x: guided(x, 0.5).x0.sin().sum(1), X)
    along = X.cos()
    with torch.no_grad():
        up, down = (guided(X + h * along, 0.5).x0.sin().sum() for h in (1e-4, -1e-4))
    assert abs((slope * along).sum() - (up - down) / 2e-4) < 1e-4  # differences are off by h^2


@every
def test_labels_reach_the_model_and_one_look_is_enough(guide) -> None:
    labelled = GaussianMixture(HUMPS.weights, HUMPS.means, HUMPS.covs, torch.tensor([0, 1]))
    y = torch.tensor([0, 1, 1, 0, 1])
    counted = Counted(AnalyticDenoiser(labelled, VP()))
    answer = guide(counted, Matrix(A), OBSERVED)(X, 0.4, y).x0
    assert counted.evaluations == 1
    for label in (0, 1):
        alone = AnalyticDenoiser(GaussianMixture.normal(
            HUMPS.means[label], HUMPS.covs[label]), VP())
        wanted = guide(alone, Matrix(A), OBSERVED)(X, 0.4).x0
        assert (answer - wanted)[y == label].abs().max() < 1e-10
    composed = guide(cfg(counted, 0.5), Matrix(A), OBSERVED)(X, 0.4, y).x0
    assert (composed - answer).abs().max() > 1e-2


@pytest.mark.equation("eq-covariance-aware")
@pytest.mark.equation("eq-pigdm")
@pytest.mark.parametrize("operator", [
    Blur(f64([[0.1, 0.2, 0.1], [0.2, 0.4, 0.3], [0.0, 0.1, 0.1]]), (2, 2, 4)),
    Downsample(2, (2, 2, 4)),
], ids=["blur", "downsample"])  # fmt: skip
def test_images_of_normal_data(operator) -> None:
    """A linear denoiser knows the means and covariances of 40 images, and here they are all that
    there is. R is solved for 16 and for 4 numbers."""
    data = randn((40, 2, 2, 4), seeded(3)) * torch.linspace(0.5, 1.5, 4) + 0.3
    path, x = Cosine(), randn((3, 2, 2, 4), seeded(4))
    model = LinearDenoiser(data, path)
    prior = GaussianMixture.normal(model.mean, (model.axes * model.variances) @ model.axes.mT)
    observed = operator(data[:1])[0] + 0.1
    posterior = prior.condition(dense(operator), observed.flatten(), NOISE_STD)
    guided = covariance_aware(model, operator, observed, NOISE_STD)
    wanted = AnalyticDenoiser(posterior, path)(x.flatten(1), 0.6).x0
    assert (guided(x, 0.6).x0.flatten(1) - wanted).abs().max() < 1e-10
    standard = AnalyticDenoiser(GaussianMixture.normal(torch.zeros(16), 1.0), path)

    class Round:
        path = Cosine()

        def __call__(self, x_t, t, y=None):
            x0 = standard(x_t.flatten(1), t).x0.reshape(x_t.shape)
            return Prediction(x0, "x0", x_t, t, self.path)

    posterior = standard.mixture.condition(dense(operator), observed.flatten(), NOISE_STD)
    wanted = AnalyticDenoiser(posterior, path)(x.flatten(1), 0.6).x0
    found = pigdm(Round(), operator, observed, NOISE_STD)(x, 0.6).x0
    assert (found.flatten(1) - wanted).abs().max() < 1e-10


@every
def test_what_does_not_fit_is_refused(guide, without_shape_checks) -> None:
    model = AnalyticDenoiser(HUMPS, Linear())
    for bad in (OBSERVED[:1], OBSERVED[None, None], torch.ones(0, 2), torch.ones(3)):
        with pytest.raises(ValueError, match=r"observed must have the operator's out_shape, \(2,"):
            guide(model, Matrix(A), bad)
    with pytest.raises(ValueError, match="observed must be finite; it holds nan"):
        guide(model, Matrix(A), OBSERVED * math.nan)
    with pytest.raises(ValueError, match="observed must hold one observation, or one for each of"):
        guide(model, Matrix(A), torch.ones(4, 2))(X, 0.5)
    with pytest.raises(ValueError, match=r"operator must take samples of x_t's shape, \(3,\).*4,"):
        guide(model, Matrix(torch.ones(2, 4)), OBSERVED)(X, 0.5)

    class Liar(Matrix):
        def __call__(self, x):
            return super().__call__(x)[:, :1]

    with pytest.raises(ValueError, match=r"operator must return.*\(5, 2\); it returned \(5, 1\)"):
        guide(model, Liar(A), OBSERVED)(X, 0.5)


@guides
def test_pure_noise_and_no_noise_are_refused(guide) -> None:
    model = AnalyticDenoiser(HUMPS, Linear())
    for bad in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match="noise_std must be"):
            guide(model, Matrix(A), OBSERVED, bad)
    with pytest.raises(ValueError, match=r"alpha is 0 on Linear\(\) at t = \[1.0\]"):
        guide(model, Matrix(A), OBSERVED, NOISE_STD)(X, 1.0)


class Folded:
    """A denoiser that no data have: its guess falls where x_t rises."""

    path = Linear()

    def __call__(self, x_t, t, y=None):
        return Prediction(-5 * x_t, "x0", x_t, t, self.path)


def test_a_covariance_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="positive definite"):
        covariance_aware(Folded(), Matrix(A), OBSERVED, NOISE_STD)(X, 0.5)
    loose = covariance_aware(Folded(), Matrix(A), OBSERVED, NOISE_STD, strict=False)
    assert torch.equal(loose(X, 0.5).x0, Folded()(X, 0.5).x0)
    with pytest.raises(ValueError, match="model must have a covariance"):
        covariance_aware(Folded(), Matrix(A), OBSERVED, NOISE_STD, whole=True)(X, 0.5)
    with pytest.raises(ValueError, match="operator must give 64 numbers or fewer.*it gives 65"):
        covariance_aware(Folded(), Matrix(torch.ones(65, 3)), torch.ones(65), 1.0, whole=True)


def test_the_tolerance_and_the_bound_are_the_callers() -> None:
    model = AnalyticDenoiser(HUMPS, Linear())
    with pytest.raises(ValueError, match="R = .* in 1 products to the tolerance 1e-12"):
        covariance_aware(
            model, Matrix(A), OBSERVED, NOISE_STD, tolerance=1e-12, iterations=1)(X, 0.5)
    rough = covariance_aware(
        model, Matrix(A), OBSERVED, NOISE_STD, tolerance=0.9, iterations=1)(X, 0.5)
    fine = covariance_aware(model, Matrix(A), OBSERVED, NOISE_STD)(X, 0.5)
    assert (rough.x0 - fine.x0).abs().max() > 1e-3


class Skewed:
    """A linear denoiser whose Jacobian is not symmetric, as that of a network is not."""

    path = Linear()
    matrix = 0.3 * torch.eye(3, dtype=torch.float64) + 0.1 * f64([[0, 1, 2], [0, 0, 1], [0, 0, 0]])

    def __call__(self, x_t, t, y=None):
        return Prediction(x_t @ self.matrix.mT, "x0", x_t, t, self.path)


@pytest.mark.equation("eq-covariance-aware")
def test_of_a_jacobian_that_is_not_symmetric_the_whole_takes_the_symmetric_part() -> None:
    t, model = 0.5, Skewed()
    guided = covariance_aware(model, Matrix(A), OBSERVED, NOISE_STD, whole=True)(X, t)
    cov = t**2 / (1 - t) * (model.matrix + model.matrix.mT) / 2
    seen = NOISE_STD**2 * EYE + A @ cov @ A.mT
    residual = OBSERVED - model(X, t).x0 @ A.mT
    wanted = torch.linalg.solve(seen, residual.mT).mT @ A @ model.matrix
    assert (guided.score - model(X, t).score - wanted).abs().max() < 1e-10
