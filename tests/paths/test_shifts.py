"""Shifted times: a group, and two problems that they turn into one another, exactly."""

import math

import pytest
import torch

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import VE, VP, Cosine, Linear
from diffusionbook.paths.shifts import shift
from diffusionbook.samplers import grids
from exact import f64

PATHS = [Linear(), Cosine(), VP(), VE()]
TIMES = f64([0.02, 0.1, 0.3, 0.5, 0.6])  # later ones have no time three times as noisy on VE


@pytest.mark.parametrize("path", PATHS, ids=lambda path: type(path).__name__)
@pytest.mark.parametrize("ratio", [0.2, 1.0, 1.5])
def test_sigma_over_alpha_is_the_ratio_times_as_large(path, ratio) -> None:
    later = shift(TIMES, ratio, path)
    before, after = (path.sigma(t) / path.alpha(t) for t in (TIMES, later))
    assert (after / before - ratio).abs().max() < 1e-12
    assert bool((later > TIMES).all() if ratio > 1 else (later <= TIMES + 1e-12).all())


@pytest.mark.equation("eq-shift")
def test_on_the_linear_path_it_is_the_published_formula() -> None:
    t = torch.linspace(0, 1, 101, dtype=torch.float64)
    for a in (0.25, 1.0, 3.0):
        assert (shift(t, a) - a * t / (1 + (a - 1) * t)).abs().max() < 1e-15
    assert shift(t, 3.0)[[0, -1]].tolist() == [0, 1] == shift(t, 0.2, Cosine())[[0, -1]].tolist()


@pytest.mark.equation("eq-shift")
@pytest.mark.parametrize("path", PATHS, ids=lambda path: type(path).__name__)
def test_shifts_are_a_group(path) -> None:
    for a, b in ((1.3, 1.2), (0.1, 7.0), (0.5, 0.3)):
        twice = shift(shift(TIMES, a, path), b, path)
        assert (twice - shift(TIMES, a * b, path)).abs().max() < 1e-14
        assert (shift(shift(TIMES, a, path), 1 / a, path) - TIMES).abs().max() < 1e-14
    assert (shift(TIMES, 1.0, path) - TIMES).abs().max() < 1e-15
    for a in (0.1, 0.5, 0.9):  # the end of the path is found again, not missed by a rounding
        assert 1 - 1e-9 < float(shift(shift(1.0, a, path), 1 / a, path)) <= 1


def test_a_grid_that_is_shifted_twice_is_none_that_is_shifted_once() -> None:
    """What a public sampler did: five steps at 3 are 1, .9, .75, .5 and next to 0."""
    once = shift(f64([1.0, 0.75, 0.5, 0.25]), 3.0)
    assert once.tolist() == pytest.approx([1.0, 0.9, 0.75, 0.5], abs=1e-15)
    assert (shift(once, 3.0) - shift(f64([1.0, 0.75, 0.5, 0.25]), 9.0)).abs().max() < 1e-15
    assert grids.check_grid(shift(grids.uniform(20), 3.0)).shape == (21,)


def optimal_losses(path, std: float, times: torch.Tensor) -> torch.Tensor:
    """The least mean squared error in eps for N(0, std²), of the exact denoiser, which is affine:
    its slope is read off, and the error of eps - slope (alpha std z + sigma eps) is a formula."""
    model = AnalyticDenoiser(GaussianMixture.normal(torch.zeros(1), std**2), path)
    found = []
    for t in times:
        slope = float(model(torch.ones(1, 1).double(), t).eps[0, 0])
        alpha, sigma = float(path.alpha(t)), float(path.sigma(t))
        found.append((1 - slope * sigma) ** 2 + (slope * alpha * std) ** 2)
    return f64(found)


@pytest.mark.equation("eq-shift")
@pytest.mark.parametrize("path", PATHS, ids=lambda path: type(path).__name__)
@pytest.mark.parametrize("c", [1 / 0.18215, 0.7])
def test_latents_of_another_size_have_the_standard_loss_at_shifted_times(path, c) -> None:
    """The best loss for N(0, c²) at t is that for N(0, 1) at shift(t, 1 / c)."""
    seen = optimal_losses(path, c, TIMES)
    assert (seen - optimal_losses(path, 1.0, shift(TIMES, 1 / c, path))).abs().max() < 1e-12
    assert (seen - optimal_losses(path, 1.0, TIMES)).abs().max() > 0.02
    lost = 2 * (path.half_log_snr(shift(TIMES, 1 / c, path)) - path.half_log_snr(TIMES))
    assert lost.tolist() == pytest.approx([2 * math.log(c)] * len(TIMES), abs=1e-10)


def test_the_error_of_large_latents_in_x0_is_the_standard_one_in_their_units() -> None:
    path, c, t = Linear(), 4.9, TIMES
    left = c**2 * path.sigma(t) ** 2 / (c**2 * path.alpha(t) ** 2 + path.sigma(t) ** 2)
    s = shift(t, 1 / c)
    standard = path.sigma(s) ** 2 / (path.alpha(s) ** 2 + path.sigma(s) ** 2)
    assert (left / c**2 - standard).abs().max() < 1e-14


@pytest.mark.parametrize("path", PATHS, ids=lambda path: type(path).__name__)
def test_a_constant_image_of_more_pixels_is_known_as_well_later(path) -> None:
    """The exact posterior of a constant grey, from 4 and from 9 noisy pixels."""
    def uncertainty(pixels: int, t: torch.Tensor, prior: float) -> float:
        grey = GaussianMixture.normal(torch.zeros(1), prior)
        shown = float(path.alpha(t)) * torch.ones(pixels, 1).double()
        return float(grey.condition(shown, torch.zeros(pixels), float(path.sigma(t))).covs[0, 0, 0])

    for t in TIMES:
        prior = float(path.sigma(t) / path.alpha(t)) ** 2
        few, many = uncertainty(4, t, prior), uncertainty(9, shift(t, 1.5, path), prior)
        assert many == pytest.approx(few, rel=1e-12)
        assert few == pytest.approx(prior / 5, rel=1e-12)
        assert uncertainty(9, t, prior) == pytest.approx(prior / 10, rel=1e-12)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: shift(0.5, 0.0), "ratio must be positive; it is 0.0"),
    (lambda: shift(0.5, math.inf), "ratio must be finite"),
    (lambda: shift(1.5, 2.0), r"t must lie in \[0, 1\]"),
    (lambda: shift(0.9, 1.2, VE()), "t must be a time that VE.* can be 1.2 times as noisy as; it "
                                    "is 0.9"),
    (lambda: shift(0.5, 3.0, Chain.from_path(VP(), 10)), "a Chain has no inverse"),
])  # fmt: skip
def test_bad_input_is_refused(call, message, without_shape_checks) -> None:
    with pytest.raises(ValueError, match=message):
        call()
