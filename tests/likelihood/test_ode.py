"""Densities by the instantaneous change of variables, against the exact mixture."""

import math

import pytest
import torch
from models import TRIO

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.likelihood.ode import (
    bits_per_dim,
    continuity_residual,
    divergence,
    draw_probes,
    log_prob_ode,
    normal_log_prob,
)
from diffusionbook.paths.gaussian import VE, VP, Cosine, Linear
from diffusionbook.prediction import Prediction
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from exact import diffused, f64, slopes

T_MIN = 0.02
PATHS = [Linear(), Cosine(), VP()]
each_path = pytest.mark.parametrize("path", PATHS, ids=str)


def exact_log_prob(x, path, t):
    return diffused(TRIO, path.alpha(t), path.sigma(t)).log_prob(x)


def points(path, n=24, t=T_MIN):
    return TRIO.diffuse(path.alpha(t), path.sigma(t)).sample(n, seeded(0))


def field(x):
    """A field whose Jacobian is full, not symmetric, and another at every point."""
    a, b = x[:, :1], x[:, 1:]
    return torch.cat([a**2 * b + b.sin(), (a * b).exp() + 3 * b], 1)


def field_divergence(x):
    a, b = x.T
    return 2 * a * b + a * (a * b).exp() + 3


@pytest.mark.equation("eq-hutchinson")
def test_the_exact_divergence_is_that_of_calculus() -> None:
    x = 0.5 * randn((9, 2), seeded(1))
    with torch.no_grad():  # a caller who samples without gradients gets the same answer
        u, div = divergence(field, x)
    assert torch.equal(u, field(x)) and not div.requires_grad
    assert (div - field_divergence(x)).abs().max() < 1e-12


def test_the_divergence_of_images_counts_every_pixel() -> None:
    x = randn((3, 1, 4, 4), seeded(2))
    _, div = divergence(lambda x: x**3, x)
    assert (div - 3 * x.square().flatten(1).sum(1)).abs().max() < 1e-12


@pytest.mark.equation("eq-hutchinson")
@pytest.mark.parametrize("kind", ["rademacher", "gaussian"])
def test_probes_estimate_the_divergence_without_bias(kind) -> None:
    x, n = 0.5 * randn((5, 2), seeded(1)), 1_500
    probes = draw_probes(x, n, seeded(3), kind)
    each = torch.stack([divergence(field, x, z[None])[1] for z in probes])
    error = (each.mean(0) - field_divergence(x)).abs()
    assert (error < 5 * each.std(0) / math.sqrt(n)).all()
    assert each.std(0).min() > 0.1  # it is an estimate
    # many probes at once are the mean of each: a sum would grow with their number
    assert torch.allclose(divergence(field, x, probes[:50])[1], each[:50].mean(0))


@pytest.mark.equation("eq-hutchinson")
def test_one_rademacher_probe_is_exact_where_the_jacobian_is_diagonal() -> None:
    rates, x = f64([1.0, -2.0, 0.5]), randn((6, 3), seeded(4))
    probes = draw_probes(x, 1, seeded(5))
    assert set(probes.unique().tolist()) == {-1.0, 1.0}
    _, div = divergence(lambda x: rates * x, x, probes)
    assert (div - rates.sum()).abs().max() < 1e-12
    gauss = divergence(lambda x: rates * x, x, draw_probes(x, 1, seeded(5), "gaussian"))[1]
    assert (gauss - rates.sum()).abs().max() > 0.1


def test_the_variance_of_probes_is_the_jacobians_off_diagonal() -> None:
    """For a symmetric J: Var = 2 sum of squares off the diagonal, and with Gaussian probes of all
    entries."""
    j = f64([[1.0, 0.7], [0.7, -2.0]])
    x = torch.zeros(40_000, 2).double()
    for kind, right in (("rademacher", 2 * 2 * 0.49), ("gaussian", 2 * (1 + 4 + 2 * 0.49))):
        _, div = divergence(lambda x: x @ j, x, draw_probes(x, 1, seeded(6), kind))
        assert float(div.var()) == pytest.approx(right, rel=0.1)


def test_probes_are_checked(without_shape_checks) -> None:
    x = torch.zeros(2, 2)
    with pytest.raises(ValueError, match="n must be at least 1; it is 0"):
        draw_probes(x, 0, seeded(0))
    with pytest.raises(ValueError, match="kind must be 'rademacher' or 'gaussian'; it is 'rade'"):
        draw_probes(x, 1, seeded(0), "rade")


@pytest.mark.equation("eq-continuity")
@pytest.mark.equation("eq-log-density-rate")
@each_path
def test_the_exact_velocity_obeys_the_continuity_equation(path) -> None:
    model, x = AnalyticDenoiser(TRIO, path), randn((12, 2), seeded(7))
    for t in (0.1, 0.5, 0.9):
        residual = continuity_residual(model, lambda x, t: exact_log_prob(x, path, t), x, t)
        assert residual.abs().max() < 1e-6
        wrong = continuity_residual(model, lambda x, t: exact_log_prob(x, path, 1 - t), x, 1 - t)
        assert t == 0.5 or wrong.abs().max() > 1e-3


@pytest.mark.equation("eq-flow-log-prob")
@pytest.mark.equation("eq-log-density-rate")
@each_path
def test_the_density_is_the_mixtures(path, without_shape_checks) -> None:
    """With the exact law at the far end the answer is exact up to the step: second order."""
    model, x = AnalyticDenoiser(TRIO, path), points(path)
    right = exact_log_prob(x, path, T_MIN)

    def error(n: int) -> float:
        got = log_prob_ode(model, x, grids.uniform(n, 1.0, T_MIN),
                           end=lambda z: exact_log_prob(z, path, 1.0))
        return float((got - right).square().mean().sqrt())

    counts = [80, 160]
    errors = [error(n) for n in counts]
    assert slopes(counts, errors) == pytest.approx([2], abs=0.15)
    assert errors[-1] < 2e-2


