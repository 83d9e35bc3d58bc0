"""Chapter 6, "What breaks": each mistake it shows dies under one of these tests."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import torch

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.exact.dps_law import dps_sde
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.guidance.inverse import dps
from diffusionbook.guidance.operators import Matrix
from diffusionbook.guidance.rewards import LinearReward, Reward
from diffusionbook.guidance.steering import steer
from diffusionbook.paths.gaussian import VP, Cosine, Linear
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.affine import push_forward
from diffusionbook.samplers.ancestral import Ancestral
from diffusionbook.samplers.nudged import Nudged
from diffusionbook.samplers.ode import Heun
from exact import f64

pytestmark = pytest.mark.usefixtures("without_shape_checks")
NORMAL = GaussianMixture.normal(f64([0.0]), 1.0)
SEE, SEEN, NOISE_STD = Matrix(f64([[1.0]])), f64([1.0]), 0.5


def tied(n: int) -> tuple[float, float]:
    """Mean and variance of what n steps draw, guided through the score."""
    model = dps(AnalyticDenoiser(NORMAL, VP()), SEE, SEEN, NOISE_STD)
    law = push_forward(Ancestral(), model, grids.uniform(n), f64([0.0]), 1.0)
    return float(law.mean), float(law.cov)


def untied(n: int) -> tuple[float, float]:
    """The same with a nudge of a fixed size; squared, so that the steps stay affine."""
    stepper = Nudged(Ancestral(), SEE, SEEN, 0.02, "squared")
    model = AnalyticDenoiser(NORMAL, VP())
    law = push_forward(stepper, model, grids.uniform(n), f64([0.0]), 1.0)
    return float(law.mean), float(law.cov)


def test_more_steps_draw_the_same_law(drawn: Callable = tied) -> None:
    """Errors of first order: 200 steps are within 5 % of the limit, and 100 within 10 %."""
    (mean, variance), (more_mean, more_variance) = drawn(100), drawn(200)
    assert abs(mean - more_mean) < 0.05 and abs(variance - more_variance) < 0.02
    wanted = dps_sde(1.0, NOISE_STD, 1.0)
    if drawn is tied:
        assert abs(more_mean - wanted.mean) < 0.05
        assert abs(more_variance - wanted.variance) < 0.02


@dataclass(frozen=True)
class Halved(Cosine):
    """The cosine path with half of sigma's derivative."""

    def d_sigma(self, t):
        return super().d_sigma(t) / 2


@pytest.mark.parametrize("path", [Linear(), Cosine(), VP()], ids=str)
def test_rates_are_the_derivatives_of_what_they_belong_to(path) -> None:
    t = torch.linspace(0.05, 0.95, 19, dtype=torch.float64, requires_grad=True)
    for value, rate in ((path.alpha, path.d_alpha), (path.sigma, path.d_sigma)):
        (found,) = torch.autograd.grad(value(t).sum(), t)
        assert (found - rate(t)).abs().max() < 1e-10


def at_the_mean(x, mean, t, s, gradient):
    return gradient(mean, s)


def at_x_t(x, mean, t, s, gradient):
    return gradient(x, t)


def classifier_guided(n: int, place: Callable) -> tuple[float, float]:
    """Mean and variance of n exact reverse steps for N(0, 1) on the cosine path, each moved by its
    variance times the gradient of the exact log p(y | x)."""
    path, mean, second = Cosine(), f64(0.0), f64(1.0)

    def gradient(x, t):
        return path.alpha(t) * (1.0 - path.alpha(t) * x) / (NOISE_STD**2 + path.sigma(t) ** 2)

    times = grids.uniform(n)
    for t, s in zip(times[:-1], times[1:], strict=True):
        kept = path.alpha(t) / path.alpha(s)

        def step(x, t=t, s=s, kept=kept):
            return kept * x + (1 - kept**2) * place(x, kept * x, t, s, gradient)

        slope = step(f64(1.0)) - step(f64(0.0))
        mean, second = step(mean), slope**2 * second + 1 - kept**2
    return float(mean), float(second)


def test_classifier_guidance_keeps_the_variance(place: Callable = at_the_mean) -> None:
    """Truth: mean .8, variance .2. In 10 steps of first order the variance is 4 % off."""
    mean, variance = classifier_guided(10, place)
    assert abs(variance - 0.2) < 0.01
    assert abs(mean - 0.8) < 0.08


def test_both_places_meet_in_many_steps() -> None:
    """Which is why nobody noticed."""
    for place in (at_the_mean, at_x_t):
        mean, variance = classifier_guided(1_000, place)
        assert abs(mean - 0.8) < 1e-3 and abs(variance - 0.2) < 1e-3


def whole_graph(x):
    return LinearReward(f64([1.0]))(x)


def detached(x):
    with torch.no_grad():
        return whole_graph(x)


def test_a_reward_moves_the_score(reward: Reward = whole_graph) -> None:
    model, x = AnalyticDenoiser(NORMAL, Cosine()), randn((4, 1), seeded(0))
    moved = steer(model, reward)(x, 0.5).score - model(x, 0.5).score
    assert (moved.abs() > 0.1).all()


@pytest.mark.parametrize(("test", "mutant"), [
    (test_more_steps_draw_the_same_law, untied),
    (test_rates_are_the_derivatives_of_what_they_belong_to, Halved()),
    (test_classifier_guidance_keeps_the_variance, at_x_t),
])  # fmt: skip
def test_the_mistakes_fail(test: Callable, mutant: object) -> None:
    with pytest.raises(AssertionError):
        test(mutant)


def test_a_detached_reward_is_refused() -> None:
    with pytest.raises(ValueError, match="cut off"):
        test_a_reward_moves_the_score(detached)


def test_what_half_of_a_rate_does_is_a_formula() -> None:
    """dx/dt = -sigma sigma' / 2 x for standard normal data, so that x grows by e^{1/4}."""
    model = AnalyticDenoiser(NORMAL, Halved())
    law = push_forward(Heun(), model, grids.uniform(400, 1.0, 1e-6), f64([0.0]), 1.0)
    assert abs(float(law.cov) ** 0.5 - math.exp(0.25)) < 1e-3
