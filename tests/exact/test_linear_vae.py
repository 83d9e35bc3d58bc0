"""The linear autoencoder's optimum against a search for it, draws, and probabilistic PCA."""

import math

import pytest
import torch
from torch.distributions import MultivariateNormal, Normal, kl_divergence

from diffusionbook.exact.linear_vae import LinearVAE
from diffusionbook.exact.reductions import level_of
from diffusionbook.exact.water_filling import rate_and_distortion, shannon_rate
from diffusionbook.randomness import randn, seeded
from exact import f64

LAMBDA = f64([4.0, 2.0, 1.0, 0.5, 0.1])


def turned(variances: torch.Tensor, seed: int = 0) -> torch.Tensor:
    """A covariance with these eigenvalues, along axes of no meaning."""
    axes, _ = torch.linalg.qr(randn((len(variances),) * 2, seeded(seed)))
    return axes @ torch.diag(variances) @ axes.T


def terms(cov, w, v, d):
    """Squared error and KL divergences of N(Vx, diag D) and W z, in closed form, by matrices."""
    missed = torch.eye(len(cov), dtype=cov.dtype) - w @ v
    error = (missed @ cov @ missed.T).trace() + (d * w.square().sum(0)).sum()
    divergences = ((v @ cov @ v.T).diagonal() + d - 1 - d.log()) / 2
    return error, divergences


def searched(cov, latents, weight, error_by=1.0, divergence_by=1.0, most=4_000):
    """(W, V, D, loss) that make error / error_by + weight KL / divergence_by least, from afar."""
    w, v = (0.3 * randn(s, seeded(k)) for k, s in enumerate([(len(cov), latents),
                                                             (latents, len(cov))]))
    log_d = torch.zeros(latents, dtype=torch.float64)
    each = [x.requires_grad_() for x in (w, v, log_d)]
    search = torch.optim.LBFGS(each, max_iter=most, history_size=30, tolerance_grad=1e-11,
                               tolerance_change=1e-15, line_search_fn="strong_wolfe")

    def loss():
        search.zero_grad()
        error, divergences = terms(cov, w, v, log_d.exp())
        value = error / error_by + weight * divergences.sum() / divergence_by
        value.backward()
        return value

    search.step(loss)
    return w.detach(), v.detach(), log_d.detach().exp(), float(loss().detach())


@pytest.mark.equation("eq-linear-vae")
@pytest.mark.parametrize(("level", "latents", "beta"), [(0.3, 5, 1.0), (1.5, 5, 3.0),
                                                        (1.2, 5, 0.4), (0.3, 2, 1.0)])
def test_a_search_finds_the_same(level, latents, beta) -> None:
    cov = turned(LAMBDA)
    exact = LinearVAE(cov, latents, level / beta, beta)
    w, v, d, loss = searched(cov, latents, 2 * level)
    assert loss == pytest.approx(exact.distortion + 2 * level * exact.rate, abs=1e-9)
    found = torch.linalg.eigvalsh(w.T @ w).flip(0)
    assert (found - exact.decoder_variances).abs().max() < 1e-5  # the loss is flat to 1e-10 there
    columns = (w.T @ w).diagonal().sort(descending=True).values
    assert (columns - exact.decoder_variances).abs().max() < 1e-4  # a column for each axis
    assert (d.sort().values - exact.posterior_variances).abs().max() < 1e-5
    assert (w @ v - exact.decoder @ exact.encoder).abs().max() < 1e-5


@pytest.mark.equation("eq-linear-vae")
@pytest.mark.parametrize(("level", "expected"), [
    (0.3, [3.7, 1.7, 0.7, 0.2, 0]), (1.5, [2.5, 0.5, 0, 0, 0]), (1.2, [2.8, 0.8, 0, 0, 0])])
