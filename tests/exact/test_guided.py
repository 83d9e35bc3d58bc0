"""What guidance samples of two Gaussians: the formulas against integrators, samplers, integrals."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from models import each_path
from scipy.integrate import quad, solve_ivp

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.exact.guided import guided_ode_std, guided_ode_std_at, guided_sde_std, tilted_std
from diffusionbook.guidance import autoguidance, interval
from diffusionbook.paths.gaussian import VE, VP, Cosine, Linear
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.affine import push_forward
from diffusionbook.samplers.ancestral import DDIM
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.ode import DPMpp2M, Heun
from diffusionbook.samplers.sde import EulerMaruyama
from exact import f64, slopes

S_C, S_U, W = 0.5, 1.0, 3.0
CASES = [(S_C, S_U, W), (1.3, 0.7, 1.6), (0.6, 0.9, 0.3), (0.5, 1.0, -0.5)]
cases = pytest.mark.parametrize(("s_c", "s_u", "w"), CASES)
stds = st.floats(0.2, 3.0)


def gaussian(std: float, path, mean: float = 0.0) -> AnalyticDenoiser:
    return AnalyticDenoiser(GaussianMixture.normal(f64([mean]), std**2), path)


def guided(path, s_c: float = S_C, s_u: float = S_U, w=W):
    return autoguidance(gaussian(s_c, path), gaussian(s_u, path), w)


def transported(path, s_c, s_u, w, start: float, end: float) -> float:
    """x at ``end`` of the guided ODE that has x = 1 at ``start``, by DOP853."""
    model = guided(path, s_c, s_u, w)

    def velocity(t: float, x):
        return model(torch.from_numpy(x)[None], t).velocity[0].numpy()

    run = solve_ivp(velocity, (start, end), [1.0], "DOP853", rtol=1e-9, atol=1e-12)
    assert run.success
    return float(run.y[0, -1])


@pytest.mark.equation("eq-guided-ode-at")
@each_path
@cases
def test_the_guided_ode_scales_by_powers_of_the_variances(
    path, s_c, s_u, w, without_shape_checks
) -> None:
    """From t = 1, where x has the noise's std sigma(1), and between times on the way."""
    expected = float(path.sigma(1.0)) * transported(path, s_c, s_u, w, 1.0, 0.05)
    assert float(guided_ode_std_at(path, 0.05, s_c, s_u, w)) == pytest.approx(expected, rel=1e-7)
    at = guided_ode_std_at(path, f64([0.6, 0.2]), s_c, s_u, w, start=0.6, start_std=1.5)
    ratio = transported(path, s_c, s_u, w, 0.6, 0.2)
    assert at.tolist() == pytest.approx([1.5, 1.5 * ratio], rel=1e-7)
    back = guided_ode_std_at(path, 0.6, s_c, s_u, w, start=0.2, start_std=float(at[1]))
    assert float(back) == pytest.approx(1.5, rel=1e-10)


@pytest.mark.equation("eq-guided-ode")
@pytest.mark.parametrize("path", [Linear(), Cosine()], ids=str)
@cases
def test_from_pure_noise_to_data_the_path_drops_out(path, s_c, s_u, w) -> None:
    at = guided_ode_std_at(path, f64([0.0, 1.0]), s_c, s_u, w)
    assert at.tolist() == pytest.approx([guided_ode_std(s_c, s_u, w), 1.0], abs=1e-12)


@pytest.mark.equation("eq-guided-ode")
def test_with_more_noise_the_start_matters_less() -> None:
    errors = [
        abs(float(guided_ode_std_at(VE(noise), 0.0, S_C, S_U, W)) - 0.125) for noise in (20, 40)
    ]
    assert slopes([20, 40], errors) == pytest.approx([2], abs=0.05)
    assert guided_ode_std_at(VP(), 0.0, S_C, S_U, W) == pytest.approx(0.125, abs=1e-4)


