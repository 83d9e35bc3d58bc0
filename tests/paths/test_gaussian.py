"""alpha, sigma and their derivatives on the continuous paths."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from diffusionbook.paths.gaussian import VE, VP, Cosine, Linear
from diffusionbook.randomness import randn, seeded
from exact import f64

PATHS = [Linear(), Cosine(), VP(), VP(beta_min=0.5, beta_max=8.0), VE(), VE(sigma_max=3.0)]
T = torch.linspace(0.01, 0.99, 15, dtype=torch.float64)
each_path = pytest.mark.parametrize("path", PATHS, ids=str)


def vp_alpha(t: float, low: float, high: float) -> float:
    return math.exp(-(high - low) * t * t / 4 - low * t / 2)


BY_HAND = {  # alpha(t), sigma(t) written with `math` alone
    Linear(): (lambda t: 1 - t, lambda t: t),
    Cosine(): (lambda t: math.cos(math.pi * t / 2), lambda t: math.sin(math.pi * t / 2)),
    VP(): (
        lambda t: vp_alpha(t, 0.1, 20.0),
        lambda t: math.sqrt(1 - vp_alpha(t, 0.1, 20.0) ** 2),
    ),
    VP(0.5, 8.0): (
        lambda t: vp_alpha(t, 0.5, 8.0),
        lambda t: math.sqrt(1 - vp_alpha(t, 0.5, 8.0) ** 2),
    ),
    VE(): (lambda t: 1.0, lambda t: 80.0 * t),
    VE(3.0): (lambda t: 1.0, lambda t: 3.0 * t),
}


@pytest.mark.equation("eq-path")
@pytest.mark.equation("eq-cosine-path")
@pytest.mark.equation("eq-vp-path")
@each_path
def test_values_by_hand(path) -> None:
    alpha, sigma = BY_HAND[path]
    for t in T.tolist():
        assert float(path.alpha(t)) == pytest.approx(alpha(t), abs=1e-12)
        assert float(path.sigma(t)) == pytest.approx(sigma(t), abs=1e-12)
    assert path.alpha(T).dtype == path.sigma(T).dtype == torch.float64
    assert path.alpha(T).shape == path.sigma(T).shape == T.shape


@pytest.mark.equation("eq-cosine-path")
def test_cosine_at_a_third() -> None:
    assert float(Cosine().alpha(1 / 3)) == pytest.approx(math.sqrt(3) / 2, abs=1e-12)
    assert float(Cosine().sigma(1 / 3)) == pytest.approx(0.5, abs=1e-12)


@each_path
def test_the_start_is_clean_data(path) -> None:
    assert float(path.alpha(0)) == 1
    assert float(path.sigma(0)) == 0


@pytest.mark.parametrize("path", [Linear(), Cosine()], ids=str)
def test_the_end_is_pure_noise(path) -> None:
    assert float(path.alpha(1)) == 0
    assert float(path.sigma(1)) == 1


@pytest.mark.parametrize("path", [Cosine(), VP(), VP(0.5, 8.0)], ids=str)
def test_variance_is_preserved(path) -> None:
    assert (path.alpha(T) ** 2 + path.sigma(T) ** 2 - 1).abs().max() < 1e-12


@each_path
def test_derivatives_are_those_of_autograd(path) -> None:
    for value, derivative in ((path.alpha, path.d_alpha), (path.sigma, path.d_sigma)):
        t = T.clone().requires_grad_()
        out = value(t)
        slope = torch.zeros_like(T)  # a constant alpha has no graph
        if out.requires_grad:
            (slope,) = torch.autograd.grad(out.sum(), t)
        assert (derivative(T) - slope).abs().max() < 1e-10
        assert derivative(T).dtype == torch.float64
        assert derivative(0.5).shape == ()


@each_path
def test_derivatives_are_those_of_finite_differences(path) -> None:
    h = 1e-5
    for value, derivative in ((path.alpha, path.d_alpha), (path.sigma, path.d_sigma)):
        slope = (value(T + h) - value(T - h)) / (2 * h)
        assert (derivative(T) - slope).abs().max() < 1e-5


@pytest.mark.equation("eq-vp-path")
@pytest.mark.parametrize("path", [VP(), VP(0.5, 8.0)], ids=str)
def test_vp_is_the_diffusion_with_a_linear_rate(path) -> None:
    """d alpha = -beta alpha / 2 dt, d sigma^2 = beta (1 - sigma^2) dt, beta from min to max."""
    beta = path.beta(T)
    assert float(path.beta(0)) == path.beta_min
    assert float(path.beta(1)) == path.beta_max
    assert (beta.diff().diff().abs() < 1e-12).all()
    assert (path.d_alpha(T) + beta * path.alpha(T) / 2).abs().max() < 1e-12
    d_variance = 2 * path.sigma(T) * path.d_sigma(T)
    assert (d_variance - beta * (1 - path.sigma(T) ** 2)).abs().max() < 1e-12


@pytest.mark.equation("eq-snr")
@each_path
def test_signal_to_noise(path) -> None:
    alpha, sigma = BY_HAND[path]
    snr = f64([(alpha(t) / sigma(t)) ** 2 for t in T.tolist()])
    assert (path.snr(T) / snr - 1).abs().max() < 1e-10
    assert (path.log_snr(T) - snr.log()).abs().max() < 1e-10
    assert (path.half_log_snr(T) - snr.log() / 2).abs().max() < 1e-10
    assert (path.snr(T).diff() < 0).all()
    assert float(path.half_log_snr(0)) == math.inf


@given(st.sampled_from(PATHS), st.floats(1e-4, 1 - 1e-4))
def test_time_from_half_log_snr_is_the_inverse(path, t: float) -> None:
    assert float(path.t_from_half_log_snr(path.half_log_snr(t))) == pytest.approx(t, abs=1e-10)


def test_the_inverse_of_vp_holds_far_out() -> None:
    path = VP()
    for level in (30.0, 8.0, -4.9):  # t = 0 is at infinity; -5.02 belongs to t = 1
        t = path.t_from_half_log_snr(f64(level))
        assert 0 < float(t) < 1
        assert float(path.half_log_snr(t)) == pytest.approx(level, abs=1e-9)
    # the inverse of the formula itself, past t = 1: alpha = e^-200, sigma = 1
    t = float(path.t_from_half_log_snr(f64(-200.0)))
    assert (20 - 0.1) * t**2 / 4 + 0.1 * t / 2 == pytest.approx(200, abs=1e-9)


@each_path
def test_coefficients_are_shaped_and_cast_for_the_batch(path) -> None:
    x = torch.zeros(3, 2, 2, dtype=torch.float32)
    t = f64([0.2, 0.5, 0.8])
    c = path.at(t, x)
    names = ("alpha", "sigma", "d_alpha", "d_sigma")
    for name in names:
        value = getattr(c, name)
        assert value.shape == (3, 1, 1)
        assert value.dtype == torch.float32
        assert torch.equal(value.flatten(), getattr(path, name)(t).float())
        assert getattr(path.at(0.5, x), name).shape == ()


@pytest.mark.equation("eq-path")
@each_path
def test_interpolate_mixes_data_and_noise(path) -> None:
    x0, eps = randn((3, 2), seeded(0)), randn((3, 2), seeded(1))
    alpha, sigma = BY_HAND[path]
    x_t = path.interpolate(x0, eps, f64([0.2, 0.5, 0.8]))
    for i, t in enumerate((0.2, 0.5, 0.8)):
        assert (x_t[i] - alpha(t) * x0[i] - sigma(t) * eps[i]).abs().max() < 1e-12


@each_path
def test_times_outside_are_refused(path) -> None:
    for method in (path.alpha, path.sigma, path.d_alpha, path.d_sigma):
        with pytest.raises(ValueError, match=r"t must lie in \[0, 1\].*1\.5"):
            method(1.5)


@pytest.mark.parametrize("betas", [(0.0, 1.0), (-1.0, 1.0), (2.0, 1.0), (1.0, math.inf)])
def test_bad_rates_are_refused(betas) -> None:
    message = f"0 < beta_min <= beta_max; they are {betas[0]} and {betas[1]}"
    with pytest.raises(ValueError, match=message):
        VP(*betas)


def test_a_constant_rate_is_allowed() -> None:
    path = VP(2.0, 2.0)
    assert float(path.alpha(0.5)) == pytest.approx(math.exp(-0.5), abs=1e-12)
    assert float(path.t_from_half_log_snr(path.half_log_snr(0.5))) == pytest.approx(0.5, abs=1e-12)
    assert VP(0.5, 1.0).beta_min == 0.5


@pytest.mark.parametrize("sigma_max", [0.0, -1.0, math.inf])
def test_a_bad_noise_level_is_refused(sigma_max: float) -> None:
    with pytest.raises(ValueError, match=f"sigma_max must be positive.*it is {sigma_max}"):
        VE(sigma_max)


def test_a_small_noise_level_is_allowed() -> None:
    assert float(VE(0.5).sigma(1)) == 0.5