def test_an_axis_collapses_when_its_variance_is_at_most_the_level(level, expected) -> None:
    model = LinearVAE(turned(LAMBDA), 5, level)
    assert model.decoder_variances.tolist() == pytest.approx(expected, abs=1e-12)
    assert model.active.tolist() == [v > level for v in LAMBDA.tolist()]
    wanted = [min(1, level / v) for v in LAMBDA.tolist()]
    assert model.posterior_variances.tolist() == pytest.approx(wanted, abs=1e-12)
    assert model.divergences[~model.active].tolist() == [0] * int((~model.active).sum())
    at = LinearVAE(torch.diag(LAMBDA), 5, 1.0)  # exactly at the third variance
    assert at.active.tolist() == [True, True, False, False, False]


@pytest.mark.parametrize(("latents", "beta"), [(5, 1.0), (3, 1.0), (3, 2.5)])
def test_its_numbers_are_those_of_its_matrices(latents, beta) -> None:
    cov = turned(LAMBDA, 3)
    model = LinearVAE(cov, latents, 0.4, beta)
    error, divergences = terms(cov, model.decoder, model.encoder, model.posterior_variances)
    assert float(error) == pytest.approx(model.distortion, abs=1e-12)
    assert (divergences - model.divergences).abs().max() < 1e-12
    assert float(divergences.sum()) == pytest.approx(model.rate, abs=1e-12)
    # what encodings of data look like together is the prior on every active axis
    told = model.encoder @ cov @ model.encoder.T + torch.diag(model.posterior_variances)
    assert (told - torch.eye(latents)).abs().max() < 1e-12
    law = model.samples_cov()
    by_hand = -(len(cov) * math.log(2 * math.pi) + law.logdet() + (law.inverse() @ cov).trace()) / 2
    assert model.log_likelihood == pytest.approx(float(by_hand), abs=1e-12)


@pytest.mark.equation("eq-linear-likelihood")
@pytest.mark.parametrize("latents", [1, 3, 5])
@pytest.mark.parametrize("variance", [0.05, 0.4, 3.0])
def test_with_beta_1_the_bound_is_the_likelihood_of_ppca(latents, variance) -> None:
    model = LinearVAE(turned(LAMBDA, 1), latents, variance)
    assert model.elbo == pytest.approx(model.log_likelihood, abs=1e-10)
    # Tipping & Bishop: the model's variances are lambda where kept, and the noise elsewhere
    kept = LAMBDA[:latents][LAMBDA[:latents] > variance]
    wanted = torch.cat([kept, f64([variance] * (5 - len(kept)))]).sort().values
    assert (torch.linalg.eigvalsh(model.samples_cov()) - wanted).abs().max() < 1e-12
    for beta in (0.5, 2.0):
        other = LinearVAE(turned(LAMBDA, 1), latents, variance, beta)
        assert other.elbo < other.log_likelihood + 1e-12
        assert other.log_likelihood <= model.log_likelihood + 1e-12
        if bool(other.active.any()):
            assert other.elbo < min(other.log_likelihood, model.elbo) - 1e-4


@pytest.mark.equation("eq-elbo-vae")
@pytest.mark.parametrize(("latents", "beta"), [(5, 1.0), (3, 0.4), (3, 2.5)])
def test_the_gap_is_the_divergence_from_the_true_posterior(latents, beta) -> None:
    """A weight other than 1 trains another encoder than that; the mean over x by matrices."""
    cov = turned(LAMBDA, 4)
    model = LinearVAE(cov, latents, 0.4, beta)
    w, d = model.decoder, model.posterior_variances
    precision = torch.eye(latents).double() + w.T @ w / 0.4
    off = model.encoder - precision.inverse() @ w.T / 0.4
    gap = ((precision.diagonal() * d).sum() - latents - precision.logdet() - d.log().sum()
           + (precision @ off @ cov @ off.T).trace()) / 2
    assert model.log_likelihood - model.elbo == pytest.approx(float(gap), abs=1e-10)
    assert float(gap) > 0.05 if beta != 1 else float(gap) == pytest.approx(0, abs=1e-10)


