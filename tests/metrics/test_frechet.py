"""The Fréchet distance: closed forms in one, two and many dimensions, and singular covariances."""

import math
import statistics

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from diffusionbook.metrics.images import frechet, frechet_moments
from diffusionbook.randomness import randn, seeded
from exact import f64

number = st.floats(-3, 3)
scale = st.floats(0, 3)


def rotation(d: int, seed: int) -> torch.Tensor:
    return torch.linalg.qr(randn((d, d), seeded(seed)))[0]


@pytest.mark.equation("eq-frechet")
@given(number, scale, number, scale)
def test_on_a_line_means_and_deviations_differ(a, s, b, u) -> None:
    value = frechet_moments(f64([a]), f64([[s**2]]), f64([b]), f64([[u**2]]))
    assert float(value) == pytest.approx((a - b) ** 2 + (s - u) ** 2, abs=1e-10)


@pytest.mark.equation("eq-frechet")
@pytest.mark.parametrize("seed", range(4))
def test_covariances_with_the_same_axes(seed: int) -> None:
    """Commuting covariances: the distance is that of the deviations along each axis."""
    s, u = randn((6,), seeded(seed)).abs(), 2 * randn((6,), seeded(seed + 10)).abs()
    s[0], u[1] = 0, 0  # singular, each in another direction
    m, axes = randn((6,), seeded(seed + 20)), rotation(6, seed + 30)
    value = frechet_moments(0 * m, axes * s.square() @ axes.T, m, axes * u.square() @ axes.T)
    expected = m.square().sum() + (s - u).square().sum()
    assert float(value) == pytest.approx(float(expected), abs=1e-10)


@pytest.mark.equation("eq-frechet")
@given(st.tuples(*[number] * 6))
def test_covariances_that_do_not_commute(entries) -> None:
    """In the plane tr M^{1/2} = (tr M + 2 det M^{1/2})^{1/2}, by its two eigenvalues."""
    a, b, c, p, q, r = entries
    lower, other = f64([[a, 0], [b, c]]), f64([[p, 0], [q, r]])
    x, y = lower @ lower.T, other @ other.T
    root = math.sqrt(float((x @ y).trace()) + 2 * abs(a * c * p * r))
    expected = float(x.trace() + y.trace()) - 2 * root
    value = frechet_moments(f64([0, 0]), x, f64([0, 0]), y)
    # where eigenvalues all but vanish, a root has half of their digits
    assert float(value) == pytest.approx(expected, abs=2e-6)


@pytest.mark.equation("eq-frechet")
def test_covariances_that_do_not_commute_to_the_last_digit() -> None:
    x, y = f64([[2, 1], [1, 3]]), f64([[1, -0.5], [-0.5, 4]])
    product = x @ y
    determinant = (2 * 3 - 1) * (1 * 4 - 0.25)
    expected = 5 + 5 - 2 * math.sqrt(float(product.trace()) + 2 * math.sqrt(determinant))
    value = frechet_moments(f64([0, 0]), x, f64([0, 0]), y)
    assert float(value) == pytest.approx(expected, abs=1e-12)


@pytest.mark.equation("eq-frechet")
@pytest.mark.parametrize("d", [1, 2, 50])
def test_singular_covariances(d: int) -> None:
    """Of rank one, v vᵀ: against w wᵀ the root's trace is |v·w|, against C it is (v·Cv)^{1/2}."""
    v, w, zero = randn((d,), seeded(0)), randn((d,), seeded(1)), torch.zeros(d).double()
    value = frechet_moments(zero, v.outer(v), zero, w.outer(w))
    expected = v @ v + w @ w - 2 * (v @ w).abs()
    assert float(value) == pytest.approx(float(expected), abs=1e-11)
    factor = randn((d, d), seeded(2))
    full = factor @ factor.T
    value = frechet_moments(zero, v.outer(v), zero, full)
    expected = v @ v + full.trace() - 2 * (v @ full @ v).sqrt()
    assert float(value) == pytest.approx(float(expected), abs=1e-10 * d)
    at_a_point = frechet_moments(zero, 0 * full, v, full)
    assert float(at_a_point) == pytest.approx(float(v @ v + full.trace()), abs=1e-10 * d)


