"""Where rows of the table are singular, and the rows and times that are refused."""

import math

import pytest
import torch

from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import VP, Cosine, Linear
from diffusionbook.prediction import (
    EDM,
    Prediction,
    coefficients,
    convert,
    determinant,
)
from diffusionbook.randomness import randn, seeded
from exact import f64

T = torch.linspace(0.05, 0.95, 10, dtype=torch.float64)
X0, EPS = randn((10, 2), seeded(0)), randn((10, 2), seeded(1))


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


@pytest.mark.parametrize(("t", "singular"), [(0.9e-12, True), (1e-12, True), (1.1e-12, False)])
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
    chain = Chain.from_betas(torch.full((10,), 0.1))
    with pytest.raises(ValueError, match="param 'velocity' is not finite on Chain"):
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
