"""Inversion: data come back, the better the more steps, at DDIM's order."""

import pytest
import torch
from models import TRIO

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.denoisers.wrapped import Counted
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.paths.gaussian import Cosine, Linear
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.ancestral import DDIM
from diffusionbook.samplers.inversion import invert
from diffusionbook.samplers.loop import sample
from exact import f64, slopes

pytestmark = pytest.mark.usefixtures("without_shape_checks")


@pytest.mark.parametrize("path", [Linear(), Cosine()], ids=str)
def test_the_round_trip_is_of_first_order(path) -> None:
    model, x0 = AnalyticDenoiser(TRIO, path), TRIO.sample(40, seeded(0))
    steps, errors = [200, 400, 800], []
    for n in steps:
        grid = grids.uniform(n)
        back = sample(DDIM(), model, invert(model, x0, grid), grid)
        errors.append(float((back - x0).abs().mean()))
    assert all(abs(order - 1) < 0.15 for order in slopes(steps, errors)), (steps, errors)


def test_gaussian_data_become_the_noise_of_their_quantile() -> None:
    """The flow of N(m, s^2) maps m + s z to z; the error falls with the steps."""
    path, z = Linear(), randn((50, 1), seeded(0))
    model = AnalyticDenoiser(GaussianMixture.normal(f64([1.0]), 0.25), path)
    off = [float((invert(model, 1 + z / 2, grids.uniform(n)) - z).abs().max()) for n in (200, 800)]
    assert off[1] < 0.03 and off[1] < 0.35 * off[0]


def test_another_label_edits_and_the_same_brings_back() -> None:
    """Two classes that differ in their means alone: the edit moves a point by the difference."""
    law = GaussianMixture(torch.ones(2), f64([[-2.0], [2.0]]), f64([0.25, 0.25]),
                          torch.tensor([0, 1]))
    model, grid = AnalyticDenoiser(law, Linear()), grids.uniform(400)
    x0, y = f64([[-2.5], [-1.8]]), torch.tensor([0, 0])
    noise = invert(model, x0, grid, y)
    assert (sample(DDIM(), model, noise, grid, y=y) - x0).abs().max() < 0.02
    assert (sample(DDIM(), model, noise, grid, y=y + 1) - (x0 + 4)).abs().max() < 0.05


def test_one_look_a_step_and_none_at_time_zero() -> None:
    class Seen(Counted):
        def __call__(self, x_t, t, y=None):
            assert t > 0
            return super().__call__(x_t, t, y)

    model = Seen(AnalyticDenoiser(TRIO, Linear()))
    invert(model, torch.zeros(2, 2).double(), grids.uniform(6))
    assert model.evaluations == 6


@pytest.mark.parametrize(("call", "message"), [
    (lambda m: invert(m, torch.zeros(0, 2).double(), grids.uniform(3)), "x0 must hold"),
    (lambda m: invert(m, torch.zeros(2, 2).double(), f64([0.0, 1.0])), "grid must decrease"),
    (lambda m: invert(m, torch.zeros(2, 2).double(), grids.uniform(3), torch.tensor([1])),
     "y must have"),
])  # fmt: skip
def test_bad_input_is_refused(call, message) -> None:
    with pytest.raises(ValueError, match=message):
        call(AnalyticDenoiser(TRIO, Linear()))
