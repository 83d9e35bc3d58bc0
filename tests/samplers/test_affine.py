"""The law of a sampler's draws on Gaussian data: closed forms, integrators, and draws."""

import math

import pytest
import torch
from scipy.integrate import solve_ivp

from diffusionbook.denoisers.exact import AnalyticDenoiser, EmpiricalDenoiser
from diffusionbook.denoisers.linear import LinearDenoiser
from diffusionbook.denoisers.wrapped import Repathed
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.exact.guided import guided_ode_std, guided_ode_std_at
from diffusionbook.guidance import Projected, autoguidance, cfg, interval
from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import VE, VP, Cosine, Linear
from diffusionbook.randomness import randn, randn_like, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.affine import push_forward
from diffusionbook.samplers.ancestral import DDIM, Ancestral
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.ode import DPMpp2M, Euler, Heun
from diffusionbook.samplers.sde import EulerMaruyama
from exact import affine_step, f64, slopes

TURN = f64([[0.8, -0.6], [0.6, 0.8]])
MEAN = f64([0.7, -0.4])
COV = TURN @ f64([1.2, 0.1]).diag() @ TURN.T
OTHER = f64([[0.5, 0.2], [0.2, 0.9]])  # its axes are others than those of COV
ORIGIN = torch.zeros(2, dtype=torch.float64)
STEPPERS = [
    DDIM(), DDIM(0.5), DDIM(1.0), Ancestral(), Ancestral("beta"), Euler(), Heun(), DPMpp2M(),
    EulerMaruyama(),
]  # fmt: skip
pytestmark = pytest.mark.usefixtures("without_shape_checks")


def gaussian(path, mean=MEAN, cov=COV) -> AnalyticDenoiser:
    return AnalyticDenoiser(GaussianMixture.normal(mean, cov), path)


def guided(path, w=2.0) -> AnalyticDenoiser:
    return autoguidance(gaussian(path), gaussian(path, ORIGIN, OTHER), w)


@pytest.mark.parametrize("stepper", STEPPERS, ids=str)
def test_draws_have_this_mean_and_covariance(stepper) -> None:
    """20,000 of a guided model with two systems of axes, at five standard errors."""
    model, n = guided(VP()), 20_000
    start = f64([[1.0, 0.5], [0.5, 2.0]])
    grid = grids.uniform(6)
    law = push_forward(stepper, model, grid, ORIGIN + 0.3, start)
    noise = 0.3 + randn((n, 2), seeded(0)) @ torch.linalg.cholesky(start).T
    x = sample(stepper, model, noise, grid, generator=seeded(1))
    v = law.cov.diag()
    assert ((x.mean(0) - law.mean).abs() < 5 * (v / n).sqrt()).all()
    error = ((v[:, None] * v + law.cov**2) / n).sqrt()
    assert ((x.T.cov() - law.cov).abs() < 5 * error).all()


@pytest.mark.parametrize("stepper", [s for s in STEPPERS if s != DPMpp2M()], ids=str)
def test_on_a_line_it_is_the_product_of_the_steps(stepper) -> None:
    model, grid = gaussian(Cosine(), f64([0.7]), 0.25), grids.uniform(12, 0.95)
    mean, variance = 0.2, 1.3
    for t, s in zip(grid[:-1], grid[1:], strict=True):
        a, b, c = affine_step(stepper, model, t, s)
        mean, variance = a * mean + b, a**2 * variance + c**2
    law = push_forward(stepper, model, grid, f64([0.2]), 1.3)
    # affine_step solves for each step in float64
    assert (float(law.mean), float(law.cov)) == pytest.approx((mean, variance), abs=1e-9)


@pytest.mark.equation("eq-guided-ode")
@pytest.mark.equation("eq-guided-ode-at")
@pytest.mark.parametrize("stepper", [Heun(), DPMpp2M()], ids=str)
def test_along_shared_axes_guidance_takes_powers_of_the_widths(stepper) -> None:
    """One pair of axes, turned, and a width of each: at order two between two times, and from
    noise to data, where the last step is of order one, s_c^w s_u^(1 - w)."""
    w, path, s_c, s_u = 3.0, Linear(), (0.5, 1.2), (1.0, 0.9)
    strong, weak = (TURN @ f64(s).square().diag() @ TURN.T for s in (s_c, s_u))
    model = autoguidance(gaussian(path, ORIGIN, strong), gaussian(path, ORIGIN, weak), w)

    def widths(grid) -> torch.Tensor:
        law = push_forward(stepper, model, grid, ORIGIN, 1.0)
        turned = TURN.T @ law.cov @ TURN
        assert abs(float(turned[0, 1])) < 1e-12 and float(law.mean.abs().max()) < 1e-12
        return turned.diag().sqrt()

    pairs = list(zip(s_c, s_u, strict=True))
    at = f64([float(guided_ode_std_at(path, 0.1, *s, w, start=0.98, start_std=1.0)) for s in pairs])
    errors = [float((widths(grids.uniform(n, 0.98, 0.1)) - at).abs().max()) for n in (256, 512)]
    assert slopes([256, 512], errors) == pytest.approx([2], abs=0.1)
    end = f64([guided_ode_std(*s, w) for s in pairs])
    # DPM-Solver++, whose first step is of order one too, is off by 2.7e-3
    assert (widths(grids.uniform(128)) / end - 1).abs().max() < 4e-3


