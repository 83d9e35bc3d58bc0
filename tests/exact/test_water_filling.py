"""Shannon's curve: by hand, by searching all ways to share the error, and back and forth."""

import math

import pytest
import torch
from scipy.optimize import minimize

from diffusionbook.exact.water_filling import level_at, rate_and_distortion, shannon_rate
from diffusionbook.randomness import randn, seeded
from exact import f64

VARIANCES = f64([0.5, 4.0, 0.1, 2.0, 1.0, 0.0])


@pytest.mark.equation("eq-water-filling")
def test_by_hand() -> None:
    rate, distortion = rate_and_distortion(VARIANCES, 1.5)
    assert rate == pytest.approx((math.log(4 / 1.5) + math.log(2 / 1.5)) / 2, abs=1e-12)
    assert distortion == pytest.approx(1.5 + 1.5 + 1.0 + 0.5 + 0.1, abs=1e-12)
    assert rate_and_distortion(VARIANCES, 9.0) == (0.0, pytest.approx(7.6))


@pytest.mark.equation("eq-water-filling")
@pytest.mark.parametrize("distortion", [0.2, 1.3, 3.0, 6.5])
def test_no_other_way_to_share_the_error_costs_less(distortion) -> None:
    """An axis told with error e costs log(variance / e) / 2: scipy minimises the sum of that."""
    variances = VARIANCES[VARIANCES > 0].numpy()
    found = minimize(
        lambda e: sum(math.log(v / x) / 2 for v, x in zip(variances, e, strict=True)),
        variances * distortion / variances.sum(), method="SLSQP", tol=1e-13,
        bounds=[(1e-9, v) for v in variances],
        constraints={"type": "eq", "fun": lambda e: e.sum() - distortion})  # fmt: skip
    assert found.success
    assert shannon_rate(VARIANCES, distortion) == pytest.approx(found.fun, abs=1e-7)


@pytest.mark.parametrize("level", [1e-6, 0.05, 0.1, 0.3, 0.5, 1.0, 1.7, 2.0, 3.99, 4.0])
def test_level_and_distortion_are_inverse(level) -> None:
    """Also where the water stands at one of the variances, where the formula changes."""
    rate, distortion = rate_and_distortion(VARIANCES, level)
    assert level_at(VARIANCES, distortion) == pytest.approx(level, rel=1e-9)
    assert shannon_rate(VARIANCES, distortion) == pytest.approx(rate, abs=1e-9)


def test_the_slope_of_the_curve_is_the_level() -> None:
    """d rate / d distortion = -1 / (2 level): what beta stands for."""
    for level in (0.07, 0.3, 1.5):
        (rate, error), (more, less) = (rate_and_distortion(VARIANCES, level * (1 + h))
                                       for h in (1e-6, -1e-6))
        assert (more - rate) / (less - error) == pytest.approx(-1 / (2 * level), rel=1e-6)


def test_many_equal_variances() -> None:
    assert level_at(torch.full((784,), 0.1), 7.84) == pytest.approx(0.01, rel=1e-6)
    assert shannon_rate(torch.ones(3), 3.0) == 0 == shannon_rate(torch.zeros(3), 1.0)


def test_where_all_is_given_up_the_water_stands_at_the_largest_variance() -> None:
    """Also where the sum of the variances rounds so that none of them seems above the water."""
    for seed in range(200):
        variances = randn((30,), seeded(seed)).square().sort(descending=True).values
        level = level_at(variances, float(variances.sum()))
        assert level == pytest.approx(float(variances.max()), rel=1e-9)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: rate_and_distortion(f64([1e308, 1e308]), 1.0), "and have a finite sum"),
    (lambda: rate_and_distortion(VARIANCES, 0.0), "level must be positive; it is 0.0"),
    (lambda: rate_and_distortion(-VARIANCES, 1.0), "variances must not be negative"),
    (lambda: rate_and_distortion(VARIANCES[:0], 1.0), r"variances must have shape \(d,\)"),
    (lambda: rate_and_distortion(VARIANCES[:, None], 1.0), r"shape \(d,\).*it has \(6, 1\)"),
    (lambda: level_at(VARIANCES, 7.7), "distortion must be positive and at most the sum of the "
                                       "variances, 7.6; it is 7.7"),
    (lambda: shannon_rate(VARIANCES, -1.0), "distortion must be positive; it is -1.0"),
])  # fmt: skip
def test_bad_input_is_refused(call, message, without_shape_checks) -> None:
    with pytest.raises(ValueError, match=message):
        call()
