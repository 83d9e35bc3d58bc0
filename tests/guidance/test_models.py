"""Guided models: what they answer, in which row, and how often they ask."""

import math

import pytest
import torch
from models import TRIO, Constant, InRow, each_path

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.denoisers.wrapped import Counted
from diffusionbook.guidance import Projected, Rescaled, autoguidance, cfg, extrapolate, interval
from diffusionbook.guidance.scales import scale_at
from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import VP, Cosine, Linear
from diffusionbook.prediction import NAMES
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.ancestral import DDIM
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.ode import Heun
from exact import density, diffused, f64, gradient

X, Y = randn((6, 2), seeded(0)), torch.tensor([0, 1, 2, 2, 1, 0])
GRID = grids.uniform(20)


@pytest.mark.equation("eq-cfg")
@each_path
@pytest.mark.parametrize("w", [-0.5, 0.0, 0.4, 1.0, 3.0])
def test_the_guided_score_is_that_of_the_two_densities(path, w: float) -> None:
    """w grad log p_t(x | y) + (1 - w) grad log p_t(x), both by autograd from torch's densities."""
    alpha, sigma = path.alpha(0.4), path.sigma(0.4)
    plain = gradient(diffused(TRIO, alpha, sigma).log_prob, X)
    score = cfg(AnalyticDenoiser(TRIO, path), w)(X, 0.4, Y).score
    for label in range(3):
        rows, one = label == Y, slice(label, label + 1)
        cov = alpha**2 * TRIO.covs[one] + sigma**2 * torch.eye(2).double()
        law = density(torch.ones(1).double(), alpha * TRIO.means[one], cov)
        expected = w * gradient(law.log_prob, X[rows]) + (1 - w) * plain[rows]
        assert (score[rows] - expected).abs().max() < 1e-10


@pytest.mark.equation("eq-cfg")
@each_path
def test_the_guided_field_does_not_depend_on_the_row(path) -> None:
    exact = AnalyticDenoiser(TRIO, path)
    t = torch.linspace(0.1, 0.9, 6).double()
    expected = cfg(exact, 3.0)(X, t, Y)
    for param in NAMES:
        guided = cfg(InRow(exact, param), 3.0)(X, t, Y)
        assert guided.param == param  # the answer comes in the model's own row
        for read in ("x0", "eps", "velocity"):
            assert (guided.to(read) - expected.to(read)).abs().max() < 1e-10
    mixed = autoguidance(InRow(exact, "v"), InRow(exact, "eps"), 3.0)(X, t, Y)
    assert (mixed.x0 - exact(X, t, Y).x0).abs().max() < 1e-10  # a model against itself


@pytest.mark.equation("eq-cfg")
def test_nothing_is_converted_where_the_rows_agree() -> None:
    """At alpha = 0 eps says nothing about x0, and a guided eps is still a guided eps."""
    model = Constant(1.0, "eps", Cosine())
    assert torch.equal(cfg(model, 3.0)(X, 1.0, Y).eps, torch.full_like(X, 5))
    with pytest.raises(ValueError, match="param 'eps' is singular"):
        autoguidance(Constant(1.0, "v", Cosine()), model, 3.0)(X, 1.0, Y)


@pytest.mark.equation("eq-autoguidance")
@each_path
@pytest.mark.parametrize("label", [Y, None], ids=["labels", "no labels"])
def test_a_worse_model_is_left_behind(path, label) -> None:
    strong = AnalyticDenoiser(TRIO, path)
    weak = AnalyticDenoiser(TRIO.diffuse(0.9, 0.5), path)
    for w in (0.0, 1.0, 2.5):
        guided = autoguidance(strong, InRow(weak, "v"), w)(X, 0.4, label).x0
        expected = w * strong(X, 0.4, label).x0 + (1 - w) * weak(X, 0.4, label).x0
        assert (guided - expected).abs().max() < 1e-10


@pytest.mark.equation("eq-cfg")
@pytest.mark.parametrize(
    ("scale", "evaluations"),
    [
        (3.0, 40),
        (1.0, 20),
        (1, 20),
        (0.0, 20),
        (interval(3.0, 0.3, 0.7), 20 + 9),  # t = 0.30, 0.35, …, 0.70
        (lambda t: 1 + t, 40),
    ],
)
def test_no_more_evaluations_than_needed(scale, evaluations: int) -> None:
    network = Counted(AnalyticDenoiser(TRIO, Linear()))
    sample(DDIM(), cfg(network, scale), X, GRID, y=Y)
    assert (network.evaluations, network.samples) == (evaluations, 6 * evaluations)
    strong, weak = Counted(network.model), Counted(network.model)
    sample(DDIM(), autoguidance(strong, weak, scale), X, GRID)
    assert strong.evaluations + weak.evaluations == evaluations


