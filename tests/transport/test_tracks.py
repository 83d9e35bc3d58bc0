"""How tracks bend: exact for Gaussians, and an identity for every law."""

import math

import pytest
import torch
from models import TRIO
from scipy.integrate import quad

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.paths.gaussian import Cosine, Linear
from diffusionbook.prediction import Prediction
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.ode import Euler, Heun
from diffusionbook.transport.reflow import Pairs, reflow_pairs
from diffusionbook.transport.tracks import (
    crossing,
    detour,
    gaussian_split,
    straightness,
    transport_cost,
)
from exact import f64

pytestmark = pytest.mark.usefixtures("without_shape_checks")
LINE = Linear()


def gaussian(*stds, mean=0.0, path=LINE) -> AnalyticDenoiser:
    law = GaussianMixture.normal(torch.full((len(stds),), mean), torch.diag(f64(stds) ** 2))
    return AnalyticDenoiser(law, path)


class Straight:
    """The flow of one pairing, eps = m + 2 x0: every point knows its line."""

    path = LINE

    def __call__(self, x, t, y=None):
        x0 = (x - t) / (1 + t)
        return Prediction(x0 + 1, "velocity", x, t, self.path)


@pytest.mark.equation("eq-straightness")
def test_a_straight_flow_has_straightness_0_and_no_detour() -> None:
    noise = randn((8, 2), seeded(0))
    for stepper in (Euler(), Heun()):
        assert straightness(Straight(), noise, grids.uniform(9), stepper).abs().max() < 1e-25
        assert (detour(Straight(), noise, grids.uniform(9), stepper) - 1).abs().max() < 1e-12


@pytest.mark.equation("eq-straightness")
@pytest.mark.equation("eq-gaussian-split")
@pytest.mark.parametrize("std", [0.2, 1.0, 2.5])
def test_the_bending_of_a_gaussian(std) -> None:
    """A track is z sqrt(v(t)), so a particle that starts at z has z^2 times the mean's value; a
    mean moves along a line and changes nothing."""
    noise = f64([[1.0], [-2.0]])
    for mean in (0.0, 3.0):
        got = straightness(gaussian(std, mean=mean), noise, grids.uniform(400, 1.0, 1e-7))
        right = gaussian_split([std])[1] * f64([1.0, 4.0])
        assert (got / right - 1).abs().max() < 5e-3


@pytest.mark.equation("eq-gaussian-split")
@pytest.mark.parametrize("std", [0.05, 0.5, 1.0, 3.0])
def test_the_three_parts_of_a_gaussian_by_quadrature(std) -> None:
    def variance(t):
        return (1 - t) ** 2 * std**2 + t**2

    def speed(t):  # the derivative of sqrt(v)
        return (t - (1 - t) * std**2) / math.sqrt(variance(t))

    cross = quad(lambda t: std**2 / variance(t), 0, 1, points=[std / 10, std / (1 + std)])[0]
    bend = quad(lambda t: (speed(t) - (1 - std)) ** 2, 0, 1, points=[std / (1 + std)])[0]
    assert gaussian_split([std]) == pytest.approx((cross, bend, (1 - std) ** 2), rel=1e-8)
    one, two = gaussian_split([std]), gaussian_split([std, 2 * std])
    assert sum(one) == pytest.approx(1 + std**2)
    assert two[0] - one[0] == pytest.approx(2 * one[0])
    with pytest.raises(ValueError, match="stds must not be negative"):
        gaussian_split([-0.1])


@pytest.mark.equation("eq-gaussian-split")
@pytest.mark.equation("eq-cfm-gap")
def test_the_least_loss_of_a_gaussian() -> None:
    """The exact velocity still has this much error: the lines cross."""
    model, n = gaussian(0.5, 1.5), 40_000
    x0 = model.mixture.sample(n, seeded(1))
    got = crossing(model, x0, generator=seeded(2))
    assert got == pytest.approx(gaussian_split([0.5, 1.5])[0], rel=5 * 1.5 / math.sqrt(n))
    assert crossing(model, x0, randn(x0.shape, seeded(3)), generator=seeded(2)) == pytest.approx(
        got, rel=0.05)
    eps = x0 / f64([0.5, 1.5])  # the flow's own pairs, seen by a model that knows them

    class OfPairs:
        path = LINE

        def __call__(self, x, t, y=None):
            s = f64([0.5, 1.5])
            t = torch.as_tensor(t)[:, None]
            return Prediction(x / ((1 - t) * s + t) * (1 - s), "velocity", x, t[:, 0], LINE)

    assert crossing(OfPairs(), x0, eps, generator=seeded(4)) < 1e-20


