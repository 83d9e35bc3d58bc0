"""Projected guesses obey the constraint; repainted samples hold what is known."""

import pytest
import torch
from models import InRow

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.denoisers.wrapped import Counted
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.guidance.operators import Mask, Matrix
from diffusionbook.paths.gaussian import Cosine, Linear
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.ancestral import DDIM, Ancestral
from diffusionbook.samplers.constrained import Constrained, Repaint
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.ode import DPMpp2M, Euler, Heun
from diffusionbook.samplers.sde import EulerMaruyama
from exact import f64

pytestmark = pytest.mark.usefixtures("without_shape_checks")
RHO = 0.8
PAIR = GaussianMixture.normal(f64([0.0, 0.0]), f64([[1.0, RHO], [RHO, 1.0]]))
FIRST = Mask(torch.tensor([True, False]))
STEPPERS = [DDIM(), DDIM(1.0), Ancestral(), Euler(), Heun(), DPMpp2M(), EulerMaruyama()]


def swapped(x):
    """The nearest point that is the same with its two numbers swapped."""
    return (x + x.flip(1)) / 2


@pytest.mark.parametrize("stepper", STEPPERS, ids=str)
@pytest.mark.parametrize("row", ["x0", "velocity"])
def test_samples_obey_the_constraint(stepper, row) -> None:
    model = InRow(AnalyticDenoiser(PAIR, Linear()), row)
    x = sample(Constrained(stepper, swapped), model, randn((6, 2), seeded(0)),
               grids.uniform(8, 0.95), generator=seeded(1))
    assert (x - swapped(x)).abs().max() < 1e-10
    assert x.std() > 0.1
    assert Constrained(stepper, swapped).order == stepper.order


def test_a_projection_that_changes_nothing_changes_nothing() -> None:
    model, noise = AnalyticDenoiser(PAIR, Cosine()), randn((6, 2), seeded(0))
    plain = sample(DDIM(), model, noise, grids.uniform(5))
    got = sample(Constrained(DDIM(), lambda x: x), model, noise, grids.uniform(5))
    assert (got - plain).abs().max() < 1e-10


def repainted(times: int, n: int = 4_000, steps: int = 20) -> torch.Tensor:
    stepper = Repaint(Ancestral(), FIRST, f64([1.5]), times)
    return sample(stepper, AnalyticDenoiser(PAIR, Linear()), randn((n, 2), seeded(0)),
                  grids.uniform(steps), generator=seeded(1))


def test_what_is_known_comes_back_exactly() -> None:
    assert (repainted(1, 5)[:, 0] - 1.5).abs().max() < 1e-12
    each = f64([[1.0], [2.0]])
    x = sample(Repaint(DDIM(), FIRST, each), AnalyticDenoiser(PAIR, Linear()),
               randn((2, 2), seeded(0)), grids.uniform(4), generator=seeded(1))
    assert (x[:, :1] - each).abs().max() < 1e-12


def test_more_passes_bring_the_rest_nearer_to_the_conditional_law() -> None:
    """The truth is N(1.2, .36). One pass is too timid by far more than its standard error."""
    once, often = repainted(1)[:, 1], repainted(6)[:, 1]
    error = 0.6 / 4_000**0.5
    assert 1.2 - once.mean() > 0.1 > 10 * error
    assert abs(often.mean() - 1.2) < 0.3 * (1.2 - once.mean())


def test_passes_are_paid_for() -> None:
    model = Counted(AnalyticDenoiser(PAIR, Linear()))
    sample(Repaint(DDIM(), FIRST, f64([1.0]), 3), model, randn((2, 2), seeded(0)),
           grids.uniform(4), generator=seeded(1))
    assert model.evaluations == 12


@pytest.mark.parametrize(("call", "message"), [
    (lambda: Repaint(DDIM(), Matrix(torch.eye(2)), f64([1.0, 1.0])), "operator must be a Mask"),
    (lambda: Repaint(DDIM(), FIRST, f64([1.0, 2.0])), "observed must have"),
    (lambda: Repaint(DDIM(), FIRST, f64([1.0]), 0), "times must be at least 1"),
    (lambda: Repaint(DDIM(), FIRST, f64([1.0]), 1.5), "times must be a whole number"),
    (lambda: sample(Constrained(DDIM(), lambda x: x[:, :1]), AnalyticDenoiser(PAIR, Linear()),
                    torch.zeros(3, 2).double(), grids.uniform(2)), "project must return the shape"),
])  # fmt: skip
def test_bad_input_is_refused(call, message) -> None:
    with pytest.raises(ValueError, match=message):
        call()
