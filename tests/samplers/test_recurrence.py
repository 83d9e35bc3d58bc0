"""Recurrence keeps the law, spends what it says, and forgets what it must."""

import pytest
import torch

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.denoisers.wrapped import Counted
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.paths.gaussian import Cosine, Linear
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.affine import push_forward
from diffusionbook.samplers.ancestral import DDIM
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.ode import DPMpp2M, Heun
from diffusionbook.samplers.recurrence import Recurrent, noised_back
from exact import f64

pytestmark = pytest.mark.usefixtures("without_shape_checks")


def exact(std: float, path) -> AnalyticDenoiser:
    return AnalyticDenoiser(GaussianMixture.normal(f64([0.7]), std**2), path)


@pytest.mark.parametrize("path", [Linear(), Cosine()], ids=str)
def test_noising_back_undoes_nothing_of_the_law(path) -> None:
    """x_s = alpha_s m + sigma_s z becomes alpha_t m + sigma_t z, exactly: mean and variance."""
    s, t, n = f64(0.3), f64(0.6), 400_000
    x_s = path.alpha(s) * 2.0 + path.sigma(s) * randn((n, 1), seeded(0))
    x_t = noised_back(path, x_s, s, t, seeded(1))
    std = path.sigma(t)
    assert abs(x_t.mean() - 2.0 * path.alpha(t)) < 5 * std / n**0.5
    assert abs(x_t.var() - std**2) < 5 * std**2 * (2 / n) ** 0.5


@pytest.mark.parametrize("inner", [DDIM(0.0), DDIM(1.0), Heun()], ids=str)
def test_without_guidance_it_keeps_the_law(inner) -> None:
    """More passes bring the same Gaussian in the limit of many steps; the error stays O(1 / n)."""
    model = exact(0.5, Linear())
    off = []
    for n in (40, 80):
        law = push_forward(Recurrent(inner, 3), model, grids.uniform(n), f64([0.0]), 1.0)
        off.append(abs(float(law.cov) ** 0.5 - 0.5) + abs(float(law.mean) - 0.7))
    assert off[1] < 0.05 and off[1] < 0.65 * off[0], off


def test_one_pass_is_the_stepper() -> None:
    model, noise, grid = exact(0.5, Linear()), randn((5, 1), seeded(0)), grids.uniform(7, 0.9)
    for stepper in (DPMpp2M(), DDIM(1.0)):
        plain = sample(stepper, model, noise, grid, generator=seeded(1))
        assert torch.equal(sample(Recurrent(stepper, 1), model, noise, grid, generator=seeded(1)),
                           plain)


def test_each_pass_is_paid_for() -> None:
    model = Counted(exact(0.5, Linear()))
    sample(Recurrent(DDIM(), 3), model, randn((2, 1), seeded(0)), grids.uniform(5),
           generator=seeded(1))
    assert model.evaluations == 15


def test_a_multistep_memory_does_not_survive_the_noise() -> None:
    """The first pass gets the memory of the step before; those after new noise get none."""
    seen = []

    class Remembers:
        order = 1

        def step(self, model, x, t, s, *, y=None, generator=None, memory=None):
            seen.append(memory)
            return x, len(seen)

    sample(Recurrent(Remembers(), 3), exact(0.5, Linear()), randn((2, 1), seeded(0)),
           grids.uniform(2), generator=seeded(1))
    assert seen == [None, None, None, 3, None, None]


def test_its_order_is_the_steppers() -> None:
    assert Recurrent(Heun(), 2).order == 2


@pytest.mark.parametrize("times", [0, -1, 1.5])
def test_passes_are_counted_from_one(times) -> None:
    with pytest.raises(ValueError, match="times must be"):
        Recurrent(DDIM(), times)
