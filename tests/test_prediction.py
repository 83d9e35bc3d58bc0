"""The (p, q) table: every row against its definition, and every way from row to row."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from models import PATHS, each_path

from diffusionbook.paths.gaussian import VE, VP, Cosine, Linear
from diffusionbook.prediction import (
    EDM,
    NAMES,
    Prediction,
    coefficients,
    convert,
    determinant,
    loss_weight,
)
from diffusionbook.randomness import randn, seeded

T = torch.linspace(0.05, 0.95, 10, dtype=torch.float64)
X0, EPS = randn((10, 2), seeded(0)), randn((10, 2), seeded(1))


def rows(path) -> list:
    return [*NAMES, EDM(0.5), EDM(2.0)] if isinstance(path, VE) else list(NAMES)


def by_definition(param, x0, eps, t, path) -> torch.Tensor:
    """The value of a row, as its paper defines it."""
    alpha, sigma, d_alpha, d_sigma = (
        f(t)[..., None] for f in (path.alpha, path.sigma, path.d_alpha, path.d_sigma)
    )
    if isinstance(param, EDM):  # D(x) = c_skip x + c_out F, solved for F
        s = param.sigma_data
        total = sigma**2 + s**2
        c_skip, c_out = s**2 / total, sigma * s / total.sqrt()
        return (x0 - c_skip * (x0 + sigma * eps)) / c_out
    return {
        "x0": x0,
        "eps": eps,
        "v": alpha * eps - sigma * x0,
        "velocity": d_alpha * x0 + d_sigma * eps,
        "score": -(alpha * x0 + sigma * eps - alpha * x0) / sigma**2,  # of N(alpha x0, sigma^2)
    }[param]


@pytest.mark.equation("eq-row")
@pytest.mark.equation("eq-solve-x0")
@pytest.mark.equation("eq-solve-eps")
@pytest.mark.equation("eq-score-eps")
@given(st.sampled_from(PATHS), st.data(), st.integers(0, 2**31))
def test_every_row_converts_into_every_other(path, data, seed: int) -> None:
    source, target = (data.draw(st.sampled_from(rows(path))) for _ in range(2))
    generator = seeded(seed)
    x0, eps = randn((10, 2), generator), randn((10, 2), generator)
    x_t = path.interpolate(x0, eps, T)
    y = by_definition(source, x0, eps, T, path)
    answer = convert(y, x_t, T, path, source=source, target=target)
    expected = by_definition(target, x0, eps, T, path)
    assert (answer - expected).abs().max() < 1e-10 * max(1, expected.abs().max())


@pytest.mark.equation("eq-score-eps")
@pytest.mark.equation("eq-velocity")
@pytest.mark.equation("eq-solve-x0")
@pytest.mark.equation("eq-solve-eps")
@each_path
def test_a_prediction_can_be_read_as_every_row(path) -> None:
    x_t = path.interpolate(X0, EPS, T)
    for source in rows(path):
        y = by_definition(source, X0, EPS, T, path)
        prediction = Prediction(y, source, x_t, T, path)
        for target in NAMES:
            expected = by_definition(target, X0, EPS, T, path)
            assert (getattr(prediction, target) - expected).abs().max() < 1e-10


@pytest.mark.equation("eq-determinant")
@each_path
def test_determinants_of_the_table(path) -> None:
    c = path.at(T, T)
    alpha, sigma, d_alpha, d_sigma = c
    table = {
        "x0": -sigma,
        "eps": alpha,
        "v": alpha**2 + sigma**2,
        "velocity": alpha * d_sigma - sigma * d_alpha,
        "score": -alpha / sigma,
    }
    for param, expected in table.items():
        assert (determinant(param, c) - expected).abs().max() < 1e-12
    if isinstance(path, Linear):
        assert (determinant("velocity", c) - 1).abs().max() < 1e-12
    if isinstance(path, VE):
        expected = -torch.sqrt(sigma**2 + 0.25) / 0.5
        assert (determinant(EDM(0.5), c) - expected).abs().max() < 1e-12


@pytest.mark.equation("eq-row")
def test_edm_has_unit_variance_input_and_output() -> None:
    """For data of std sigma_d the target p x0 + q eps has variance 1, as EDM's authors ask."""
    for s in (0.5, 2.0):
        p, q = coefficients(EDM(s), VE(3.0).at(T, T))
        assert ((p * s) ** 2 + q**2 - 1).abs().max() < 1e-12
        sigma = VE(3.0).sigma(T)  # and is uncorrelated with the input x0 + sigma eps
        assert (p * s**2 + q * sigma).abs().max() < 1e-12


@pytest.mark.equation("eq-loss-weight")
@each_path
def test_loss_weight_is_the_ratio_of_squared_errors(path) -> None:
    x_t = path.interpolate(X0, EPS, T)
    guess = X0 + randn(X0.shape, seeded(2))
    eps_guess = (x_t - path.alpha(T)[:, None] * guess) / path.sigma(T)[:, None]
    in_x0 = (X0 - guess).square().sum(1)
    for param in rows(path):
        true = by_definition(param, X0, EPS, T, path)
        error = (true - by_definition(param, guess, eps_guess, T, path)).square().sum(1)
        assert (loss_weight(param, T, path) / (error / in_x0) - 1).abs().max() < 1e-10


@pytest.mark.equation("eq-loss-weight")
def test_loss_weights_with_a_name() -> None:
    for path in PATHS:
        snr = (path.alpha(T) / path.sigma(T)) ** 2
        assert (loss_weight("x0", T, path) - 1).abs().max() < 1e-10
        assert (loss_weight("eps", T, path) / snr - 1).abs().max() < 1e-10
    for path in (Cosine(), VP()):
        snr = (path.alpha(T) / path.sigma(T)) ** 2
        assert (loss_weight("v", T, path) / (snr + 1) - 1).abs().max() < 1e-10
    sigma = VE(3.0).sigma(T)
    lam = (sigma**2 + 0.25) / (sigma * 0.5) ** 2
    assert (loss_weight(EDM(0.5), T, VE(3.0)) / lam - 1).abs().max() < 1e-10
    assert (loss_weight("velocity", T, Linear()) * T**2 - 1).abs().max() < 1e-10


def test_loss_weight_of_one_time() -> None:
    weight = loss_weight("eps", 0.2, Linear())
    assert weight.shape == () and weight.dtype == torch.float64
    assert float(weight) == pytest.approx(16, abs=1e-10)
