"""Steppers one step at a time, against the algorithms of their papers."""

import math

import pytest
import torch
from models import TRIO

from diffusionbook.denoisers.exact import AnalyticDenoiser, EmpiricalDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.paths.gaussian import VE, VP, Cosine, Linear
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.ancestral import DDIM, Ancestral
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.ode import DPMpp2M, Euler, Heun
from diffusionbook.samplers.sde import EulerMaruyama
from exact import f64

NOISE = randn((5, 2), seeded(0))


@pytest.mark.equation("eq-heun")
def test_heun_on_ve_is_algorithm_1_of_edm() -> None:
    """Karras et al., arXiv 2206.00364: d = (x - D(x; sigma)) / sigma, in their time sigma."""
    path = VE(80.0)
    grid = grids.karras(18, path, t_max=1.0, t_min=0.002 / 80)
    x = expected = 80 * NOISE
    sigmas = 80 * grid
    for i in range(18):
        a, b = sigmas[i], sigmas[i + 1]
        d = (expected - TRIO.posterior_mean(expected, 1.0, a)) / a
        following = expected + (b - a) * d
        if b != 0:
            d_following = (following - TRIO.posterior_mean(following, 1.0, b)) / b
            following = expected + (b - a) * (d / 2 + d_following / 2)
        expected = following
    end = sample(Heun(), AnalyticDenoiser(TRIO, path), x, grid)
    assert (end - expected).abs().max() < 1e-12


@pytest.mark.equation("eq-euler")
def test_euler_follows_the_velocity() -> None:
    """On the linear path u = (x_t - E[x0 | x_t]) / t."""
    x, _ = Euler().step(AnalyticDenoiser(TRIO, Linear()), NOISE, f64(0.8), f64(0.5))
    u = (NOISE - TRIO.posterior_mean(NOISE, 0.2, 0.8)) / 0.8
    assert (x - (NOISE - 0.3 * u)).abs().max() < 1e-12


@pytest.mark.equation("eq-dpmpp")
@pytest.mark.parametrize("path", [Linear(), Cosine(), VP()], ids=str)
def test_dpmpp_is_algorithm_2_of_its_paper(path) -> None:
    """Lu et al., arXiv 2211.01095, with D = (1 + 1 / 2r) x_i - 1 / 2r x_{i-1} and h in log-SNR."""
    grid = f64([0.95, 0.8, 0.5, 0.45, 0.2])
    model, x, before, h_before = AnalyticDenoiser(TRIO, path), NOISE, None, None
    for t, s in zip(grid[:-1], grid[1:], strict=True):
        alpha_t, alpha_s, sigma_t, sigma_s = (
            f(u) for f in (path.alpha, path.sigma) for u in (t, s)
        )
        h = torch.log(alpha_s / sigma_s) - torch.log(alpha_t / sigma_t)
        d = x0 = TRIO.posterior_mean(x, alpha_t, sigma_t)
        if before is not None:
            r = h_before / h
            d = (1 + 1 / (2 * r)) * x0 - before / (2 * r)
        x = sigma_s / sigma_t * x - alpha_s * torch.expm1(-h) * d
        before, h_before = x0, h
    assert (sample(DPMpp2M(), model, NOISE, grid) - x).abs().max() < 1e-10


@pytest.mark.equation("eq-ddim")
def test_the_first_and_last_steps_of_dpmpp_are_ddims() -> None:
    model = AnalyticDenoiser(TRIO, Cosine())
    first, memory = DPMpp2M().step(model, NOISE, f64(0.9), f64(0.6))
    assert (first - DDIM().step(model, NOISE, f64(0.9), f64(0.6))[0]).abs().max() < 1e-12
    last, _ = DPMpp2M().step(model, first, f64(0.6), f64(0.0), memory=memory)
    assert (last - model(first, 0.6).x0).abs().max() < 1e-12
    second, _ = DPMpp2M().step(model, first, f64(0.6), f64(0.3), memory=memory)
    assert (second - DDIM().step(model, first, f64(0.6), f64(0.3))[0]).abs().max() > 1e-3


@pytest.mark.parametrize("stepper", [DDIM(), Euler(), Heun(), DPMpp2M()], ids=str)
def test_a_step_to_zero_noise_gives_the_predicted_data(stepper) -> None:
    """On the linear path every deterministic step to t = 0 lands on E[x0 | x_t]."""
    model = AnalyticDenoiser(TRIO, Linear())
    x, _ = stepper.step(model, NOISE, f64(0.3), f64(0.0))
    assert (x - model(NOISE, 0.3).x0).abs().max() < 1e-12


@pytest.mark.parametrize("stepper", [DDIM(), DDIM(1.0), Ancestral(), DPMpp2M()], ids=str)
@pytest.mark.parametrize("path", [Linear(), Cosine()], ids=str)
def test_sampling_may_start_where_no_signal_is_left(stepper, path, without_shape_checks) -> None:
    """alpha = 0 at t = 1; no step is infinite there, and no variance negative by rounding."""
    model = AnalyticDenoiser(GaussianMixture.normal(f64([0.5]), 0.04), path)
    for s in torch.linspace(0.02, 0.98, 49, dtype=torch.float64):
        x, _ = stepper.step(model, NOISE[:, :1], f64(1.0), s, generator=seeded(0))
        assert torch.isfinite(x).all()


def test_the_shortest_steps_add_no_negative_variance() -> None:
    for path in (Linear(), Cosine(), VP(), VE(3.0)):
        t = torch.linspace(0.05, 0.95, 200, dtype=torch.float64)
        std = DDIM(1.0).noise_std(path, t, torch.nextafter(t, torch.zeros_like(t)))
        assert torch.isfinite(std).all() and std.max() < 1e-6


@pytest.mark.parametrize("eta", [-0.1, 1.1, math.nan])
def test_eta_lies_between_none_and_all(eta: float) -> None:
    with pytest.raises(ValueError, match=rf"eta must lie in \[0, 1\]; it is {eta}"):
        DDIM(eta)


def test_deterministic_by_default() -> None:
    assert DDIM().eta == 0


@pytest.mark.parametrize("path", [Linear(), Cosine()], ids=str)
def test_the_reverse_sde_cannot_start_without_signal(path) -> None:
    message = rf"EulerMaruyama cannot start at t = 1, where {path.__class__.__name__}\(\) has no"
    with pytest.raises(ValueError, match=message):
        EulerMaruyama().step(AnalyticDenoiser(TRIO, path), NOISE, f64(1.0), f64(0.9))


@pytest.mark.parametrize("stepper", [DDIM(1.0), Ancestral()], ids=str)
def test_steps_to_almost_no_noise_are_finite(stepper, without_shape_checks) -> None:
    """There sigma_s^2 less the fresh variance is below rounding, and may come out negative."""
    model, x = EmpiricalDenoiser(f64([[0.5]]), Cosine()), f64([[0.3]])
    for t in torch.linspace(0.1, 0.9, 41, dtype=torch.float64):
        for digits in (9, 10, 11, 12):
            end, _ = stepper.step(model, x, t, t * 10.0**-digits, generator=seeded(0))
            assert float(end) == pytest.approx(0.5, abs=1e-7)
