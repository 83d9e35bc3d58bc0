"""Noised part of the way and sampled back: exact for Gaussians, and exact at both ends."""

import math

import pytest
import torch

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.paths.gaussian import Cosine, Linear
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.ancestral import DDIM
from diffusionbook.samplers.image_to_image import partway
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.ode import DPMpp2M, Heun
from exact import f64

pytestmark = pytest.mark.usefixtures("without_shape_checks")
STDS = f64([0.3, 1.0, 2.5])


def exact(path) -> AnalyticDenoiser:
    return AnalyticDenoiser(GaussianMixture.normal(torch.zeros(3), torch.diag(STDS**2)), path)


def kept(path, t):
    """The correlation of what comes back with what went in."""
    alpha, sigma = path.alpha(t), path.sigma(t)
    return alpha * STDS / (alpha**2 * STDS**2 + sigma**2).sqrt()


@pytest.mark.equation("eq-kept")
@pytest.mark.parametrize("path", [Linear(), Cosine()])
@pytest.mark.parametrize("t", [0.2, 0.5, 0.9])
def test_of_gaussian_data_so_much_comes_back(path, t) -> None:
    """The way back is linear, so its two factors are read off with data 1 and noise 1.

    Heun's error at 1,000 steps is of the order of 1e-5 here; the last, long step of the grid to 0
    adds as much.
    """
    ones, zeros = torch.ones(1, 3, dtype=torch.float64), torch.zeros(1, 3, dtype=torch.float64)
    grid = grids.uniform_log_snr(1_000, path, 0.999, 1e-5)
    back = [partway(Heun(), exact(path), *pair, t, grid)[0]
            for pair in ((ones, zeros), (zeros, ones))]
    rho = kept(path, t)
    assert (back[0] - rho).abs().max() < 1e-4  # of data of std s comes rho s
    assert (back[1] - STDS * (1 - rho**2).sqrt()).abs().max() < 1e-4  # so the law is the data's


@pytest.mark.parametrize("stepper", [DDIM(0.0), DPMpp2M(), Heun()])
def test_both_ends_are_exact(stepper) -> None:
    model = exact(Linear())
    x0, noise = randn((2, 5, 3), seeded(0), torch.float64)
    grid = grids.uniform_log_snr(20, model.path)
    assert torch.equal(partway(stepper, model, x0, noise, 0.0, grid), x0)
    fresh = sample(stepper, model, noise, grid)
    assert torch.equal(partway(stepper, model, x0, noise, 1.0, grid), fresh)
    other = partway(stepper, model, -x0, noise, 1.0, grid)
    assert torch.equal(other, fresh)


def test_it_looks_at_its_own_times_below_t_and_at_t() -> None:
    class Seen:
        path = Linear()

        def __init__(self):
            self.times, self.labels = [], []

        def __call__(self, x_t, t, y=None):
            self.times.append(float(t))
            self.labels.append(y)
            return exact(self.path)(x_t, t)

    x0, noise = randn((2, 4, 3), seeded(1), torch.float64)
    grid = f64([0.9, 0.6, 0.4, 0.2, 0.0])
    for t, wanted in ((0.5, [0.5, 0.4, 0.2]), (0.6, [0.6, 0.4, 0.2]), (0.1, [0.1]),
                      (0.9, [0.9, 0.6, 0.4, 0.2]), (1.0, [0.9, 0.6, 0.4, 0.2])):
        seen, y = Seen(), torch.tensor([1, 2, 3, 4])
        partway(DDIM(0.0), seen, x0, noise, t, grid, y=y)
        assert seen.times == pytest.approx(wanted)
        assert all(torch.equal(told, y) for told in seen.labels)


def test_fresh_noise_on_the_way_back_is_the_generators() -> None:
    model, (x0, noise) = exact(Linear()), randn((2, 5, 3), seeded(0), torch.float64)
    back, again, other = (partway(DDIM(1.0), model, x0, noise, 0.5, f64([0.9, 0.5, 0.2, 0.0]),
                                  generator=seeded(k)) for k in (0, 0, 1))
    from_there = sample(DDIM(1.0), model, (x0 + noise) / 2, f64([0.5, 0.2, 0.0]),
                        generator=seeded(0))
    assert torch.equal(back, again) and not torch.allclose(back, other)
    assert (back - from_there).abs().max() < 1e-12


X = torch.zeros(2, 3, dtype=torch.float64)
GRID = f64([0.9, 0.5, 0.0])


@pytest.mark.parametrize(("call", "message"), [
    (lambda: partway(DDIM(0.0), exact(Linear()), X, X[:1], 0.5, GRID), "noise must have the shape"),
    (lambda: partway(DDIM(0.0), exact(Linear()), X[:0], X[:0], 0.5, GRID), "x0 must hold"),
    (lambda: partway(DDIM(0.0), exact(Linear()), X, X, 1.5, GRID), r"t must lie in \[0, 1\]"),
    (lambda: partway(DDIM(0.0), exact(Linear()), X, X, math.nan, GRID), r"t must lie in \[0, 1\]"),
    (lambda: partway(DDIM(0.0), exact(Linear()), X, X, f64([0.5, 0.5]), GRID),
     "t must be one number"),
    (lambda: partway(DDIM(0.0), exact(Linear()), X, X, 0.5, f64([0.5, 0.9])), "grid"),
    (lambda: partway(DDIM(0.0), exact(Linear()), X, X, 0.5, GRID, y=torch.tensor([1])), "y must"),
])  # fmt: skip
def test_bad_input_is_refused(call, message) -> None:
    with pytest.raises(ValueError, match=message):
        call()
