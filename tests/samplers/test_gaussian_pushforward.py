"""Gaussian data makes every sampler affine: its mean and variance are pushed exactly, no draws."""

import math

import pytest
import torch

from diffusionbook.denoisers.exact import AnalyticDenoiser, EmpiricalDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import VE, VP, Cosine, Linear
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.affine import push_forward
from diffusionbook.samplers.ancestral import DDIM, Ancestral
from diffusionbook.samplers.ode import DPMpp2M, Euler, Heun
from diffusionbook.samplers.sde import EulerMaruyama
from exact import affine_step, f64, slopes

MEAN, STD = 0.7, 0.5
DATA = GaussianMixture.normal(f64([MEAN]), STD**2)
pytestmark = pytest.mark.usefixtures("without_shape_checks")
paths = pytest.mark.parametrize("path", [Linear(), Cosine(), VP()], ids=str)


def marginal(path, t: float) -> tuple[float, float]:
    """Mean and variance of x_t."""
    alpha, sigma = float(path.alpha(t)), float(path.sigma(t))
    return alpha * MEAN, (alpha * STD) ** 2 + sigma**2


def pushed(stepper, model, grid, mean: float, variance: float) -> tuple[float, float]:
    """Mean and variance at the end of the grid."""
    law = push_forward(stepper, model, grid, f64([mean]), variance)
    return float(law.mean), float(law.cov)


def errors_of(
    stepper, path, start: float, end: float, counts: list[int]
) -> tuple[list[float], list[float]]:
    """Errors of the mean and of the variance at the end, for each number of steps."""
    model, target = AnalyticDenoiser(DATA, path), marginal(path, end)
    ends = [
        pushed(stepper, model, grids.uniform(n, start, end), *marginal(path, start)) for n in counts
    ]
    return tuple([abs(moments[i] - target[i]) for moments in ends] for i in range(2))


@pytest.mark.equation("eq-ddim")
@pytest.mark.equation("eq-ddim-std")
@pytest.mark.equation("eq-reverse-sde")
@pytest.mark.equation("eq-dpmpp")
@paths
@pytest.mark.parametrize(
    ("stepper", "order"),
    [
        (DDIM(0.0), 1),
        (DDIM(0.5), 1),
        (DDIM(1.0), 1),
        (Ancestral("beta"), 1),
        (EulerMaruyama(), 1),
        (Euler(), 1),
        (Heun(), 2),
        (DPMpp2M(), 2),
    ],
    ids=str,
)
def test_order_in_mean_and_variance(stepper, order: int, path) -> None:
    counts = [256, 512] if stepper == DPMpp2M() else [32, 64]  # its first step is of order one
    mean_errors, variance_errors = errors_of(stepper, path, 0.8, 0.2, counts)
    for errors in (mean_errors, variance_errors):
        if max(errors) > 1e-9:  # DDIM can be exact in one of the two
            assert slopes(counts, errors)[-1] == pytest.approx(order, abs=0.1)
            assert errors[-1] < 0.02
    assert stepper.order == order


@pytest.mark.equation("eq-ddim")
@pytest.mark.equation("eq-ddim-std")
@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("path", [Linear(), Cosine(), VP(), VE(3.0)], ids=str)
def test_for_a_single_point_every_eta_keeps_the_marginal_exactly(eta: float, path) -> None:
    model = EmpiricalDenoiser(f64([[MEAN]]), path)
    grid = f64([0.9, 0.7, 0.25, 0.1, 0.0])
    mean, variance = float(path.alpha(0.9)) * MEAN, float(path.sigma(0.9)) ** 2
    for i in range(1, 5):
        end = pushed(DDIM(eta), model, grid[: i + 1], mean, variance)
        t = float(grid[i])
        expected = float(path.alpha(t)) * MEAN, float(path.sigma(t)) ** 2
        assert end == pytest.approx(expected, abs=1e-10)


@pytest.mark.equation("eq-ddim-std")
@pytest.mark.equation("eq-posterior")
@pytest.mark.parametrize("path", [Cosine(), VP(), VE(3.0), Linear()], ids=str)
def test_the_fresh_noise_is_the_spread_of_x_s_given_x_t_and_data(path) -> None:
    """x_s and x_t = (a_t / a_s) x_s + fresh noise are jointly normal: condition x_s on x_t."""
    t, s = f64(0.6), f64(0.35)
    ratio, var_s, var_t = path.alpha(t) / path.alpha(s), path.sigma(s) ** 2, path.sigma(t) ** 2
    expected = var_s - (ratio * var_s) ** 2 / var_t
    for eta in (0.0, 0.5, 1.0):
        std = DDIM(eta).noise_std(path, t, s)
        assert float(std) == pytest.approx(eta * float(expected) ** 0.5, abs=1e-12)
        _, _, c = affine_step(DDIM(eta), AnalyticDenoiser(DATA, path), t, s)
        assert abs(c) == pytest.approx(float(std), abs=1e-10)


