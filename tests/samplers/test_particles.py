"""Particles: the two-step case by hand, exact on Gaussians, right on two humps."""

import math

import pytest
import torch

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.denoisers.wrapped import Counted
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.guidance.operators import Matrix
from diffusionbook.guidance.rewards import LinearReward
from diffusionbook.paths.gaussian import VP, Cosine, Linear
from diffusionbook.prediction import Prediction
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.affine import push_forward
from diffusionbook.samplers.ancestral import DDIM, Ancestral
from diffusionbook.samplers.ode import DPMpp2M, Euler, Heun
from diffusionbook.samplers.particles import best_of, particles
from diffusionbook.samplers.recurrence import Recurrent
from diffusionbook.samplers.sde import EulerMaruyama
from diffusionbook.samplers.twists import ObservationTwist, RewardTwist
from exact import f64

pytestmark = pytest.mark.usefixtures("without_shape_checks")
ONE = Matrix(f64([[1.0]]))
HUMPS = GaussianMixture(torch.ones(2), f64([[-2.0], [2.0]]), f64([0.25, 0.25]))
RANDOM = [DDIM(1.0), DDIM(0.6), Ancestral("beta"), Ancestral("posterior"), EulerMaruyama()]
each_random = pytest.mark.parametrize("stepper", RANDOM, ids=str)


def observed(value: float, noise_std: float, data_std: float | None = None) -> ObservationTwist:
    return ObservationTwist(ONE, f64([value]), noise_std, data_std)


class Halves:
    """A model on the linear path that guesses x0 = x_t / 2."""

    path = Linear()

    def __call__(self, x_t, t, y=None):
        return Prediction(x_t / 2, "x0", x_t, t, self.path)


def log_normal(x, mean, std):
    return -((x - mean) ** 2) / (2 * std**2) - math.log(std) - math.log(2 * math.pi) / 2


@pytest.mark.equation("eq-twist")
def test_two_steps_by_hand() -> None:
    """Times .8, .4, 0 and the reward b x: the twist is b x / 2 and its gradient b / 2.

    DDIM(1) goes from .8 to .4 with std .4/.8 · sqrt(.64 - (.2/.6)^2 · .16): all written out.
    Nothing is resampled, so the weights are products of the increments.
    """
    b, start, generator = 0.7, f64([[1.0], [-0.5], [0.3]]), seeded(3)
    twist = RewardTwist(LinearReward(f64([b])))
    got = particles(DDIM(1.0), Halves(), twist, start, f64([0.8, 0.4, 0.0]), generator=generator)
    x = start[:, 0]
    fresh = torch.randn(3, 1, generator=seeded(3), dtype=torch.float64)[:, 0]
    std = 0.5 * math.sqrt(0.64 - (0.2 / 0.6) ** 2 * 0.16)
    keep = math.sqrt(0.16 - std**2)
    mean = 0.6 * x / 2 + keep * (x - 0.2 * x / 2) / 0.8
    guided = mean + 0.6 * (0.64 / 0.2) * b / 2 - keep * 0.8 * b / 2  # x0 and eps moved by the score
    below = guided + std * fresh
    end = below / 2
    log_w = b * x / 2
    log_w += b * below / 2 - b * x / 2 + log_normal(below, mean, std)
    log_w -= log_normal(below, guided, std)
    assert float(1 / log_w.softmax(0).square().sum()) > 1.5, "nothing may be resampled here"
    log_w += b * end - b * below / 2
    assert (got.x[:, 0] - end).abs().max() < 1e-10
    assert (got.weights[0] - log_w.softmax(0)).abs().max() < 1e-10
    assert (got.log_evidence[0] - (log_w.logsumexp(0) - math.log(3))).abs() < 1e-10
    assert got.ess.shape == (1, 3)
    assert abs(got.ess[0, -1] - 1 / got.weights.square().sum()) < 1e-10


@each_random
@pytest.mark.equation("eq-twist")
def test_gaussians_within_five_standard_errors(stepper) -> None:
    """The law aimed at is what the sampler draws, times the likelihood: Gaussian times Gaussian.

    40 independent runs say what a run's standard error is.
    """
    prior, path, runs, n = GaussianMixture.normal(f64([0.5]), 1.5), VP(), 40, 250
    model, grid = AnalyticDenoiser(prior, path), grids.uniform(30, 0.98)
    law = push_forward(stepper, model, grid, f64([0.0]), 1.0)
    exact = GaussianMixture.normal(*law).condition(torch.eye(1), f64([1.6]), 0.8)
    got = particles(stepper, model, observed(1.6, 0.8), randn((runs * n, 1), seeded(0)), grid,
                    runs=runs, generator=seeded(1))
    x = got.x.reshape(runs, n)
    mean = (got.weights * x).sum(1)
    variance = (got.weights * (x - exact.means[0]) ** 2).sum(1)
    spread = float(law.cov + 0.8**2)
    evidence = got.log_evidence.exp() / math.exp(log_normal(1.6, float(law.mean), spread**0.5))
    for found, wanted in ((mean, exact.means), (variance, exact.covs), (evidence, 1.0)):
        # the ratio of two unbiased estimates is off by 1 / n of a relative variance of order 1
        assert abs(found.mean() - float(wanted)) < 5 * found.std() / runs**0.5 + 1 / n


