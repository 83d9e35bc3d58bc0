"""The released code of DPS copies the observation when it is given more steps."""

import math

import pytest
import torch

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.denoisers.wrapped import Counted
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.guidance.operators import Matrix
from diffusionbook.paths.gaussian import VP, Linear
from diffusionbook.prediction import Prediction
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.ancestral import DDIM, Ancestral
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.nudged import Nudged
from diffusionbook.samplers.ode import DPMpp2M, Heun
from exact import f64

pytestmark = pytest.mark.usefixtures("without_shape_checks")
ALL = Matrix(torch.eye(64).double())
ONES = torch.ones(64, dtype=torch.float64)


class StandardNormal:
    """The exact denoiser of N(0, I)."""

    def __init__(self, path) -> None:
        self.path = path

    def __call__(self, x_t, t, y=None):
        c = self.path.at(t, x_t)
        return Prediction(c.alpha / (c.alpha**2 + c.sigma**2) * x_t, "x0", x_t, t, self.path)


def drawn(size: float, n: int) -> tuple[float, float]:
    """Mean and variance of 40 · 64 numbers drawn by the released rule."""
    x = sample(Nudged(Ancestral(), ALL, ONES, size), StandardNormal(VP()),
               randn((40, 64), seeded(0)), grids.uniform(n), generator=seeded(1))
    return float(x.mean()), float(x.var())


@pytest.mark.parametrize(("size", "mean", "variance"), [
    (0.1, 0.27, 0.60), (0.3, 0.73, 0.15), (1.0, 1.00, 0.004)])  # fmt: skip
def test_a_hundred_steps_of_three_sizes(size, mean, variance) -> None:
    """The truth is mean .8 and variance .2. The numbers are of an independent calculation, on
    another chain: so 8 % of the scale apart."""
    found = drawn(size, 100)
    assert abs(found[0] - mean) < 0.08 and abs(found[1] - variance) < 0.05


@pytest.mark.parametrize("size", [
    0.3, *(pytest.param(s, marks=pytest.mark.slow) for s in (0.1, 1.0))])  # fmt: skip
def test_a_thousand_steps_copy_the_observation_whatever_the_size(size) -> None:
    mean, variance = drawn(size, 1_000)
    assert abs(mean - 1) < 0.002 and variance < 0.0045


@pytest.mark.parametrize(("norm", "power"), [("plain", 1), ("squared", 2)])
def test_a_step_is_the_steppers_minus_the_gradient(norm, power) -> None:
    """By hand: x0 = g x with g = alpha / (alpha^2 + sigma^2), r = y - g x, and the gradient of |r|
    is -g r / |r|, of its square -2 g r."""
    model, x, t, s = StandardNormal(Linear()), randn((3, 64), seeded(0)), f64(0.6), f64(0.5)
    g = 0.4 / (0.4**2 + 0.6**2)
    r = 1 - g * x
    length = r.norm(dim=1, keepdim=True)
    wanted = {1: -g * r / length, 2: -2 * g * r}[power]
    plain, _ = DDIM().step(model, x, t, s)
    got, _ = Nudged(DDIM(), ALL, ONES, 0.3, norm).step(model, x, t, s)
    assert (got - (plain - 0.3 * wanted)).abs().max() < 1e-10


@pytest.mark.parametrize(("stepper", "evaluations"), [(DDIM(), 5), (Heun(), 9), (DPMpp2M(), 5)])
def test_no_look_more_than_the_stepper(stepper, evaluations) -> None:
    model = Counted(StandardNormal(Linear()))
    sample(Nudged(stepper, ALL, ONES, 0.1), model, randn((2, 64), seeded(0)),
           grids.uniform(5, 0.9))
    assert model.evaluations == evaluations


@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
def test_the_gradient_is_taken_where_gradients_are_off(context) -> None:
    law = GaussianMixture.normal(f64([0.0]), 1.0)
    nudged = Nudged(DDIM(), Matrix(f64([[1.0]])), f64([2.0]), 0.2)
    def run():
        return sample(nudged, AnalyticDenoiser(law, Linear()), f64([[0.3]]), grids.uniform(4))

    wanted = run()
    with context():
        got = run()
    assert abs(float(got) - float(wanted)) < 1e-12


class Cut(StandardNormal):
    def __call__(self, x_t, t, y=None):
        return super().__call__(x_t.detach(), t, y)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: Nudged(DDIM(), ALL, ONES, 0.0), "size must be positive"),
    (lambda: Nudged(DDIM(), ALL, ONES, math.nan), "size must be positive"),
    (lambda: Nudged(DDIM(), ALL, ONES, 0.1, "cubed"), "norm must be"),
    (lambda: Nudged(DDIM(), ALL, ONES[:3], 0.1), "observed must have"),
    (lambda: Nudged(DDIM(), ALL, ONES, 0.1).step(Cut(Linear()), torch.zeros(2, 64).double(),
                                                 f64(0.5), f64(0.4)), "cut off"),
])  # fmt: skip
def test_bad_input_is_refused(call, message) -> None:
    with pytest.raises(ValueError, match=message):
        call()
