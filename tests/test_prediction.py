"""The (p, q) table: every row against its definition, and every way from row to row."""

import math

import pytest
import torch
from exact import f64
from hypothesis import given
from hypothesis import strategies as st

from diffusionbook.paths import VE, VP, Cosine, DiscretePath, Linear
from diffusionbook.prediction import (
    EDM,
    NAMES,
    Prediction,
    coefficients,
    convert,
    determinant,
    loss_weight,
)
from diffusionbook.shapes import randn, seeded

PATHS = [Linear(), Cosine(), VP(), VE(3.0)]
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
@pytest.mark.parametrize("path", PATHS, ids=str)
def test_a_prediction_can_be_read_as_every_row(path) -> None:
    x_t = path.interpolate(X0, EPS, T)
    for source in rows(path):
        y = by_definition(source, X0, EPS, T, path)
        prediction = Prediction(y, source, x_t, T, path)
        for target in NAMES:
            expected = by_definition(target, X0, EPS, T, path)
            assert (getattr(prediction, target) - expected).abs().max() < 1e-10


@pytest.mark.equation("eq-determinant")
@pytest.mark.parametrize("path", PATHS, ids=str)
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
@pytest.mark.parametrize("path", PATHS, ids=str)
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


def test_the_row_it_came_in_is_returned_untouched() -> None:
    prediction = Prediction(EPS, "eps", X0, torch.tensor(1.0), Linear())  # singular, yet readable
    assert prediction.eps is EPS


def test_precision_of_the_samples_is_kept() -> None:
    prediction = Prediction(EPS.float(), "eps", X0.float(), T, Cosine())
    assert prediction.x0.dtype == torch.float32


@pytest.mark.equation("eq-determinant")
@pytest.mark.parametrize(
    ("source", "path", "t"),
    [
        ("eps", Linear(), 1.0),
        ("eps", Cosine(), 1.0),
        ("score", Linear(), 1.0),
        ("x0", Linear(), 0.0),
        ("x0", VP(), 0.0),
        ("score", VP(), 0.0),
        ("velocity", VP(), 0.0),
    ],
    ids=str,
)
def test_singular_ends_are_refused(source, path, t: float) -> None:
    prediction = Prediction(EPS, source, X0, torch.tensor(t), path)
    with pytest.raises(
        ValueError, match=rf"param '{source}' is singular on {path.__class__.__name__}"
    ):
        _ = prediction.v
    with pytest.raises(ValueError, match=rf"at t = \[{t}\]: its determinant .* use another row"):
        _ = prediction.v


def test_one_singular_time_in_a_batch_is_enough() -> None:
    t = torch.linspace(0, 0.9, 10, dtype=torch.float64)
    with pytest.raises(ValueError, match=r"singular on Cosine\(\) at t = \[0.0, "):
        convert(X0, X0, t, Cosine(), source="x0", target="eps")


@pytest.mark.parametrize(("t", "singular"), [(0.9e-12, True), (1.1e-12, False)])
def test_how_close_to_singular_is_too_close(t: float, singular: bool) -> None:
    prediction = Prediction(X0, "x0", X0, t, Linear())  # D = -t
    if singular:
        with pytest.raises(ValueError, match="param 'x0' is singular"):
            _ = prediction.eps
    else:
        assert torch.isfinite(prediction.eps).all()


def test_rows_that_are_infinite_cannot_be_asked_for() -> None:
    prediction = Prediction(EPS, "eps", X0, torch.tensor(0.0), VP())
    for target in ("score", "velocity"):
        with pytest.raises(ValueError, match=rf"param '{target}' is not finite on VP.*t = \[0.0\]"):
            prediction.to(target)
    chain = DiscretePath.from_betas(torch.full((10,), 0.1))
    with pytest.raises(ValueError, match="param 'velocity' is not finite on DiscretePath"):
        _ = Prediction(EPS, "eps", X0, torch.tensor(0.5), chain).velocity


@pytest.mark.parametrize("call", [coefficients, determinant])
def test_unknown_rows_are_refused(call, without_shape_checks) -> None:
    with pytest.raises(ValueError, match="param must be one of .*'velocity'.* it is 'noise'"):
        call("noise", Linear().at(0.5, X0))


def test_edm_needs_a_path_that_keeps_the_data() -> None:
    with pytest.raises(ValueError, match="param EDM needs a path with alpha = 1, such as VE"):
        coefficients(EDM(), Linear().at(T, X0))


@pytest.mark.parametrize("sigma_data", [0.0, -1.0, math.nan])
def test_edm_needs_a_positive_scale(sigma_data: float) -> None:
    with pytest.raises(ValueError, match=f"sigma_data must be positive; it is {sigma_data}"):
        EDM(sigma_data)


def test_the_scale_of_edm_is_its_papers() -> None:
    assert EDM().sigma_data == 0.5  # arXiv 2206.00364, Table 1


def test_zero_dimensional_times() -> None:
    x_t = Linear().interpolate(X0, EPS, f64(0.3))
    assert (Prediction(EPS, "eps", x_t, 0.3, Linear()).x0 - X0).abs().max() < 1e-12