@pytest.mark.equation("eq-frechet")
def test_covariances_of_fewer_images_than_features() -> None:
    """Sets in orthogonal subspaces share no direction: nothing but rounding could be subtracted."""
    axes = rotation(200, 0)
    x, y = (randn((8, 20), seeded(s)) @ axes[i : i + 20] for s, i in ((1, 0), (2, 20)))
    expected = (x.mean(0) - y.mean(0)).square().sum() + x.var(0).sum() + y.var(0).sum()
    assert float(frechet(x, y)) == pytest.approx(float(expected), abs=1e-11)


@pytest.mark.equation("eq-frechet")
def test_sets_enter_by_mean_and_unbiased_covariance() -> None:
    x, y = [1.0, 2.0, 4.0, 9.0], [0.0, 3.0, 5.0]
    expected = (statistics.mean(x) - statistics.mean(y)) ** 2
    expected += (statistics.stdev(x) - statistics.stdev(y)) ** 2
    value = frechet(f64(x)[:, None], f64(y)[:, None])
    assert float(value) == pytest.approx(expected, abs=1e-12)
    x, y = randn((40, 3), seeded(0)), randn((30, 3), seeded(1)) @ randn((3, 3), seeded(2))
    moments = frechet_moments(x.mean(0), x.T.cov(), y.mean(0), y.T.cov())
    assert float(frechet(x, y)) == pytest.approx(float(moments), abs=1e-12)


@pytest.mark.equation("eq-frechet")
@pytest.mark.parametrize(("n", "d"), [(50, 3), (5, 40), (2, 7)])
def test_frechet_of_moved_sets(n: int, d: int) -> None:
    x, y, m = randn((n, d), seeded(0)), 2 * randn((n + 3, d), seeded(1)), randn((d,), seeded(2))
    turn, near = rotation(d, 3), {"abs": 1e-9}
    value = float(frechet(x, y))
    assert value > 0.1
    assert 0 <= float(frechet(x, x)) < 1e-11
    assert 0 <= float(frechet(x, x.flip(0))) < 1e-11
    assert float(frechet(x, x + m)) == pytest.approx(float(m @ m), **near)
    assert float(frechet(y, x)) == pytest.approx(value, **near)
    assert float(frechet(x.flip(0), y)) == pytest.approx(value, **near)
    assert float(frechet(x @ turn + m, y @ turn + m)) == pytest.approx(value, **near)
    assert float(frechet(3 * x, 3 * y)) == pytest.approx(9 * value, **near)


@pytest.mark.parametrize("seed", range(8))
def test_rounding_gives_no_distance_below_zero(seed: int) -> None:
    factor = 10 * randn((6, 6), seeded(seed))
    mean, cov = factor[0], factor @ factor.T
    assert 0 <= float(frechet_moments(mean, cov, mean, cov)) < 1e-10


def test_rounding_of_float32_is_no_bad_covariance() -> None:
    """A singular covariance in float32 has eigenvalues below 0, and may be off symmetry."""
    x, y = randn((5, 40), seeded(0)), randn((60, 40), seeded(1))
    moments = [z.float() for z in (x.mean(0), x.T.cov(), y.mean(0), y.T.cov())]
    moments[3][0, 1] += 1e-6
    assert float(frechet_moments(*moments)) == pytest.approx(float(frechet(x, y)), rel=1e-3)


EYE, SKEW = torch.eye(2), torch.tensor([[1.0, 0.5], [0.0, 1.0]])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mean_y": torch.zeros(3)}, r"mean_y must have shape \(2,\); it has shape \(3,\)"),
        ({"mean_x": torch.zeros(1, 2)}, r"mean_x must have shape \(2,\); it has shape \(1, 2\)"),
        ({"cov_x": torch.zeros(2)}, r"cov_x must have shape \(2, 2\); it has shape \(2,\)"),
        ({"cov_y": EYE * math.nan}, "cov_y must be finite"),
        ({"mean_x": torch.tensor([0, math.inf])}, "mean_x must be finite"),
        ({"cov_x": SKEW}, "cov_x must be symmetric; it is off by 0.5"),
        ({"cov_y": SKEW}, "cov_y must be symmetric; it is off by 0.5"),
        ({"cov_y": -EYE}, "cov_y must have no negative eigenvalue; its smallest is -1"),
    ],
)
def test_bad_moments_are_refused(change: dict, message: str, without_shape_checks) -> None:
    good = {"mean_x": torch.zeros(2), "cov_x": EYE, "mean_y": torch.zeros(2), "cov_y": EYE}
    with pytest.raises(ValueError, match=message):
        frechet_moments(**(good | change))
