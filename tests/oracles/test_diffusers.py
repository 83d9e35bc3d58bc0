"""Whole sampling runs of the exact model, ours beside those of the library diffusers.

Their schedules are float32, hence the tolerance. Their timestep t is our step k = t + 1.
"""

import math

import pytest
import torch
from models import TRIO

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import Cosine, Linear
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.ancestral import DDIM, Ancestral
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.ode import DPMpp2M, Euler

STEPS = 100
CHAIN = Chain.from_betas(torch.linspace(1e-3, 0.08, STEPS))
CHAIN_SETTINGS = {
    "num_train_timesteps": STEPS,
    "beta_start": 1e-3,
    "beta_end": 0.08,
    "beta_schedule": "linear",
}
LINE = Linear()
NOISE = randn((32, 2), seeded(0))
THEIR_NAMES = {"eps": "epsilon", "x0": "sample", "v": "v_prediction"}
TOLERANCE = 1e-5


def test_betas_and_alpha_bar(diffusers) -> None:
    theirs = diffusers.DDPMScheduler(**CHAIN_SETTINGS)
    k = torch.arange(1, STEPS + 1, dtype=torch.float64)
    assert (CHAIN.betas - theirs.betas).abs().max() < TOLERANCE
    assert (CHAIN.alpha(k / STEPS) ** 2 - theirs.alphas_cumprod).abs().max() < TOLERANCE
    assert theirs.alphas_cumprod.min() < 0.1  # no trivial schedule


def test_noising_and_the_v_row(diffusers) -> None:
    theirs = diffusers.DDPMScheduler(**CHAIN_SETTINGS)
    x0, k = TRIO.sample(32, seeded(1)), torch.arange(1, 97, 3)
    x_t = CHAIN.interpolate(x0, NOISE, k.double() / STEPS)
    assert (x_t - theirs.add_noise(x0, NOISE, k - 1)).abs().max() < TOLERANCE
    alpha, sigma = (f(k.double() / STEPS)[:, None] for f in (CHAIN.alpha, CHAIN.sigma))
    v = theirs.get_velocity(x0, NOISE, k - 1)
    assert (alpha * NOISE - sigma * x0 - v).abs().max() < TOLERANCE


def run(theirs, model, row: str, noise, **options) -> torch.Tensor:
    """Their loop, with our exact model answering in the row that they ask for."""
    x = noise
    for t in theirs.timesteps:
        prediction = model(x, (int(t) + 1) / STEPS)
        x = theirs.step(prediction.to(row), t, x, **options).prev_sample
    return x


@pytest.mark.equation("eq-posterior")
@pytest.mark.parametrize("row", THEIR_NAMES)
@pytest.mark.parametrize(
    ("variance_type", "stepper"),
    [
        ("fixed_small", DDIM(1.0)),
        ("fixed_small", Ancestral("posterior")),
        ("fixed_large", Ancestral("beta")),
    ],
    ids=str,
)
def test_ddpm(diffusers, row: str, variance_type: str, stepper) -> None:
    theirs = diffusers.DDPMScheduler(
        **CHAIN_SETTINGS,
        clip_sample=False,
        variance_type=variance_type,
        prediction_type=THEIR_NAMES[row],
    )
    theirs.set_timesteps(STEPS)
    model = AnalyticDenoiser(TRIO, CHAIN)
    expected = run(theirs, model, row, NOISE, generator=seeded(2))
    ours = sample(stepper, model, NOISE, grids.all_steps(CHAIN), generator=seeded(2))
    assert (ours - expected).abs().max() < TOLERANCE
    assert (ours - NOISE).abs().max() > 0.1


@pytest.mark.equation("eq-ddim")
@pytest.mark.equation("eq-ddim-std")
@pytest.mark.parametrize("row", THEIR_NAMES)
@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("n", [20, 100])
def test_ddim(diffusers, row: str, eta: float, n: int) -> None:
    theirs = diffusers.DDIMScheduler(
        **CHAIN_SETTINGS,
        clip_sample=False,
        set_alpha_to_one=True,
        timestep_spacing="trailing",
        prediction_type=THEIR_NAMES[row],
    )
    theirs.set_timesteps(n)
    grid = grids.trailing(CHAIN, n)
    assert ((grid[:-1] * STEPS).round().long() - 1).tolist() == theirs.timesteps.tolist()
    model = AnalyticDenoiser(TRIO, CHAIN)
    expected = run(theirs, model, row, NOISE, eta=eta, generator=seeded(2))
    ours = sample(DDIM(eta), model, NOISE, grid, generator=seeded(2))
    assert (ours - expected).abs().max() < TOLERANCE


@pytest.mark.parametrize("n", [7, 30])
def test_trailing_timesteps_that_do_not_divide(diffusers, n: int) -> None:
    theirs = diffusers.DDIMScheduler(**CHAIN_SETTINGS, timestep_spacing="trailing")
    theirs.set_timesteps(n)
    ours = (grids.trailing(CHAIN, n)[:-1] * STEPS).round().long() - 1
    assert ours.tolist() == theirs.timesteps.tolist()


