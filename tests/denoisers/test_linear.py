"""The linear denoiser: exact for a Gaussian, and the best of its kind for everything else."""

import math
from functools import partial

import numpy as np
import pytest
import torch

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.denoisers.linear import LinearDenoiser
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.paths.gaussian import VE, VP, Cosine, Linear
from diffusionbook.randomness import randn, seeded
from exact import f64

eye = partial(torch.eye, dtype=torch.float64)
PATHS = pytest.mark.parametrize("path", [Linear(), Cosine(), VP(), VE(3.0)], ids=str)


def data(n: int = 60, d: int = 5, seed: int = 0) -> torch.Tensor:
    """Points that are no Gaussian, with a mean and correlated coordinates of different spread."""
    mix = randn((d, d), seeded(seed)) * torch.linspace(0.1, 2, d).double()
    return (randn((n, d), seeded(seed + 1)) ** 3 + 0.5) @ mix + torch.arange(d)


def moments(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    mean, cov = np.mean(x.numpy(), 0), np.cov(x.numpy().T, bias=True)
    return torch.from_numpy(mean), torch.from_numpy(np.atleast_2d(cov))


def gaussian(x: torch.Tensor) -> GaussianMixture:
    return GaussianMixture.normal(*moments(x))


def affine(model: LinearDenoiser, t: float, d: int) -> tuple[torch.Tensor, torch.Tensor]:
    """(a, b) with x0 = a x_t + b, found by asking."""
    answers = model(torch.cat([torch.zeros(1, d).double(), eye(d)]), t).x0
    return (answers[1:] - answers[0]).T, answers[0]


def actual_error(model: LinearDenoiser, x: torch.Tensor, t: float) -> float:
    """Mean squared error in x0 over the points of x and all noise, from its affine form alone:
    x0 hat - x0 = (alpha a - 1) x0 + b + sigma a eps."""
    a, b = affine(model, t, x.shape[1])
    alpha, sigma = float(model.path.alpha(t)), float(model.path.sigma(t))
    bias = x @ (alpha * a - eye(x.shape[1])).T + b
    return float(bias.square().mean() + sigma**2 * a.square().sum() / x.shape[1])


@pytest.mark.equation("eq-linear-denoiser")
@PATHS
def test_it_is_the_exact_denoiser_of_the_gaussian_with_the_datas_moments(path) -> None:
    x, x_t = data(), 3 * randn((7, 5), seeded(9)) + 1
    model, exact = LinearDenoiser(x, path), AnalyticDenoiser(gaussian(x), path)
    assert isinstance(model, Denoiser)
    for t in (1e-3, 0.3, f64(0.9), torch.linspace(0.01, 1, 7).double()):
        ours, theirs = model(x_t, t), exact(x_t, t)
        assert (ours.x0 - theirs.x0).abs().max() < 1e-9
    assert (model(x_t, 0.3).eps - exact(x_t, 0.3).eps).abs().max() < 1e-9


@pytest.mark.equation("eq-linear-denoiser")
@PATHS
def test_no_other_linear_function_has_a_smaller_error(path) -> None:
    """Its error is uncorrelated with x_t and has mean 0: least squares' two conditions."""
    x = data()
    model, (mean, cov), d = LinearDenoiser(x, path), moments(x), 5
    for t in (0.05, 0.5, 0.95):
        alpha, sigma = float(path.alpha(t)), float(path.sigma(t))
        a, b = affine(model, t, d)
        assert (a @ (alpha * mean) + b - mean).abs().max() < 1e-9
        of_x_t = alpha**2 * cov + sigma**2 * eye(d)
        assert (a @ of_x_t - alpha * cov).abs().max() < 1e-9


@pytest.mark.equation("eq-linear-error")
@PATHS
def test_its_error_is_the_mean_over_all_data_and_all_noise(path) -> None:
    x = data()
    model, (_, cov) = LinearDenoiser(x, path), moments(x)
    for t in (0.02, 0.3, 0.7, 0.99):
        alpha, sigma = float(path.alpha(t)), float(path.sigma(t))
        gain = torch.linalg.solve(alpha**2 * cov + sigma**2 * eye(5), alpha * cov)
        posterior = cov - alpha * cov @ gain  # what the covariance is, given x_t
        found = model.error(t)
        assert found.dtype == torch.float64 and found.shape == ()
        assert float(found) == pytest.approx(float(posterior.trace()) / 5, abs=1e-10)
        assert float(found) == pytest.approx(actual_error(model, x, t), abs=1e-10)


@pytest.mark.equation("eq-linear-error")
def test_its_error_on_noised_data_is_as_foretold() -> None:
    x, t, n = data(), 0.4, 2_000
    model = LinearDenoiser(x, Cosine())
    x0 = x.repeat(n, 1)
    x_t = Cosine().interpolate(x0, randn(x0.shape, seeded(4)), t)
    errors = (model(x_t, t).x0 - x0).square().mean(1).reshape(n, len(x)).mean(1)
    assert abs(errors.mean() - model.error(t)) < 5 * errors.std() / math.sqrt(n)


@pytest.mark.equation("eq-linear-error")
def test_errors_come_in_the_shape_of_the_times() -> None:
    model, t = LinearDenoiser(data(), VP()), torch.linspace(0, 1, 6).double()
    errors = model.error(t)
    assert errors.shape == (6,)
    assert errors.tolist() == pytest.approx([float(model.error(float(s))) for s in t])
    assert (errors.diff() > 0).all()  # more noise, more error
    with pytest.raises(ValueError, match=r"t must lie in \[0, 1\]"):
        model.error(1.1)


@PATHS
def test_without_noise_it_returns_x_t(path) -> None:
    x = data()
    model, x_t = LinearDenoiser(x, path), randn((4, 5), seeded(3))
    assert (model(x_t, 0.0).x0 - x_t).abs().max() < 1e-10
    assert float(model.error(0.0)) == 0


@pytest.mark.parametrize("path", [Linear(), Cosine()], ids=str)
def test_without_signal_it_returns_the_mean(path) -> None:
    x = data()
    model, (mean, cov) = LinearDenoiser(x, path), moments(x)
    assert (model(randn((4, 5), seeded(3)), 1.0).x0 - mean).abs().max() < 1e-10
    assert float(model.error(1.0)) == pytest.approx(float(cov.trace()) / 5)


@pytest.mark.parametrize("n", [4, 60])
def test_directions_in_which_the_data_do_not_vary_are_known(n: int) -> None:
    """Four points in five dimensions; and data one coordinate of which never changes."""
    x = data(n)
    x[:, 2] = 7.0
    model, exact = LinearDenoiser(x, Cosine()), AnalyticDenoiser(gaussian(x), Cosine())
    assert (model.variances >= 0).all() and model.variances.min() < 1e-12
    x_t = 3 * randn((6, 5), seeded(5))
    for t in (0.05, 0.5, 1.0):
        x0 = model(x_t, t).x0
        assert torch.isfinite(x0).all() and (x0[:, 2] - 7).abs().max() < 1e-8
        assert (x0 - exact(x_t, t).x0).abs().max() < 1e-8
        assert float(model.error(t)) == pytest.approx(actual_error(model, x, t), abs=1e-9)
    assert (model(x_t, 0.0).x0 - x_t).abs().max() < 1e-10
    assert float(model.error(0.0)) == 0


def test_data_that_are_one_point_are_answered_with_it_and_without_noise_with_x_t() -> None:
    x, x_t = torch.full((3, 2), 2.0).double(), randn((4, 2), seeded(0))
    model = LinearDenoiser(x, Linear())
    assert torch.equal(model.variances, torch.zeros(2).double())
    assert torch.equal(model(x_t, 0.5).x0, torch.full((4, 2), 2.0).double())
    assert (model(x_t, 0.0).x0 - x_t).abs().max() < 1e-10
    assert model.error(f64([0.0, 0.5, 1.0])).tolist() == [0, 0, 0]


def test_images_are_rows_of_pixels_and_one_in_float32_gets_float32() -> None:
    x, x_t = data(40, 6), randn((3, 6), seeded(2))
    flat, t = LinearDenoiser(x, Cosine()), torch.tensor([0.1, 0.5, 0.9])
    model = LinearDenoiser(x.reshape(40, 1, 2, 3), Cosine())
    answer = model(x_t.reshape(3, 1, 2, 3), t)
    assert answer.param == "x0" and answer.path == Cosine()
    assert torch.equal(answer.x0.flatten(1), flat(x_t, t).x0)
    single = LinearDenoiser(x.float(), Cosine())(x_t.float(), t).x0
    assert single.dtype == torch.float32
    torch.testing.assert_close(single.double(), flat(x_t, t).x0, rtol=1e-4, atol=1e-4)


def test_the_moments_of_many_points_are_those_of_all() -> None:
    x = data(9_000, 3)
    model, (mean, cov) = LinearDenoiser(x, Linear()), moments(x)
    assert (model.mean - mean).abs().max() < 1e-10
    found = model.axes @ model.variances.diag() @ model.axes.T
    assert (found - cov).abs().max() < 1e-9
    assert found.dtype == torch.float64


def test_what_it_cannot_do_is_said() -> None:
    with pytest.raises(ValueError, match="data must hold two or more points; it holds 1"):
        LinearDenoiser(data()[:1], Linear())
    model = LinearDenoiser(data()[:2], Linear())
    with pytest.raises(ValueError, match="y was given, but a linear denoiser knows no labels"):
        model(data()[:2], 0.5, torch.zeros(2).long())