@pytest.mark.equation("eq-posterior")
@pytest.mark.parametrize("k", [1, 2, 3, 40, 60])
def test_eta_one_is_the_posterior_of_a_chain(k: int) -> None:
    """q(x_{k-1} | x_k, x0) by multiplying the two Gaussian factors of Bayes' rule."""
    betas = torch.linspace(1e-3, 0.1, 60, dtype=torch.float64)
    chain = Chain.from_betas(betas)
    beta, x0 = float(betas[k - 1]), 1.3
    before = float((1 - betas[: k - 1]).prod())  # alpha_bar_{k-1}
    model = EmpiricalDenoiser(f64([[x0]]), chain)
    a, b, c = affine_step(DDIM(1.0), model, f64(k / 60), f64((k - 1) / 60))
    if k == 1:
        assert (a, b, c) == pytest.approx((0, x0, 0), abs=1e-10)
        return
    precision = (1 - beta) / beta + 1 / (1 - before)
    assert c**2 == pytest.approx(1 / precision, abs=1e-10)
    assert a == pytest.approx((1 - beta) ** 0.5 / beta / precision, abs=1e-10)
    assert b == pytest.approx(before**0.5 * x0 / (1 - before) / precision, abs=1e-10)


def ancestral_error(path, steps: int, end: float) -> float:
    """What DDPM's sampler, over a chain's steps from T to end T, gets wrong in the variance."""
    chain = Chain.from_path(path, steps)
    grid = grids.all_steps(chain)
    grid, target = grid[grid >= end - 1e-9], marginal(chain, end)
    mean, variance = pushed(DDIM(1.0), AnalyticDenoiser(DATA, chain), grid, *marginal(chain, 1.0))
    assert abs(mean - target[0]) < 1e-10  # the mean is exact at every T
    return target[1] - variance


def test_the_ancestral_chain_tends_to_the_data_as_one_over_steps() -> None:
    errors = [ancestral_error(VP(), steps, 0.2) for steps in (50, 100)]
    assert slopes([50, 100], errors) == pytest.approx([1], abs=0.05)


def test_down_to_clean_data_the_rate_has_a_logarithm() -> None:
    """Step k leaves out beta_k^2 / sigma_k^2 = beta / k of variance, and sum 1 / k is log T.

    So T times the error grows by beta_min log 2 when T doubles, where it would otherwise settle.
    """
    path = VP(0.5, 8.0)
    small, large = (steps * ancestral_error(path, steps, 0.0) for steps in (100, 200))
    assert (large - small) / math.log(2) == pytest.approx(path.beta_min, abs=0.1)


@pytest.mark.equation("eq-euler")
def test_on_the_linear_path_ddim_is_euler() -> None:
    model = AnalyticDenoiser(DATA, Linear())
    x = randn((5, 1), seeded(0))
    for t, s in ((0.9, 0.4), (0.5, 0.0)):
        ddim, _ = DDIM().step(model, x, f64(t), f64(s))
        euler, _ = Euler().step(model, x, f64(t), f64(s))
        assert (ddim - euler).abs().max() < 1e-12


@pytest.mark.equation("eq-reverse-sde")
@pytest.mark.parametrize("path", [VP(), VP(0.5, 8.0)], ids=str)
def test_euler_maruyama_on_vp_is_the_reverse_of_its_sde(path) -> None:
    """dx = (-beta x / 2 - beta score) dt + sqrt(beta) dw, run from t down to s."""
    t, s = f64(0.6), f64(0.55)
    beta = float(path.beta_min + 0.6 * (path.beta_max - path.beta_min))
    mean, variance = marginal(path, 0.6)
    a, b, c = affine_step(EulerMaruyama(), AnalyticDenoiser(DATA, path), t, s)
    # the score of x_t is (mean - x) / variance
    assert a == pytest.approx(1 + 0.05 * (beta / 2 - beta / variance), abs=1e-10)
    assert b == pytest.approx(0.05 * beta * mean / variance, abs=1e-10)
    assert c == pytest.approx((0.05 * beta) ** 0.5, abs=1e-10)


@pytest.mark.equation("eq-reverse-sde")
def test_euler_maruyama_on_ve_adds_the_noise_that_the_forward_process_added() -> None:
    """On VE x only diffuses: d sigma^2 / dt = 2 sigma_max^2 t is the noise rate, no other drift."""
    path, t, s = VE(3.0), f64(0.6), f64(0.5)
    rate = 2 * 9 * 0.6
    mean, variance = marginal(path, 0.6)
    a, b, c = affine_step(EulerMaruyama(), AnalyticDenoiser(DATA, path), t, s)
    assert a == pytest.approx(1 - 0.1 * rate / variance, abs=1e-10)
    assert b == pytest.approx(0.1 * rate * mean / variance, abs=1e-10)
    assert c == pytest.approx((0.1 * rate) ** 0.5, abs=1e-10)


def test_the_last_step_of_euler_maruyama_adds_no_noise() -> None:
    a, _, c = affine_step(EulerMaruyama(), AnalyticDenoiser(DATA, Linear()), f64(0.1), f64(0.0))
    assert abs(c) < 1e-12
    assert abs(a) > 1e-3