@pytest.mark.parametrize("stepper", [DDIM(1.0), Ancestral("beta"), EulerMaruyama()], ids=str)
def test_fresh_noise_spreads_along_every_axis_by_itself(stepper) -> None:
    """Two axes turned, against a run on each alone."""
    path, grid, pairs = VP(), grids.uniform(30), [(0.5, 1.0), (1.2, 0.9)]
    strong, weak = (TURN @ f64(s).square().diag() @ TURN.T for s in zip(*pairs, strict=True))
    model = autoguidance(gaussian(path, ORIGIN, strong), gaussian(path, ORIGIN, weak), 3.0)
    alone = [
        push_forward(stepper, autoguidance(
            *(gaussian(path, ORIGIN[:1], s**2) for s in pair), 3.0), grid, ORIGIN[:1], 1.0)
        for pair in pairs
    ]
    found = push_forward(stepper, model, grid, ORIGIN, 1.0)
    wanted = TURN @ f64([float(law.cov) for law in alone]).diag() @ TURN.T
    assert (found.cov - wanted).abs().max() < 1e-12


@pytest.mark.parametrize("stepper", [Euler(), Heun(), DDIM(), DPMpp2M()], ids=str)
def test_with_axes_that_differ_an_integrator_is_the_judge(stepper) -> None:
    """DOP853 moves the mean and the ends of two axes; what they span is the covariance."""
    model, start, end = guided(Linear()), 0.9, 0.2

    def velocity(t: float, x):
        return model(torch.from_numpy(x).reshape(3, 2), t).velocity.flatten().numpy()

    rows = torch.cat([ORIGIN[None], torch.eye(2).double()])
    run = solve_ivp(velocity, (start, end), rows.flatten().numpy(), "DOP853", rtol=1e-10)
    moved = torch.from_numpy(run.y[:, -1]).reshape(3, 2)
    span = moved[1:] - moved[0]
    errors = []
    for n in (128, 256):
        law = push_forward(stepper, model, grids.uniform(n, start, end), ORIGIN, 1.0)
        gaps = law.mean - moved[0], law.cov - span.T @ span
        errors.append(max(float(gap.abs().max()) for gap in gaps))
    assert slopes([128, 256], errors) == pytest.approx([stepper.order], abs=0.15)


def test_one_step_to_the_end_is_the_model_itself() -> None:
    """From t = 1, where nothing is known of x0, each law shrinks to the mean of the data."""
    law = push_forward(DDIM(), gaussian(Cosine()), f64([1.0, 0.0]), ORIGIN + 3, OTHER)
    assert (law.mean - MEAN).abs().max() < 1e-12 and law.cov.abs().max() < 1e-12


def test_a_start_without_width_has_that_of_the_fresh_noise() -> None:
    model, grid = gaussian(VP()), grids.uniform(5, 0.9, 0.1)
    none, flat = (push_forward(DDIM(1.0), model, grid, MEAN, cov)
                  for cov in (0.0, f64([[1.0, 1.0], [1.0, 1.0]])))
    still = push_forward(DDIM(), model, grid, MEAN, 0.0)
    assert float(still.cov.abs().max()) == 0
    one_axis = torch.linalg.eigvalsh(flat.cov - none.cov)
    assert one_axis[0] == pytest.approx(0, abs=1e-12) and one_axis[1] > 1e-4


def labelled(path):
    """Knows two classes and, without a label, one Gaussian for all: an unconditional model that
    is not the mixture of the conditional ones, as a network's may be."""
    means, covs = torch.stack([MEAN, -MEAN]), torch.stack([COV, OTHER])
    strong = AnalyticDenoiser(GaussianMixture(torch.ones(2), means, covs, torch.arange(2)), path)
    return _Labelled(strong, gaussian(path, ORIGIN, 2.0))