def test_evaluations_of_heun_and_of_other_rules() -> None:
    network = Counted(AnalyticDenoiser(TRIO, Linear()))
    sample(Heun(), cfg(network, 3.0), X, GRID, y=Y)
    assert network.evaluations == 2 * 39
    for rule in (Rescaled(0.7), Projected()):  # at w = 0 they are not the weak model
        for w, evaluations in ((3.0, 2), (1.0, 1), (0.0, 2)):
            network.reset()
            answer = cfg(network, w, combine=rule)(X, 0.5, Y)
            assert network.evaluations == evaluations
            if w == 1:
                assert torch.equal(answer.x0, network.model(X, 0.5, Y).x0)


@pytest.mark.equation("eq-guidance-interval")
def test_an_interval_and_its_ends() -> None:
    scale = interval(3.0, 0.25, 0.3)
    values = [scale(t) for t in (0.0, 0.2499, 0.25, 0.28, 0.1 + 0.2, 0.3001, 1.0)]
    assert values == [1, 1, 3, 3, 3, 1, 1]
    assert interval(lambda t: 2 + t, 0.2, 0.8)(0.5) == 2.5
    assert [interval(2.0, 0.0, 1.0)(t) for t in (0.0, 1.0)] == [2, 2]


@pytest.mark.equation("eq-guidance-interval")
def test_an_interval_guides_inside_only() -> None:
    model = AnalyticDenoiser(TRIO, Linear())
    for t, w in ((0.2, 1.0), (0.5, 3.0), (0.9, 1.0)):
        expected = cfg(model, w)(X, t, Y).x0
        assert (cfg(model, interval(3.0, 0.3, 0.7))(X, t, Y).x0 - expected).abs().max() < 1e-12


def test_a_scale_may_follow_the_time_of_the_batch() -> None:
    for t in (0.25, f64(0.25), torch.full((6,), 0.25)):
        assert scale_at(lambda t: 4 * t + 1, t) == 2
    model = AnalyticDenoiser(TRIO, Linear())
    times = torch.linspace(0.1, 0.9, 6).double()
    assert cfg(model, 3.0)(X, times, Y).x0.shape == X.shape
    with pytest.raises(ValueError, match=r"t must be one time .* it spans \[0.1, 0.9\]"):
        cfg(model, lambda t: 1 + t)(X, times, Y)


def test_guided_models_are_denoisers_of_the_same_path() -> None:
    model = AnalyticDenoiser(TRIO, VP())
    for guided in (cfg(model, 2.0), autoguidance(model, model, 2.0)):
        assert isinstance(guided, Denoiser) and guided.path is model.path
        assert guided(X.float(), 0.5, Y).x0.dtype == torch.float32


def test_gradients_flow_through_both_models() -> None:
    x = X.clone().requires_grad_()
    cfg(AnalyticDenoiser(TRIO, Linear()), 2.0, combine=extrapolate)(x, 0.5, Y).x0.sum().backward()
    assert x.grad.abs().max() > 0


@pytest.mark.parametrize("scale", [0.0, 1.0, 2.0])
def test_what_cannot_be_guided_is_refused(scale: float) -> None:
    model = AnalyticDenoiser(TRIO, Linear())
    with pytest.raises(ValueError, match="y must hold a label for each sample.*it is None"):
        cfg(model, scale)(X, 0.5)
    with pytest.raises(ValueError, match=r"weak must live on model's path, Linear\(\).*Cosine\(\)"):
        autoguidance(model, AnalyticDenoiser(TRIO, Cosine()), scale)


def test_chains_are_compared_by_their_betas() -> None:
    one, same, other = (Chain.from_path(path, 10) for path in (VP(), VP(), Cosine()))
    model = AnalyticDenoiser(TRIO, one)
    assert autoguidance(model, AnalyticDenoiser(TRIO, same), 2.0)(X, 0.5).x0.shape == X.shape
    with pytest.raises(ValueError, match="weak must live on model's path"):
        autoguidance(model, AnalyticDenoiser(TRIO, other), 2.0)


@pytest.mark.parametrize("scale", [math.nan, math.inf, lambda t: -math.inf])
def test_scales_that_are_no_numbers_are_refused(scale) -> None:
    with pytest.raises(ValueError, match="scale must be a finite number"):
        cfg(AnalyticDenoiser(TRIO, Linear()), scale)(X, 0.5, Y)


@pytest.mark.parametrize(("low", "high"), [(0.5, 0.5), (0.6, 0.4), (-0.1, 0.5), (0.5, 1.1)])
def test_intervals_outside_of_time_are_refused(low: float, high: float) -> None:
    with pytest.raises(ValueError, match=f"0 <= low < high <= 1; they are {low}, {high}"):
        interval(3.0, low, high)