@pytest.mark.equation("eq-flow-log-prob")
def test_the_far_end_is_the_noise_that_sampling_starts_from(without_shape_checks) -> None:
    """Exact where no signal is left; on VP off by what alpha(1) leaves, and not by more."""
    for path, most in ((Linear(), 1e-12), (Cosine(), 1e-12), (VP(), 0.05)):
        model, x, grid = AnalyticDenoiser(TRIO, path), points(path), grids.uniform(40, 1.0, T_MIN)
        default = log_prob_ode(model, x, grid)
        exact = log_prob_ode(model, x, grid, end=lambda z, p=path: exact_log_prob(z, p, 1.0))
        gap = float((default - exact).abs().max())
        assert gap < most and (path != VP() or gap > 1e-4)
    data = GaussianMixture.normal(torch.zeros(2), 1.0)
    wide = log_prob_ode(AnalyticDenoiser(data, VE(50.0)), torch.zeros(1, 2).double(),
                        grids.karras(150, VE(50.0), 1.0, 1e-4)[:-1])
    assert float(wide) == pytest.approx(-math.log(2 * math.pi), abs=5e-3)


@pytest.mark.equation("eq-flow-log-prob")
@each_path
def test_a_gaussian_is_spread_by_the_ratio_of_its_widths(path, without_shape_checks) -> None:
    """x moves in proportion to the std of x_t, so its log-density falls by log of the ratio."""
    std = f64([0.5, 1.7])
    law = GaussianMixture.normal(torch.zeros(2), torch.diag(std**2))
    x, t, s = randn((7, 2), seeded(8)), 0.9, 0.1
    before, after = ((path.alpha(r) ** 2 * std**2 + path.sigma(r) ** 2).sqrt() for r in (s, t))
    grid = grids.uniform(250, t, s)
    got = log_prob_ode(AnalyticDenoiser(law, path), x, grid, end=lambda z: z[:, 0])
    right = x[:, 0] * (after / before)[0] + (after / before).log().sum()
    assert (got - right).abs().max() < 3e-4


def test_one_heun_step_by_hand() -> None:
    """u = x + t^2 x: both the point and the integral take the mean of the two ends."""

    class Model:
        path = Linear()

        def __call__(self, x, t, y=None):
            return Prediction(x * (1 + t**2), "velocity", x, t, self.path)

    x, s, t = f64([[1.0, 2.0]]), 0.2, 0.6
    u, end = 1 + s**2, (1 + 0.4 * (1 + s**2)) * (1 + t**2)
    scale, spread = 1 + 0.2 * (u + end), 0.2 * 2 * ((1 + s**2) + (1 + t**2))
    got = log_prob_ode(Model(), x, f64([t, s]), end=lambda z: z.sum(1))
    assert float(got) == pytest.approx(3 * scale + spread, abs=1e-12)


@pytest.mark.equation("eq-hutchinson")
@pytest.mark.equation("eq-flow-log-prob")
def test_one_probe_for_the_whole_way_is_unbiased(without_shape_checks) -> None:
    path, n = Linear(), 3_000
    model, x, grid = AnalyticDenoiser(TRIO, path), points(path, 1), grids.uniform(20, 1.0, T_MIN)
    copies = x.expand(n, 2)
    exact = log_prob_ode(model, x, grid)
    each = log_prob_ode(model, copies, grid, probes=draw_probes(copies, 1, seeded(9)))
    assert abs(float(each.mean() - exact)) < 5 * float(each.std()) / math.sqrt(n)
    assert float(each.std()) > 0.01


def test_labels_reach_the_model(without_shape_checks) -> None:
    path, k = Linear(), 1
    part = GaussianMixture.normal(TRIO.means[k], TRIO.covs[k])
    x, grid = randn((4, 2), seeded(10)), grids.uniform(10, 1.0, T_MIN)
    told = log_prob_ode(AnalyticDenoiser(TRIO, path), x, grid, y=torch.full((4,), k))
    alone = log_prob_ode(AnalyticDenoiser(part, path), x, grid)
    assert (told - alone).abs().max() < 1e-9


def test_normal_log_prob() -> None:
    x = randn((5, 3, 2), seeded(11))
    right = torch.distributions.Normal(f64(0.0), f64(1.5)).log_prob(x).flatten(1).sum(1)
    assert (normal_log_prob(x, 1.5) - right).abs().max() < 1e-12


@pytest.mark.equation("eq-bits-per-dim")
def test_bits_per_dim() -> None:
    """A uniform density over 8-bit images costs 8 bits a pixel, in any units of the pixels."""
    for width in (1.0, 2.0, 255.0):  # pixels from 0 to width, 256 cells
        log_prob = f64(-12 * math.log(width))
        assert float(bits_per_dim(log_prob, 12, 256 / width)) == pytest.approx(8, abs=1e-12)
    assert float(bits_per_dim(f64(-math.log(2) * 6), 3)) == pytest.approx(2, abs=1e-12)
    with pytest.raises(ValueError, match="dims must be at least 1; it is 0"):
        bits_per_dim(f64(0.0), 0)
    with pytest.raises(ValueError, match="cells_per_unit must be positive; it is 0"):
        bits_per_dim(f64(0.0), 1, 0)