class _Labelled:
    def __init__(self, strong, weak) -> None:
        self.strong, self.weak, self.path = strong, weak, strong.path

    def __call__(self, x_t, t, y=None):
        return self.weak(x_t, t) if y is None else self.strong(x_t, t, y)


def test_a_label_is_passed_on() -> None:
    grid = grids.uniform(8)
    for y, (mean, cov) in enumerate([(MEAN, COV), (-MEAN, OTHER)]):
        found = push_forward(DPMpp2M(), cfg(labelled(VP()), 3.0), grid, ORIGIN, 1.0, y=y)
        both = autoguidance(gaussian(VP(), mean, cov), gaussian(VP(), ORIGIN, 2.0), 3.0)
        wanted = push_forward(DPMpp2M(), both, grid, ORIGIN, 1.0)
        for one, other in zip(found, wanted, strict=True):
            assert (one - other).abs().max() < 1e-10


@pytest.mark.parametrize("model", [
    guided(VE(80.0)), guided(VP(), interval(3.0, 0.2, 0.7)), Repathed(guided(Linear()), Cosine()),
    LinearDenoiser(randn((40, 2), seeded(0)), Linear()), EmpiricalDenoiser(MEAN[None], Linear()),
    gaussian(Chain.from_path(VP(), 8)), gaussian(Linear(), MEAN, 0.0),
], ids=["VE", "interval", "repathed", "linear", "point", "chain", "no width"])
def test_affine_models_of_all_kinds_are_taken(model) -> None:
    law = push_forward(DDIM(0.5), model, grids.uniform(8), ORIGIN, float(model.path.sigma(1.0)))
    assert torch.equal(law.cov, law.cov.mT) and bool(torch.isfinite(law.cov).all())


class OwnNoise(Euler):
    def step(self, model, x, t, s, *, y=None, generator=None, memory=None):
        x, memory = super().step(model, x, t, s, y=y)
        return x + torch.normal(torch.zeros_like(x), 1.0, generator=generator), memory


class NoiseTimesState(Euler):
    def step(self, model, x, t, s, *, y=None, generator=None, memory=None):
        x, memory = super().step(model, x, t, s, y=y)
        return x * (1 + 0.01 * randn_like(x, generator)), memory


class LowerOffTheGrid(Euler):
    """The identity at whole numbers, where the columns of the affine function are read."""

    def step(self, model, x, t, s, *, y=None, generator=None, memory=None):
        return x - 0.1 * (x % 1 != 0), None


def test_points_that_all_lie_lower_are_seen_too() -> None:
    model = gaussian(VP(), f64([0.0]), 1.0)
    with pytest.raises(ValueError, match="model must be affine in x_t.*LowerOffTheGrid.* by 0.1"):
        push_forward(LowerOffTheGrid(), model, f64([1.0, 0.5]), f64([0.0]), 1.0)


TRIO = GaussianMixture(torch.ones(2), torch.stack([MEAN, -MEAN]), torch.stack([COV, COV]))


@pytest.mark.parametrize(("stepper", "model"), [
    (Heun(), AnalyticDenoiser(TRIO, VP())),
    (DPMpp2M(), autoguidance(gaussian(VP()), gaussian(VP(), ORIGIN, OTHER), 2.0,
                             combine=Projected())),
    (OwnNoise(), gaussian(VP())),
    (NoiseTimesState(), gaussian(VP())),
], ids=["mixture", "projected", "own noise", "noise times state"])  # fmt: skip
def test_what_is_not_affine_is_refused(stepper, model) -> None:
    with pytest.raises(ValueError, match="model must be affine in x_t.* is off by"):
        push_forward(stepper, model, grids.uniform(6), ORIGIN, 1.0)


@pytest.mark.parametrize(("change", "message"), [
    ({"mean": f64(0.0)}, "means must have shape"),
    ({"cov": f64([1.0, 1.0, 1.0])}, "covs must have shape"),
    ({"cov": -1.0}, "covs must be positive semi-definite"),
    ({"mean": f64([math.nan, 0.0])}, "means must be finite"),
    ({"grid": f64([0.0, 1.0])}, "grid must"),
    ({"mean": f64([0.0])}, "x_t must have shape"),
])
def test_bad_arguments_are_refused(change: dict, message: str) -> None:
    good = {"grid": grids.uniform(4), "mean": ORIGIN, "cov": 1.0}
    with pytest.raises(ValueError, match=message):
        push_forward(DDIM(), gaussian(VP()), **good | change)