@pytest.mark.equation("eq-cfm-gap")
def test_every_model_has_the_least_loss_plus_its_distance_from_the_exact_velocity() -> None:
    """E|m - (eps - x0)|^2 = E|m - u|^2 + E|u - (eps - x0)|^2: the cross term vanishes."""
    exact, n = AnalyticDenoiser(TRIO, LINE), 40_000
    x0, eps = TRIO.sample(n, seeded(5)), randn((n, 2), seeded(6))
    t = 1 - torch.rand(n, generator=seeded(7), dtype=torch.float64)
    x_t = LINE.interpolate(x0, eps, t)
    u, line = exact(x_t, t).velocity, eps - x0
    for wrong in (u + 0.3 * x_t.sin(), 0.5 * u, x_t):
        each = ((wrong - line).square() - (wrong - u).square() - (u - line).square()).sum(1)
        assert abs(float(each.mean())) < 5 * float(each.std()) / math.sqrt(n)
        assert float((wrong - u).square().mean()) > 0.01


@pytest.mark.equation("eq-cfm-gap")
def test_both_losses_have_the_same_gradient() -> None:
    """Of the model theta sin(x_t): the derivatives of the two losses by theta, point by point."""
    exact, n, theta = AnalyticDenoiser(TRIO, LINE), 40_000, 0.7
    x0, eps = TRIO.sample(n, seeded(5)), randn((n, 2), seeded(6))
    t = 1 - torch.rand(n, generator=seeded(7), dtype=torch.float64)
    x_t = LINE.interpolate(x0, eps, t)
    by_theta = 2 * x_t.sin()
    lines = ((theta * x_t.sin() - (eps - x0)) * by_theta).sum(1)
    wanted = ((theta * x_t.sin() - exact(x_t, t).velocity) * by_theta).sum(1)
    apart = lines - wanted
    assert abs(float(apart.mean())) < 5 * float(apart.std()) / math.sqrt(n)
    assert abs(float(wanted.mean())) > 20 * float(apart.std()) / math.sqrt(n)


@pytest.mark.equation("eq-cost-split")
@pytest.mark.slow
def test_the_cost_of_independent_pairs_is_crossing_and_bending_and_carrying() -> None:
    n, grid = 20_000, grids.uniform(200, 1.0, 1e-3)
    model = AnalyticDenoiser(TRIO, LINE)
    x0, eps = TRIO.sample(n, seeded(8)), randn((n, 2), seeded(9))
    parts = (
        crossing(model, x0, eps, generator=seeded(10)),
        float(straightness(model, eps[:5_000], grid).mean()),
        transport_cost(reflow_pairs(model, eps, Heun(), grid)),
    )
    whole = transport_cost(Pairs(x0, eps))
    assert sum(parts) == pytest.approx(whole, rel=0.02)
    assert min(parts) > 0.05 * whole


def test_transport_cost_sums_over_dimensions() -> None:
    assert transport_cost(Pairs(torch.zeros(3, 2), torch.full((3, 2), 2.0))) == 8
    assert transport_cost(Pairs(torch.ones(3, 2), torch.full((3, 2), 3.0))) == 8


def test_bending_sums_over_dimensions() -> None:
    """The axes of a Gaussian bend apart from each other."""
    noise, grid = randn((16, 2), seeded(0)), grids.uniform(40, 1.0, 1e-3)
    both = straightness(gaussian(0.5, 2.0), noise, grid)
    each = [straightness(gaussian(s), noise[:, k : k + 1], grid) for k, s in enumerate((0.5, 2.0))]
    torch.testing.assert_close(both, each[0] + each[1])


def test_the_tracks_are_those_of_the_stepper() -> None:
    noise, grid, model = randn((4, 2), seeded(1)), grids.uniform(4, 1.0, 0.01), gaussian(0.5, 2.0)
    for measure in (straightness, detour):
        usual = measure(model, noise, grid)
        assert torch.equal(usual, measure(model, noise, grid, Heun()))
        assert (usual - measure(model, noise, grid, Euler())).abs().min() > 1e-4


def test_an_axis_without_spread_is_all_carrying() -> None:
    assert gaussian_split([0.0]) == (0.0, 0.0, 1.0)


@pytest.mark.equation("eq-straightness")
def test_it_is_an_average_over_the_stretch_of_time_and_depends_on_the_path() -> None:
    noise = f64([[1.0]])
    half = straightness(gaussian(0.5), noise, grids.uniform(100, 0.8, 0.3))
    v = [(1 - t) ** 2 * 0.25 + t**2 for t in (0.3, 0.8)]
    # x = sqrt(v(t)/v(0.8)): the mean square speed minus the square of the mean speed
    square = quad(lambda t: (t - (1 - t) / 4) ** 2 / ((1 - t) ** 2 / 4 + t**2), 0.3, 0.8)[0] / 0.5
    mean = (math.sqrt(v[1]) - math.sqrt(v[0])) / 0.5
    assert float(half) == pytest.approx((square - mean**2) / v[1], rel=1e-3)
    curved = straightness(gaussian(0.5, path=Cosine()), noise, grids.uniform(150, 1.0, 1e-6))
    assert abs(float(curved) / gaussian_split([0.5])[1] - 1) > 0.1