def test_draws_agree() -> None:
    """ELBO, rate and distortion of 200,000 points, by torch.distributions."""
    n, cov = 200_000, turned(LAMBDA, 2)
    model = LinearVAE(cov, 4, 0.3, 1.4)
    x = MultivariateNormal(torch.zeros(5).double(), cov)
    points = randn((n, 5), seeded(0)) @ x.scale_tril.T
    posterior = Normal(points @ model.encoder.T, model.posterior_variances.sqrt())
    z = posterior.mean + posterior.stddev * randn((n, 4), seeded(1))
    decoded = z @ model.decoder.T
    rates = kl_divergence(posterior, Normal(0.0, 1.0)).sum(1)
    errors = (points - decoded).square().sum(1)
    bounds = Normal(decoded, math.sqrt(0.3)).log_prob(points).sum(1) - rates
    likelihoods = MultivariateNormal(torch.zeros(5).double(), model.samples_cov()).log_prob(points)
    for found, exact in ((rates, model.rate), (errors, model.distortion), (bounds, model.elbo),
                         (likelihoods, model.log_likelihood)):
        assert abs(float(found.mean()) - exact) < 5 * float(found.std()) / math.sqrt(n)


@pytest.mark.parametrize("latents", [5, 3])
def test_on_other_data_it_does_what_draws_say(latents) -> None:
    """Data of another covariance; on its own it is the optimum, elsewhere above the curve."""
    n, cov, other = 100_000, turned(LAMBDA, 2), turned(LAMBDA.flip(0) + 0.2, 5)
    model = LinearVAE(cov, latents, 0.3, 1.4)
    assert model.measured_on(cov) == pytest.approx((model.rate, model.distortion), abs=1e-12)
    points = randn((n, 5), seeded(0)) @ torch.linalg.cholesky(other).T
    posterior = Normal(points @ model.encoder.T, model.posterior_variances.sqrt())
    z = posterior.mean + posterior.stddev * randn((n, latents), seeded(1))
    rates = kl_divergence(posterior, Normal(0.0, 1.0)).sum(1)
    errors = (points - z @ model.decoder.T).square().sum(1)
    rate, distortion = model.measured_on(other)
    for found, exact in ((rates, rate), (errors, distortion)):
        assert abs(float(found.mean()) - exact) < 5 * float(found.std()) / math.sqrt(n)
    assert rate > shannon_rate(torch.linalg.eigvalsh(other), distortion) + 0.1


@pytest.mark.equation("eq-water-filling")
@pytest.mark.parametrize("beta", [0.1, 1.0, 3.0, 10.0])
def test_the_sweep_walks_on_shannons_curve_and_few_latents_stay_above(beta) -> None:
    model = LinearVAE(turned(LAMBDA), 5, 0.25, beta)
    assert (model.rate, model.distortion) == pytest.approx(
        rate_and_distortion(LAMBDA, 0.25 * beta), abs=1e-12)
    few = LinearVAE(turned(LAMBDA), 2, 0.25, beta)
    over = few.rate - shannon_rate(LAMBDA, few.distortion)
    assert over > 0.01 if 0.25 * beta < 1.0 else over == pytest.approx(0, abs=1e-12)


@pytest.mark.equation("eq-smooth")
def test_the_mean_alone_varies_less_than_data_by_the_noise() -> None:
    model = LinearVAE(turned(LAMBDA), 5, 0.3)
    smooth = torch.linalg.eigvalsh(model.samples_cov(noise=False)).flip(0)
    assert (smooth - (LAMBDA - 0.3).clamp(min=0)).abs().max() < 1e-12
    drawn = model.samples_cov() - model.samples_cov(noise=False)
    assert (drawn - 0.3 * torch.eye(5).double()).abs().max() < 1e-12