@pytest.mark.equation("eq-guided-ode")
@pytest.mark.equation("eq-guided-ode-at")
@pytest.mark.parametrize("path", [Linear(), Cosine(), VP()], ids=str)
@pytest.mark.parametrize("stepper", [Heun(), DPMpp2M()], ids=str)
def test_the_samplers_arrive_there_at_their_order(path, stepper, without_shape_checks) -> None:
    expected = guided_ode_std_at(path, 0.1, S_C, S_U, W, start=0.98, start_std=1.0)
    ends = [
        sample(stepper, guided(path), f64([[1.0]]), grids.uniform(n, 0.98, 0.1)) for n in (128, 256)
    ]
    errors = [abs(float(x) - float(expected)) for x in ends]
    assert slopes([128, 256], errors) == pytest.approx([2], abs=0.1)
    assert errors[-1] < 1e-4


@pytest.mark.equation("eq-guided-ode")
@pytest.mark.parametrize("path", [Linear(), Cosine()], ids=str)
def test_from_noise_to_data_by_heun(path, without_shape_checks) -> None:
    x = sample(Heun(), guided(path), f64([[1.0]]), grids.uniform(128))
    assert float(x) == pytest.approx(0.125, abs=1e-4)


@pytest.mark.equation("eq-guided-ode-at")
@pytest.mark.parametrize("path", [Linear(), VP()], ids=str)
def test_an_interval_guides_a_part_of_the_way(path, without_shape_checks) -> None:
    """w = 1 above and below, so the powers act between the ends only; two calls chain."""
    low, high = 0.2, 0.7
    top = guided_ode_std_at(path, high, S_C, S_U, 1.0, start=0.98, start_std=1.0)
    middle = guided_ode_std_at(path, low, S_C, S_U, W, start=high, start_std=float(top))
    end = guided_ode_std_at(path, 0.05, S_C, S_U, 1.0, start=low, start_std=float(middle))
    edge = 1e-8  # no step but a tiny one may cross an end of the interval
    pieces = [(0.98, high + edge), (high - edge, low + edge), (low - edge, 0.05)]
    grid = torch.cat([grids.uniform(40, *piece) for piece in pieces])
    x = sample(Heun(), guided(path, w=interval(W, low, high)), f64([[1.0]]), grid)
    assert float(x) == pytest.approx(float(end), rel=1e-3)
    always = guided_ode_std_at(path, 0.05, S_C, S_U, W, start=0.98, start_std=1.0)
    assert abs(float(end) / float(always) - 1) > 0.1


@pytest.mark.equation("eq-guided-sde")
@cases
def test_the_variance_of_the_guided_sde(s_c, s_u, w) -> None:
    """On VE with time T = sigma^2 downwards, dx = score |dT| + |dT|^(1/2) dW: dV/dT = 2 k V - 1."""

    def rate(T: float, V):
        k = w / (s_c**2 + T) + (1 - w) / (s_u**2 + T)
        return 2 * k * V - 1

    noise = 1e7
    run = solve_ivp(rate, (noise, 0), [noise], "Radau", rtol=1e-10, atol=1e-12)
    assert run.success
    assert guided_sde_std(s_c, s_u, w) ** 2 == pytest.approx(float(run.y[0, -1]), rel=1e-5)


@pytest.mark.equation("eq-guided-sde")
@pytest.mark.parametrize(
    ("stepper", "path"),
    [(DDIM(1.0), Linear()), (DDIM(1.0), Cosine()), (EulerMaruyama(), VP(0.5, 8.0))],
    ids=str,
)
def test_ancestral_sampling_arrives_there(stepper, path, without_shape_checks) -> None:
    """The error halves with the step, and what is left when its first order is taken out is small.

    It is -0.016 for DDIM's 100 steps on the linear path.
    """
    laws = [
        push_forward(stepper, guided(path), grids.uniform(n), f64([0.0]), 1.0) for n in (100, 200)
    ]
    errors = [math.sqrt(law.cov) - guided_sde_std(S_C, S_U, W) for law in laws]
    assert slopes([100, 200], [abs(error) for error in errors]) == pytest.approx([1], abs=0.2)
    assert abs(2 * errors[1] - errors[0]) < 2e-3


@pytest.mark.equation("eq-guided-sde")
def test_it_is_a_mean_of_powers_where_n_is_whole() -> None:
    r = (S_C / S_U) ** 2
    for w in (1, 1.5, 2, 3):
        n = int(2 * w - 1)
        assert guided_sde_std(S_C, S_U, w) ** 2 == pytest.approx(
            S_C**2 * sum(r**j for j in range(n)) / n, rel=1e-12
        )