@pytest.mark.equation("eq-twist")
@pytest.mark.parametrize("data_std", [None, 2.0], ids=["jacobian", "one number"])
def test_two_humps(data_std) -> None:
    """P(right) = .832 where guidance says .67 to .93; the grid's own error is below .002."""
    runs, n = 20, 400
    truth = HUMPS.condition(torch.eye(1), f64([0.5]), 1.0)
    right = float(truth.weights[truth.means[:, 0] > 0].sum())
    assert abs(right - 0.832) < 5e-4
    got = particles(DDIM(1.0), AnalyticDenoiser(HUMPS, Linear()), observed(0.5, 1.0, data_std),
                    randn((runs * n, 1), seeded(0)), grids.uniform(50), runs=runs,
                    generator=seeded(1))
    found = ((got.x.reshape(runs, n) > 0) * got.weights).sum(1)
    assert abs(found.mean() - right) < 5 * found.std() / runs**0.5 + 0.002
    assert found.std() < 1.8 * math.sqrt(right * (1 - right) / n)  # 1.3 in the mean, of 20 runs
    again = got.resampled(seeded(2)).reshape(runs, n)
    drawn = math.sqrt(right * (1 - right) / (runs * n))  # of as many independent draws
    assert abs((again > 0).double().mean() - found.mean()) < 5 * drawn


def test_a_poor_twist_costs_particles_and_no_correctness() -> None:
    """A twist that is too sure makes each run resample several times. The posterior is
    N(1.6, .2), and 300 effective particles are within five standard errors of its mean."""
    model = AnalyticDenoiser(GaussianMixture.normal(f64([0.0]), 1.0), Cosine())
    got = particles(DDIM(1.0), model, observed(2.0, 0.5, 0.3), randn((4_000, 1), seeded(0)),
                    grids.uniform(40), runs=4, generator=seeded(1))
    assert (got.ess[:, :-1] < 500).any(1).all(), "nothing was resampled"
    mean = (got.weights * got.x.reshape(4, 1_000)).sum(1)
    assert (mean - 1.6).abs().max() < 5 * math.sqrt(0.2 / 300)


def test_it_costs_one_evaluation_a_step() -> None:
    model = Counted(AnalyticDenoiser(HUMPS, Linear()))
    particles(DDIM(1.0), model, observed(0.5, 1.0), randn((6, 1), seeded(0)), grids.uniform(9),
              generator=seeded(1))
    assert (model.evaluations, model.samples) == (9, 54)


@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode, torch.enable_grad])
def test_it_works_where_gradients_are_off(context) -> None:
    start = randn((8, 1), seeded(0))
    with context():
        got = particles(DDIM(1.0), AnalyticDenoiser(HUMPS, Linear()), observed(0.5, 1.0),
                        start, grids.uniform(5), generator=seeded(1))
    assert got.x.isfinite().all() and not got.x.requires_grad


def test_labels_follow_their_particles() -> None:
    """Each label's particles stay with their hump, through all resampling."""
    law = GaussianMixture(torch.ones(2), HUMPS.means, HUMPS.covs, torch.tensor([0, 1]))
    y = torch.tensor([0, 1]).repeat(100)
    got = particles(DDIM(1.0), AnalyticDenoiser(law, Linear()), observed(2.0, 0.3, 0.05),
                    randn((200, 1), seeded(0)), grids.uniform(20), y=y, generator=seeded(1))
    assert (got.ess < 100).any()
    assert (got.weights[0] * (got.x[:, 0] > 0)).sum() > 0.99


@pytest.mark.parametrize("stepper", [DDIM(), Euler(), Heun(), DPMpp2M(), Recurrent(DDIM(1.0), 2)],
                         ids=str)
def test_a_stepper_without_a_known_law_is_refused_by_name(stepper) -> None:
    with pytest.raises(ValueError, match=f"stepper must draw.*{type(stepper).__name__}"):
        particles(stepper, Halves(), observed(1.0, 1.0), torch.zeros(4, 1).double(), GRID)


GRID = f64([0.9, 0.5, 0.0])
X = torch.zeros(4, 1, dtype=torch.float64)


def called(twist=None, x=X, runs=1, grid=GRID, model=None):
    return particles(DDIM(1.0), model or Halves(), twist or observed(1.0, 1.0), x, grid, runs=runs,
                     generator=seeded(0))


class Cut(Halves):
    def __call__(self, x_t, t, y=None):
        return super().__call__(x_t.detach(), t, y)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: called(runs=3), "runs must divide"),
    (lambda: called(runs=0), "runs must be at least 1"),
    (lambda: called(x=X[:0]), "noise must hold"),
    (lambda: called(grid=GRID.flip(0)), "grid must decrease"),
    (lambda: called(RewardTwist(lambda x: x)), "reward must return shape"),
    (lambda: called(RewardTwist(lambda x: x.detach().sum(1))), "cut off"),
    (lambda: called(RewardTwist(lambda x: x.sum(1) * math.nan)), "reward must be finite"),
    (lambda: called(RewardTwist(LinearReward(f64([1.0]))), model=Cut()), "cut off"),
    (lambda: best_of(X, LinearReward(f64([1.0])), 3), "n must divide"),
    (lambda: best_of(X, lambda x: x, 2), "reward must return shape"),
])  # fmt: skip
def test_bad_input_is_refused(call, message) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_the_best_of_each_few() -> None:
    samples = f64([[1.0], [3.0], [2.0], [-1.0], [-3.0], [-2.0]])
    assert best_of(samples, LinearReward(f64([1.0])), 3).flatten().tolist() == [3.0, -1.0]
    assert torch.equal(best_of(samples, LinearReward(f64([1.0])), 1), samples)