@pytest.mark.equation("eq-reductions")
@pytest.mark.parametrize(("error", "divergence"), [("sum", "sum"), ("mean", "sum"),
                                                   ("sum", "mean"), ("mean", "mean")])
def test_each_reduction_kills_the_axes_that_its_level_covers(error, divergence) -> None:
    """Eight pixels, four latents, a weight of 1: the levels are 1/2, 4, 1/8 and 1."""
    variances = f64([6.0, 3.0, 0.7, 0.3, 0.1, 0.05, 0.02, 0.01])
    level = level_of(1.0, 8, 4, error=error, divergence=divergence)
    expected = {"sumsum": (0.5, 3), "meansum": (4.0, 1), "summean": (0.125, 4),
                "meanmean": (1.0, 2)}
    assert (level, int((variances[:4] > level).sum())) == expected[error + divergence]
    cov = turned(variances)
    by = (8 if error == "mean" else 1, 4 if divergence == "mean" else 1)
    w, _, d, _ = searched(cov, 4, 1.0, *by, most=400)
    model = LinearVAE(cov, 4, level)
    assert (torch.linalg.eigvalsh(w.T @ w).flip(0) - model.decoder_variances).abs().max() < 1e-4
    assert ((1 - d > 1e-3).sum()) == expected[error + divergence][1]


@pytest.mark.equation("eq-reductions")
def test_dividing_both_by_the_same_number_changes_nothing() -> None:
    """Mean over pixels, and the summed divergence divided by the number of pixels."""
    assert level_of(1 / 784, 784, 20, error="mean") == pytest.approx(level_of(1.0, 784, 20))


COV = torch.diag(LAMBDA)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: LinearVAE(COV[:3], 2, 1.0), r"cov must have shape \(d, d\); it has \(3, 5\)"),
    (lambda: LinearVAE(COV / 0, 2, 1.0), "cov must be finite"),
    (lambda: LinearVAE(-COV, 2, 1.0), "positive semi-definite"),
    (lambda: LinearVAE(COV, 2, 1.0).measured_on(COV[:3]), r"cov must have shape \(5, 5\); it has "
                                                          r"\(3, 5\)"),
    (lambda: LinearVAE(COV, 2, 1.0).measured_on(COV / 0), "cov must be finite"),
    (lambda: LinearVAE(COV, 6, 1.0), "latents must be at most the 5 coordinates of the data; it "
                                     "is 6"),
    (lambda: LinearVAE(COV, 0, 1.0), "latents must be at least 1; it is 0"),
    (lambda: LinearVAE(COV, 2, 0.0), "variance must be positive; it is 0.0"),
    (lambda: LinearVAE(COV, 2, 1.0, -1.0), "beta must be positive; it is -1.0"),
    (lambda: level_of(1.0, 4, 2, error="total"), "error must be 'sum' or 'mean'; it is 'total'"),
    (lambda: level_of(1.0, 4, 2, divergence="no"), "divergence must be 'sum' or 'mean'"),
    (lambda: level_of(0.0, 4, 2), "weight must be positive; it is 0.0"),
    (lambda: level_of(1.0, 0, 2), "pixels must be at least 1; it is 0"),
    (lambda: level_of(1.0, 4, 0), "latents must be at least 1; it is 0"),
])  # fmt: skip
def test_bad_input_is_refused(call, message, without_shape_checks) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_directions_that_the_data_do_not_have_cost_nothing() -> None:
    """Ten points span ten of 40 directions; rounding leaves eigenvalues a little below 0 for the
    others, as it does for the corners of digits."""
    data = randn((10, 40), seeded(0))
    cov = data.T @ data / 10
    assert torch.linalg.eigvalsh(cov).min() < 0
    model = LinearVAE(cov, latents=40, variance=0.5)
    assert int(model.active.sum()) == 10 and model.posterior_variances[10:].tolist() == [1.0] * 30
    assert model.measured_on(cov) == pytest.approx((model.rate, model.distortion), abs=1e-9)