@pytest.mark.equation("eq-dpmpp")
@pytest.mark.parametrize("n", [5, 20])
def test_dpm_solver_multistep(diffusers, n: int) -> None:
    """Their noise levels sigma / alpha, read as times of the cosine path; then step by step."""
    theirs = diffusers.DPMSolverMultistepScheduler(
        **CHAIN_SETTINGS,
        algorithm_type="dpmsolver++",
        solver_type="midpoint",
        solver_order=2,
        prediction_type="sample",
        final_sigmas_type="zero",
        timestep_spacing="trailing",
    )
    theirs.set_timesteps(n)
    path = Cosine()
    grid = path.t_from_half_log_snr(-theirs.sigmas.double().log())
    assert grid[-1] == 0 and len(grid) == n + 1
    model, x = AnalyticDenoiser(TRIO, path), NOISE
    for t, time in zip(theirs.timesteps, grid, strict=False):
        x = theirs.step(model(x, time).x0, t, x).prev_sample
    ours = sample(DPMpp2M(), model, NOISE, grid)
    assert (ours - x).abs().max() < TOLERANCE
    assert (ours - sample(DDIM(), model, NOISE, grid)).abs().max() > 100 * TOLERANCE


@pytest.mark.equation("eq-euler")
def test_flow_matching_euler(diffusers) -> None:
    theirs = diffusers.FlowMatchEulerDiscreteScheduler(shift=1.0)
    theirs.set_timesteps(12)
    grid = theirs.sigmas.double()
    assert grid[0] == 1 and grid[-1] == 0  # the same direction of time as ours
    model, x = AnalyticDenoiser(TRIO, Linear()), NOISE
    for t, time in zip(theirs.timesteps, grid, strict=False):
        x = theirs.step(model(x, time).velocity, t, x).prev_sample
    assert (sample(Euler(), model, NOISE, grid) - x).abs().max() < TOLERANCE


def shifted(t: torch.Tensor, shift: float) -> torch.Tensor:
    """The times of the linear path at which sigma / alpha is ``shift`` times as large."""
    return LINE.t_from_half_log_snr(LINE.half_log_snr(t) - math.log(shift))


def formula(t: torch.Tensor, shift: float) -> torch.Tensor:
    """The same as Esser et al., arXiv 2403.03206, write it."""
    return shift * t / (1 + (shift - 1) * t)


def test_shifts_of_the_grid_form_a_group() -> None:
    grid = grids.uniform(12)
    for a, b in ((3.0, 2.0), (0.5, 6.0), (3.0, 1 / 3)):
        assert (shifted(grid, a) - formula(grid, a)).abs().max() < 1e-15
        assert (shifted(shifted(grid, b), a) - formula(grid, a * b)).abs().max() < 1e-15


@pytest.mark.parametrize("n", [5, 12])
def test_their_shift_of_the_flows_grid(diffusers, n: int) -> None:
    """Ours is right: n equal steps from 1 to the chain's first time, 1 / 1000, shifted once.

    Theirs, in version 0.42.1, takes the end of the steps from a grid that was shifted before and
    shifts it again, so that its last time is formula(1 / 1000, 3 * 3) and the others lie between
    (issue 13243 of diffusers). When they mend it, the last assertion fails: then assert that
    theirs is ``right``.
    """
    theirs = diffusers.FlowMatchEulerDiscreteScheduler(shift=3.0)
    theirs.set_timesteps(n)
    found = theirs.sigmas[:-1].double()
    first = torch.tensor(1 / 1000, dtype=torch.float64)
    right = shifted(torch.linspace(1, float(first), n, dtype=torch.float64), 3.0)
    twice = formula(torch.linspace(1, float(formula(first, 3.0)), n, dtype=torch.float64), 3.0)
    assert float(right[-1]) == pytest.approx(0.002994, abs=1e-6)
    assert float(twice[-1]) == pytest.approx(float(formula(first, 9.0)), abs=1e-12)
    assert (found - right).abs().max() > 500 * TOLERANCE
    assert (found - twice).abs().max() < TOLERANCE


@pytest.mark.equation("eq-euler")
def test_flow_matching_euler_on_a_shifted_grid(diffusers) -> None:
    """Their steps are ours on whatever grid they take: what is wrong is the grid alone."""
    theirs = diffusers.FlowMatchEulerDiscreteScheduler(shift=3.0)
    theirs.set_timesteps(12)
    grid, model, x = theirs.sigmas.double(), AnalyticDenoiser(TRIO, LINE), NOISE
    for t, time in zip(theirs.timesteps, grid, strict=False):
        x = theirs.step(model(x, time).velocity, t, x).prev_sample
    assert (sample(Euler(), model, NOISE, grid) - x).abs().max() < TOLERANCE
