"""Whoever returns a tensor that claims a gradient has the right one."""

import pytest
import torch
from models import TRIO

from diffusionbook import guidance
from diffusionbook.denoisers.differentiate import trace
from diffusionbook.denoisers.exact import AnalyticDenoiser, EmpiricalDenoiser
from diffusionbook.denoisers.linear import LinearDenoiser
from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.denoisers.wrapped import Repathed
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.exact.two_classes import overshoot
from diffusionbook.guidance.origin import MeasuredFrom
from diffusionbook.likelihood.bound import elbo
from diffusionbook.likelihood.ode import (
    continuity_residual,
    divergence,
    draw_probes,
    log_prob_ode,
    normal_log_prob,
)
from diffusionbook.losses import denoising_loss
from diffusionbook.nets.mlp import MLP
from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import VP, Cosine, Linear
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.ancestral import DDIM, Ancestral
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.ode import DPMpp2M, Euler, Heun
from diffusionbook.samplers.sde import EulerMaruyama
from diffusionbook.transport.reflow import pair_loss
from diffusionbook.transport.tracks import detour, straightness
from exact import f64

PATH = Cosine()
MODEL, CHAIN = AnalyticDenoiser(TRIO, PATH), Chain.from_path(VP(), 6)
X, Y, T = 0.7 * randn((3, 2), seeded(0)), torch.tensor([0, 1, 2]), f64([0.3, 0.5, 0.8])
GRID, PROBES = grids.uniform(4, 0.9, 0.1), draw_probes(X, 2, seeded(1))
DATA = TRIO.sample(9, seeded(2))


def log_prob(x, t, y):
    """Of some label, with a Hessian of its own in every point."""
    return -(x.sin() * (1 + y[:, None])).square().sum(1)


def field(x):
    return torch.stack([x[:, 0] ** 2 * x[:, 1], (x[:, 0] * x[:, 1]).sin()], 1)


def ruled(combine):
    return guidance.cfg(MODEL, 3.0, combine=combine)


