"""Translations of digits: their ways where the answer is known, and a tiny run."""

import pytest
import torch

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.experiments import translated_digits
from diffusionbook.experiments.common.translating import followed, pair_measures, through_noise
from diffusionbook.paths.gaussian import Cosine, Linear
from diffusionbook.randomness import randn, seeded
from diffusionbook.transport.optimal.couplings import independent
from diffusionbook.transport.optimal.gaussians import bures_map, root

CPU = torch.device("cpu")
f64 = torch.tensor([], dtype=torch.float64).new_tensor
TURNED = f64([[0.325, 0.39], [0.39, 0.775]])
FLAT, WIDE = torch.diag(f64([1.0, 0.1])), torch.diag(f64([0.3, 2.0]))
BOTH = torch.arange(2)  # labels of two components
NEAR = 1e-3  # where the exact denoiser, which needs some noise, is asked first


def seen(path, cov):
    """The covariance a little way up the path."""
    alpha, sigma = float(path.alpha(NEAR)), float(path.sigma(NEAR))
    return alpha**2 * cov + sigma**2 * torch.eye(2).double()


@pytest.mark.equation("eq-through-noise")
@pytest.mark.parametrize("path", [Linear(), Cosine()])
def test_between_gaussians_the_way_through_noise_is_a_product_of_roots(path) -> None:
    """On any path, and with means, which it exchanges."""
    means = f64([[1.0, 0.0], [0.0, -2.0]])
    exact = AnalyticDenoiser(
        GaussianMixture(f64([0.5, 0.5]), means, torch.stack([FLAT, TURNED]), BOTH), path)
    x, start = randn((6, 2), seeded(0)), float(path.alpha(NEAR)) * means
    times = NEAR + (1 - NEAR) * torch.linspace(0, 1, 401).double() ** 2
    found = through_noise(exact, x, 0, 1, times)
    a, b = seen(path, FLAT), seen(path, TURNED)
    product = root("b", b) @ torch.linalg.inv(root("a", a))
    assert (found - start[1] - (x - start[0]) @ product.mT).abs().max() < 1e-4
    assert (product - bures_map(a, b)).abs().max() > 0.1  # and that is not the optimal map


@pytest.mark.equation("eq-through-noise")
def test_where_the_covariances_commute_it_is_the_optimal_map() -> None:
    exact = AnalyticDenoiser(
        GaussianMixture(f64([0.5, 0.5]), f64([[0.0, 0.0]] * 2), torch.stack([FLAT, WIDE]), BOTH),
        Linear())
    x = randn((6, 2), seeded(0))
    times = NEAR + (1 - NEAR) * torch.linspace(0, 1, 401).double() ** 2
    best = bures_map(seen(Linear(), FLAT), seen(Linear(), WIDE))
    assert (through_noise(exact, x, 0, 1, times) - x @ best.mT).abs().max() < 1e-4


def test_a_flow_is_followed_up_and_back() -> None:
    exact = AnalyticDenoiser(GaussianMixture.normal(torch.zeros(2), FLAT), Linear())
    x = randn((300, 2), seeded(1))  # more than are carried together
    times = torch.linspace(0.01, 1, 101).double()
    there = followed(exact, x, times)
    assert (there - x).abs().max() > 0.5
    assert (followed(exact, there, times.flip(0)) - x).abs().max() < 1e-2


def test_pairs_are_measured_row_by_row() -> None:
    x = randn((5, 1, 8, 8), seeded(2), torch.float32)
    found = pair_measures(x, x + 0.5, torch.cat([x.flip(0), x + 0.5]))
    assert found["moved"] == pytest.approx(16) and found["least"] == pytest.approx(16)
    assert found["nearest"] == 0
    crossed = pair_measures(x, x.flip(0), x + 1)
    assert crossed["least"] == 0 and crossed["moved"] > 30
    same = pair_measures(x, 2 * x, x)
    assert same["kept slant"] > 0.9 and same["kept ink"] > 0.9 and same["kept stroke"] > 0.9


def test_a_flow_between_clouds_carries_the_one_to_the_other(monkeypatch) -> None:
    """From black paper to white in a few steps: the velocity is the same everywhere."""
    monkeypatch.setattr(translated_digits, "SHORT", translated_digits.replace(
        translated_digits.SHORT, steps=60, batch=8, ema=0.5, channels=(8, 8), blocks=(1, 1)))
    dark, light = torch.full((2, 1, 28, 28), -0.5), torch.full((3, 1, 28, 28), 0.5)
    model, seconds = translated_digits.between(dark, light, independent, 0, CPU)
    times = torch.linspace(0, 1, 5).double()
    assert (followed(model, dark, times) - light[:2]).abs().mean() < 0.25
    assert (followed(model, light, times.flip(0)) - dark[:1]).abs().mean() < 0.25
    assert seconds > 0
