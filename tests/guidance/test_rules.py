"""Combine rules: one sample at a time, by hand."""

import math

import pytest
import torch

from diffusionbook.guidance import Projected, Rescaled, extrapolate
from diffusionbook.paths.gaussian import Cosine, Linear
from diffusionbook.prediction import Prediction
from diffusionbook.randomness import randn, seeded
from exact import f64

SHAPE = (4, 1, 3, 3)
X_T, STRONG, WEAK = (randn(SHAPE, seeded(seed)) for seed in range(3))
PATH, T = Linear(), f64([0.2, 0.4, 0.6, 0.8])


def predicted(value, param="x0") -> Prediction:
    return Prediction(value, param, X_T, T, PATH)


S, W = predicted(STRONG), predicted(WEAK)


def std(values) -> float:
    numbers = values.flatten().tolist()
    mean = sum(numbers) / len(numbers)
    return math.sqrt(sum((number - mean) ** 2 for number in numbers) / len(numbers))


@pytest.mark.equation("eq-cfg")
def test_extrapolation_goes_through_both() -> None:
    assert torch.equal(extrapolate(S, W, 0.0).x0, WEAK)
    assert (extrapolate(S, W, 1.0).x0 - STRONG).abs().max() < 1e-12
    assert (extrapolate(S, W, 3.0).x0 - (3 * STRONG - 2 * WEAK)).abs().max() < 1e-12


@pytest.mark.equation("eq-rescale")
@pytest.mark.parametrize("phi", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("param", ["x0", "v", "eps"])
def test_the_spread_of_each_sample_is_mixed(phi: float, param) -> None:
    answer = Rescaled(phi, param)(predicted(S.velocity, "velocity"), W, 4.0)
    assert answer.param == param
    strong = S.to(param)
    guided = 4 * strong - 3 * W.to(param)
    for i in range(len(guided)):
        factor = phi * std(strong[i]) / std(guided[i]) + 1 - phi
        assert (answer.y[i] - factor * guided[i]).abs().max() < 1e-10
    if phi == 1:
        assert [std(a) for a in answer.y] == pytest.approx([std(s) for s in strong], abs=1e-10)


@pytest.mark.equation("eq-rescale")
def test_the_row_that_is_rescaled_matters() -> None:
    in_x0, in_v = (Rescaled(1.0, param)(S, W, 4.0).x0 for param in ("x0", "v"))
    assert (in_x0 - in_v).abs().max() > 0.1
    assert Rescaled(1.0).param == "x0"


def test_a_sample_without_spread_is_left_as_it_is() -> None:
    flat = predicted(torch.full(SHAPE, 2.0).double())
    guided = Rescaled(0.7)(flat, predicted(flat.y / 2), 3.0).x0
    assert (guided - 4).abs().max() < 1e-12


@pytest.mark.equation("eq-projected")
@pytest.mark.parametrize("parallel", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("w", [0.0, 1.0, 4.0])
def test_the_update_is_split_along_the_strong_x0(parallel: float, w: float) -> None:
    answer = Projected(parallel)(predicted(S.v, "v"), predicted(W.eps, "eps"), w).x0
    for a, s, u in zip(answer, STRONG, STRONG - WEAK, strict=True):
        unit = s / s.square().sum().sqrt()
        along = (u * unit).sum() * unit
        across = u - along
        assert ((a - s) - (w - 1) * (across + parallel * along)).abs().max() < 1e-10
        if parallel == 0:
            assert ((a - s) * s).sum().abs() < 1e-10
    if parallel == 1:
        assert (answer - extrapolate(S, W, w).x0).abs().max() < 1e-10


@pytest.mark.equation("eq-projected")
def test_a_long_update_is_shortened_to_the_radius() -> None:
    norms = [float(u.square().sum().sqrt()) for u in STRONG - WEAK]
    radius = sorted(norms)[1] + 0.01  # two are longer, two are not
    answer = Projected(1.0, radius)(S, W, 3.0).x0
    for a, s, u, norm in zip(answer, STRONG, STRONG - WEAK, norms, strict=True):
        assert ((a - s) - 2 * u * min(1, radius / norm)).abs().max() < 1e-10
    assert min(norms) < radius < max(norms)


@pytest.mark.equation("eq-projected")
def test_the_update_is_shortened_before_it_is_split() -> None:
    short = Projected(0.0, 0.5)(S, W, 3.0).x0
    for a, s, u in zip(short, STRONG, STRONG - WEAK, strict=True):
        u = 0.5 * u / u.square().sum().sqrt()
        across = u - (u * s).sum() / s.square().sum() * s
        assert ((a - s) - 2 * across).abs().max() < 1e-10


def test_nothing_to_project_is_no_fault() -> None:
    zero = predicted(torch.zeros(SHAPE).double())
    same = Projected(0.0, 1.0)(S, S, 3.0).x0
    assert (same - STRONG).abs().max() < 1e-12
    assert (Projected(0.5)(zero, W, 3.0).x0 + 2 * WEAK).abs().max() < 1e-12


def test_rules_keep_the_precision() -> None:
    x_t, strong, weak = X_T.float(), STRONG.float(), WEAK.float()
    s, w = (Prediction(y, "x0", x_t, T, PATH) for y in (strong, weak))
    for rule in (extrapolate, Rescaled(0.7), Projected(0.2, 1.0)):
        assert rule(s, w, 3.0).x0.dtype == torch.float32


def test_x0_is_not_to_be_had_from_eps_without_signal() -> None:
    s, w = (Prediction(y, "eps", X_T, 1.0, Cosine()) for y in (STRONG, WEAK))
    for rule in (Rescaled(0.7), Projected()):
        with pytest.raises(ValueError, match="param 'eps' is singular on Cosine"):
            rule(s, w, 3.0)
    assert Rescaled(0.7, "eps")(s, w, 3.0).eps.shape == SHAPE


@pytest.mark.parametrize("phi", [-0.1, 1.1, math.nan])
def test_a_share_outside_of_0_and_1_is_refused(phi: float) -> None:
    with pytest.raises(ValueError, match=rf"phi must lie in \[0, 1\]; it is {phi}"):
        Rescaled(phi)


def test_other_bad_arguments_are_refused() -> None:
    for radius in (0.0, -1.0, math.nan):
        with pytest.raises(ValueError, match=f"radius must be positive.*it is {radius}"):
            Projected(radius=radius)
    s, w = (
        Prediction(y.flatten(1)[:, :1], "x0", X_T.flatten(1)[:, :1], T, PATH)
        for y in (STRONG, WEAK)
    )
    with pytest.raises(ValueError, match="Rescaled needs samples of 2 numbers or more"):
        Rescaled(0.7)(s, w, 3.0)
