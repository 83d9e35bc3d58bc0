"""The law of the overshoot against runs of the guided ODE, and what it says about the classes."""

import math

import pytest
import torch

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.exact.two_classes import overshoot
from diffusionbook.guidance import cfg
from diffusionbook.paths.gaussian import Cosine, Linear
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.ode import Heun

pytestmark = pytest.mark.usefixtures("without_shape_checks")
NOISE = torch.linspace(-2.5, 2.5, 41, dtype=torch.float64)


@pytest.mark.equation("eq-overshoot")
@pytest.mark.parametrize(("path", "ell", "s", "w", "share"), [
    (Cosine(), 1.0, 0.5, 3.0, 0.5), (Linear(), 4.0, 0.5, 3.0, 0.5), (Cosine(), 1.0, 2.0, 6.0, 0.5),
    (Linear(), 2.0, 1.0, 2.0, 0.1), (Cosine(), 2.0, 1.0, 4.0, 0.9)])
def test_it_is_where_the_guided_ode_ends(path, ell, s, w, share) -> None:
    law = GaussianMixture([1 - share, share], [[-ell], [ell]], [s**2, s**2], torch.arange(2))
    model = cfg(AnalyticDenoiser(law, path), w)
    start = path.sigma(1.0) * NOISE[:, None]
    ends = sample(Heun(), model, start, grids.uniform(300), y=torch.ones(len(NOISE)).long())
    found = (ends[:, 0] - ell) / s
    wanted = overshoot(NOISE, w, ell / s, math.log(share / (1 - share)))
    assert (found - wanted).abs().max() < 5e-4  # Heun's own error of 300 steps is up to 2e-4
    assert (wanted - NOISE).abs().max() > 0.1


@pytest.mark.equation("eq-overshoot")
def test_far_classes_are_overshot_by_one_number_of_widths() -> None:
    noise = randn((4_000,), seeded(0))
    ends = [overshoot(noise, 3.0, separation) for separation in (2.0, 4.0, 8.0, 32.0)]
    for near, far in zip(ends[1:], ends[2:], strict=False):
        assert (near - far).abs().max() < 2e-3  # only the outermost points still feel the middle
    assert (ends[0] - ends[-1]).abs().mean() < 0.01
    assert overshoot(noise, 3.0, 8.0, -math.log(9)).mean() > 1.5 * ends[-1].mean()


@pytest.mark.equation("eq-overshoot")
@pytest.mark.parametrize(("start", "moves"), [(0.3, False), (0.95, True)])
def test_a_point_keeps_its_place_in_widths_once_there_is_no_doubt(start, moves) -> None:
    path, ell, s = Cosine(), 4.0, 0.5
    law = GaussianMixture([1.0, 1.0], [[-ell], [ell]], [s**2, s**2], torch.arange(2))
    alpha, sigma = path.alpha(start), path.sigma(start)
    x = alpha * ell + (alpha**2 * s**2 + sigma**2).sqrt() * NOISE[:, None]
    ends = sample(Heun(), cfg(AnalyticDenoiser(law, path), 3.0), x, grids.uniform(300, start),
                  y=torch.ones(len(NOISE)).long())
    moved = ((ends[:, 0] - ell) / s - NOISE).abs()
    if moves:
        assert moved.mean() > 0.5
    else:  # the doubt at 0.3 is below e^-34; what is left is Heun's error of 300 steps
        assert moved.max() < 5e-4


def test_without_guidance_nothing_moves() -> None:
    assert torch.equal(overshoot(NOISE, 1.0, 3.0), NOISE)


@pytest.mark.parametrize("log_odds", [-3.0, 0.0, 3.0])
@pytest.mark.parametrize("w", [1.5, 3.0, 6.0])
def test_four_hundred_steps_are_enough(w, log_odds, monkeypatch) -> None:
    noise = torch.linspace(-6, 6, 49, dtype=torch.float64)
    ends = [overshoot(noise, w, separation, log_odds) for separation in (1.0, 4.0, 12.0)]
    monkeypatch.setattr("diffusionbook.exact.two_classes.STEPS", 3_200)
    for separation, end in zip((1.0, 4.0, 12.0), ends, strict=True):
        assert (end - overshoot(noise, w, separation, log_odds)).abs().max() < 2e-6


@pytest.mark.parametrize("w", [1.0, 1.2, 6.0])
def test_beyond_twelve_nothing_moves(w, monkeypatch) -> None:
    """A run to 24 without the cut: ``min`` of the module lets everything pass."""
    monkeypatch.setattr("diffusionbook.exact.two_classes.STEPS", 1_600)
    noise = torch.linspace(-6, 6, 49, dtype=torch.float64)
    cut = overshoot(noise, w, 24.0)
    monkeypatch.setattr("diffusionbook.exact.two_classes.min", lambda a, b: a, raising=False)
    assert (overshoot(noise, w, 24.0) - cut).abs().max() < 1e-5


@pytest.mark.parametrize(("w", "separation", "log_odds", "message"), [
    (3.0, 0.0, 0.0, "separation must be"), (3.0, math.inf, 0.0, "separation must be"),
    (math.nan, 1.0, 0.0, "w and log_odds must"), (3.0, 1.0, math.inf, "w and log_odds must"),
    (0.5, 20.0, 0.0, "w must be at least 1, where guidance begins; it is 0.5")])
def test_bad_input_is_refused(w, separation, log_odds, message) -> None:
    with pytest.raises(ValueError, match=message):
        overshoot(NOISE, w, separation, log_odds)