FUNCTIONS = {
    "log_prob_ode": lambda x: log_prob_ode(MODEL, x, GRID),
    "log_prob_ode, label": lambda x: log_prob_ode(MODEL, x, GRID, y=Y),
    "log_prob_ode, probes": lambda x: log_prob_ode(MODEL, x, GRID, probes=PROBES),
    "log_prob_ode, end": lambda x: log_prob_ode(MODEL, x, GRID, end=TRIO.log_prob),
    "normal_log_prob": lambda x: normal_log_prob(x, 0.7),
    "divergence": lambda x: divergence(field, x)[1],
    "its field": lambda x: divergence(field, x)[0],
    "divergence, probes": lambda x: divergence(field, x, PROBES)[1],
    "classifier": lambda x: guidance.classifier_guidance(MODEL, log_prob, 2.0)(x, T, Y).score,
    "implicit": lambda x: guidance.implicit_classifier_gradient(MODEL, x, T, Y),
    "extrapolate": lambda x: ruled(guidance.extrapolate)(x, T, Y).score,
    "rescaled": lambda x: ruled(guidance.Rescaled(0.7))(x, T, Y).score,
    "projected": lambda x: ruled(guidance.Projected(0.3, radius=0.2))(x, T, Y).score,
    "measured": lambda x: ruled(MeasuredFrom(-1.0, guidance.Projected()))(x, T, Y).score,
    "autoguided": lambda x: guidance.autoguidance(
        MODEL, EmpiricalDenoiser(DATA, PATH), 2.0)(x, T).v,
    "analytic": lambda x: MODEL(x, T, Y).velocity,
    "empirical": lambda x: EmpiricalDenoiser(DATA, PATH)(x, T).eps,
    "linear": lambda x: LinearDenoiser(DATA, PATH)(x, T).v,
    "repathed": lambda x: Repathed(MODEL, Linear())(x, T).velocity,
    "mixture": TRIO.log_prob,
    "score": TRIO.score,
    "straightness": lambda x: straightness(MODEL, x, GRID),
    "detour": lambda x: detour(MODEL, x, GRID),
    "overshoot": lambda x: overshoot(x, 3.0, 2.0),
    "denoising_loss": lambda x: denoising_loss(MODEL, x, loss_in="v", generator=seeded(3)),
    "pair_loss": lambda x: pair_loss(MODEL, X, x, generator=seeded(3)),
    "elbo": lambda x: elbo(AnalyticDenoiser(TRIO, CHAIN), x, variance="beta",
                           generator=seeded(4)).total,
} | {
    f"sample {stepper}": lambda x, s=stepper: sample(s, MODEL, x, GRID, generator=seeded(5))
    for stepper in (DDIM(), DDIM(1.0), Ancestral("beta"), Euler(), Heun(), DPMpp2M(),
                    EulerMaruyama())
}  # fmt: skip


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_a_claimed_gradient_is_that_of_finite_differences(function, without_shape_checks) -> None:
    assert torch.autograd.gradcheck(function, X.clone().requires_grad_(), atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_nobody_claims_a_gradient_that_was_not_asked_for(function, without_shape_checks) -> None:
    quiet = function(X)
    assert not quiet.requires_grad
    with torch.no_grad():
        assert torch.equal(function(X.clone().requires_grad_()), quiet)


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_inference_mode_changes_nothing(function, without_shape_checks) -> None:
    with torch.inference_mode():
        found = function(X), function(X.clone())
    assert torch.equal(found[0], function(X)) and torch.equal(found[1], found[0])


@pytest.mark.equation("eq-flow-log-prob")
@pytest.mark.parametrize("std", [0.25, 0.5, 1.0, 2.0])
def test_the_gradient_of_the_log_density_is_the_score(std, without_shape_checks) -> None:
    """Up to what the ODE's rule leaves, which falls with the second power of the step."""
    law = GaussianMixture(torch.ones(1), torch.zeros(1, 2), f64([std**2]))
    model, start = AnalyticDenoiser(law, PATH), 1e-3
    wide = float(((PATH.alpha(start) * std) ** 2 + PATH.sigma(start) ** 2).sqrt())

    def error(n: int) -> float:
        x = (0.3 + X).requires_grad_()
        found = log_prob_ode(model, x, grids.uniform(n, 1.0, start))
        (score,) = torch.autograd.grad(found.sum(), x)
        return float((score + x.detach() / wide**2).abs().max()) * std**2

    coarse, fine = error(50), error(100)
    assert fine < 0.02 and (std == 1 or fine < coarse / 3)


@pytest.mark.equation("eq-flow-log-prob")
def test_its_gradient_reaches_the_weights_of_a_network(without_shape_checks) -> None:
    net = MLP(width=8, depth=1, time_features=4, point_features=4, generator=seeded(6)).double()
    model, bias = NetDenoiser(net, Linear(), "velocity"), net.layers[-1].bias
    weight = net.layers[0].weight

    def value() -> torch.Tensor:
        return log_prob_ode(model, X, GRID).sum()

    slopes = torch.autograd.grad(value(), (weight, bias))
    step = 1e-5
    for parameter, slope in zip((weight, bias), slopes, strict=True):
        with torch.no_grad():
            parameter.view(-1)[0] += step
            above = value()
            parameter.view(-1)[0] -= 2 * step
            below = value()
            parameter.view(-1)[0] += step
        assert float(slope.flatten()[0]) == pytest.approx(
            float(above - below) / (2 * step), rel=1e-6, abs=1e-9)  # fmt: skip
    net.requires_grad_(False)
    assert not value().requires_grad


@pytest.mark.parametrize("probes", [None, PROBES], ids=["exact", "probes"])
def test_a_field_that_does_not_feel_x_has_no_divergence(probes) -> None:
    weight = torch.ones(2, dtype=torch.float64, requires_grad=True)
    for constant in (lambda x: torch.ones_like(x), lambda x: weight.expand(3, 2)):
        u, div = divergence(constant, X, probes)
        assert torch.equal(u, torch.ones_like(X)) and torch.equal(div, torch.zeros(3).double())
    half = divergence(lambda x: torch.stack([x[:, 0] ** 2, torch.ones(3).double()], 1), X)[1]
    assert torch.equal(half, 2 * X[:, 0])


def test_a_field_of_another_shape_is_refused(without_shape_checks) -> None:
    with pytest.raises(ValueError, match=r"field must return the shape of x, \(3, 2\); it .*\(3,"):
        divergence(lambda x: x[:, :1], X)


def test_the_residual_of_continuity_has_no_gradient_to_claim() -> None:
    x = X.clone().requires_grad_()
    found = continuity_residual(
        MODEL, lambda x, t: TRIO.diffuse(PATH.alpha(t), PATH.sigma(t)).log_prob(x), x, 0.5)
    assert not found.requires_grad and found.abs().max() < 1e-6


def test_a_grid_is_a_constant_for_the_log_density() -> None:
    assert not log_prob_ode(MODEL, X, GRID.clone().requires_grad_()).requires_grad


def test_what_is_traced_keeps_a_graph_only_for_somebody() -> None:
    weight, quiet = torch.ones(2, dtype=torch.float64, requires_grad=True), X.clone()
    assert not trace(lambda x: x.sin(), quiet).keep
    assert not trace(lambda x: x * weight.detach(), quiet).keep
    assert trace(lambda x: (x * weight).sin() + 1, quiet).keep
    assert trace(lambda x: x.sin(), quiet.requires_grad_()).keep
    with torch.no_grad():
        assert not trace(lambda x: x * weight, quiet).keep