@pytest.mark.equation("eq-tilted")
@pytest.mark.parametrize(("s_c", "s_u", "w"), [*CASES[::2], (1.3, 0.7, 1.3), (0.5, 1.0, -0.2)])
def test_the_tilted_law_by_integration(s_c, s_u, w) -> None:
    def tilted(x: float) -> float:
        return math.exp(-w * x**2 / (2 * s_c**2) - (1 - w) * x**2 / (2 * s_u**2))

    mass, second = (quad(lambda x, k=k: x**k * tilted(x), -30, 30)[0] for k in (0, 2))
    assert tilted_std(s_c, s_u, w) == pytest.approx(math.sqrt(second / mass), rel=1e-7)


@pytest.mark.equation("eq-guided-ode")
@pytest.mark.equation("eq-guided-sde")
@pytest.mark.equation("eq-tilted")
def test_the_three_answers_of_the_book() -> None:
    laws = guided_ode_std, guided_sde_std, tilted_std
    expected = 1 / 8, math.sqrt(341 / 5120), 1 / math.sqrt(10)
    assert [law(S_C, S_U, W) for law in laws] == pytest.approx(expected, rel=1e-12)


@pytest.mark.equation("eq-guided-ode")
@pytest.mark.equation("eq-guided-sde")
@pytest.mark.equation("eq-tilted")
@given(stds, stds, st.floats(-1.0, 6.0))
def test_where_the_three_agree_and_how_they_are_ordered(s_c: float, s_u: float, w: float) -> None:
    laws = guided_ode_std, guided_sde_std, tilted_std
    for law in laws:
        assert law(s_c, s_u, 1.0) == pytest.approx(s_c, rel=1e-9)
        assert law(s_c, s_u, 0.0) == pytest.approx(s_u, rel=1e-9)
        assert law(s_c, s_c, w) == pytest.approx(s_c, rel=1e-9)
    if w / s_c**2 + (1 - w) / s_u**2 > 1e-6:
        ode, sde, tilted = (law(s_c, s_u, w) for law in laws)
        if 0 < w < 1:
            ode, sde, tilted = -ode, -sde, -tilted
        assert ode <= sde + 1e-9 <= tilted + 2e-9


@pytest.mark.equation("eq-guided-ode")
@each_path
def test_two_gaussians_of_one_width_are_moved_and_nothing_else(path) -> None:
    """Equal std, other means: the guided field is exact for N(w m_c + (1 - w) m_u, s^2)."""
    model = autoguidance(gaussian(S_C, path, 0.7), gaussian(S_C, path, -0.2), W)
    expected = gaussian(S_C, path, W * 0.7 + (1 - W) * -0.2)
    x = randn((6, 1), seeded(0))
    for t in (0.1, 0.5, 0.9):
        assert (model(x, t).x0 - expected(x, t).x0).abs().max() < 1e-10


@pytest.mark.parametrize("law", [guided_ode_std, guided_sde_std, tilted_std])
def test_bad_widths_and_scales_are_refused(law) -> None:
    for s_c, s_u in ((0.0, 1.0), (1.0, -1.0), (math.nan, 1.0), (1.0, math.inf)):
        with pytest.raises(ValueError, match="s_c and s_u must be positive and finite; they are"):
            law(s_c, s_u, 2.0)
    with pytest.raises(ValueError, match="w must be finite; it is nan"):
        law(1.0, 1.0, math.nan)


@pytest.mark.equation("eq-tilted")
def test_a_tilt_that_is_no_law_is_refused() -> None:
    with pytest.raises(ValueError, match="w must keep .* positive.*at s_c = 1.0.*w = 2.0 it is -2"):
        tilted_std(1.0, 0.5, 2.0)
    assert tilted_std(1.0, 0.5, 1.3) == pytest.approx(0.1**-0.5)
    with pytest.raises(ValueError, match="start_std must be positive; it is -1.0"):
        guided_ode_std_at(Linear(), 0.5, 1.0, 1.0, 2.0, start_std=-1.0)
    with pytest.raises(ValueError, match="s_c and s_u must be positive"):
        guided_ode_std_at(Linear(), 0.5, 0.0, 1.0, 2.0)
