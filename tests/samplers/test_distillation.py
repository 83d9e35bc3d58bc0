"""Score distillation comes to rest on modes."""

import math

import pytest
import torch

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.paths.gaussian import Cosine, Linear
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers.distillation import distil
from exact import f64

pytestmark = pytest.mark.usefixtures("without_shape_checks")


@pytest.mark.parametrize("path", [Linear(), Cosine()], ids=str)
def test_of_a_gaussian_only_the_mean_is_left(path) -> None:
    """Samples have std 2; the points end within .05 of each other."""
    model = AnalyticDenoiser(GaussianMixture.normal(f64([1.0, -1.0]), 4.0), path)
    x = distil(model, 2 * randn((200, 2), seeded(0)), steps=800, lr=0.2, generator=seeded(1))
    assert (x.mean(0) - f64([1.0, -1.0])).abs().max() < 0.05
    assert x.std(0).max() < 0.25


def test_of_two_humps_the_spread_inside_is_lost() -> None:
    law = GaussianMixture(f64([0.7, 0.3]), f64([[-2.0, 0.0], [2.0, 0.0]]), f64([0.25, 0.25]))
    model = AnalyticDenoiser(law, Linear())
    x = distil(model, randn((300, 2), seeded(0)), steps=800, lr=0.2, times=(0.02, 0.5),
               generator=seeded(1))
    for side in (x[x[:, 0] < 0], x[x[:, 0] > 0]):
        assert len(side) > 30
        assert side.std(0).max() < 0.25  # .5 of samples
    assert (x[:, 0].abs() - 2).abs().mean() < 0.25


def test_the_mean_move_is_sigma_squared_times_the_score() -> None:
    """One step of lr 1 from one place, averaged over 400,000 times and noises."""
    path, n = Linear(), 400_000
    law = GaussianMixture.normal(f64([1.0]), 0.5)
    start = torch.full((n, 1), -0.5, dtype=torch.float64)
    moved = distil(AnalyticDenoiser(law, path), start, steps=1, lr=1.0, times=(0.3, 0.7),
                   generator=seeded(0)) - start
    t = torch.linspace(0.3, 0.7, 2_001, dtype=torch.float64)
    alpha, sigma = path.alpha(t), path.sigma(t)
    score = -(alpha * -0.5 - alpha * 1.0) / (alpha**2 * 0.5 + sigma**2)
    wanted = torch.trapezoid(sigma**2 * score, t) / 0.4
    assert abs(moved.mean() - wanted) < 5 * moved.std() / n**0.5


X = torch.zeros(3, 2, dtype=torch.float64)


@pytest.mark.parametrize(("given", "message"), [
    ({"x": X[:0]}, "x must hold"), ({"steps": 0}, "steps must be at least 1"),
    ({"lr": -1.0}, "lr must be positive"), ({"times": (0.5, 0.2)}, "times must be two that rise"),
    ({"times": (0.0, 0.2)}, "times must"), ({"times": (0.1, math.nan)}, "times must"),
    ({"times": (0.1, 1.2)}, "times must"), ({"y": torch.tensor([1])}, "y must have"),
])  # fmt: skip
def test_bad_input_is_refused(given, message) -> None:
    model = AnalyticDenoiser(GaussianMixture.normal(f64([0.0, 0.0]), 1.0), Linear())
    with pytest.raises(ValueError, match=message):
        distil(**{"model": model, "x": X, "steps": 2, "lr": 0.1} | given)
