"""Bayes' rule: the exact classifier turns the unconditional model into the conditional one."""

import pytest
import torch
from models import PATHS, TRIO, InRow, each_path

from diffusionbook.data.toy import moons_mixture, ring_mixture
from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.guidance import cfg, classifier_guidance, implicit_classifier_gradient
from diffusionbook.paths.gaussian import VP, Linear
from diffusionbook.randomness import randn, seeded
from diffusionbook.shapes import expand
from exact import density, diffused, gradient

X = randn((6, 2), seeded(0))
cases = pytest.mark.parametrize(
    ("mixture", "path"),
    [pytest.param(TRIO, path, id=f"trio-{path}") for path in PATHS]
    + [
        pytest.param(ring_mixture(), Linear(), id="ring"),
        pytest.param(moons_mixture(20), VP(), id="moons"),
    ],
)


def labels_of(mixture) -> torch.Tensor:
    return torch.arange(6) % (int(mixture.labels.max()) + 1)


def log_posterior(mixture, path):
    """log p(y | x_t) = log p(y) p_t(x | y) / p_t(x), with the densities of torch.distributions."""

    def log_prob(x_t, t, y):
        alpha, sigma = path.alpha(t), path.sigma(t)
        total = diffused(mixture, alpha, sigma).log_prob(x_t)
        covs = alpha**2 * mixture.covs + sigma**2 * torch.eye(2).double()
        joint = []
        for label in mixture.labels.unique():
            own = mixture.labels == label
            share = mixture.weights[own]
            law = density(share / share.sum(), alpha * mixture.means[own], covs[own])
            joint.append(share.sum().log() + law.log_prob(x_t))
        joint = torch.stack(joint, 1)
        assert (joint.logsumexp(1) - total).abs().max() < 1e-10  # it is a law over the labels
        return joint.gather(1, y[:, None])[:, 0] - total

    return log_prob


@pytest.mark.equation("eq-implicit-classifier")
@cases
@pytest.mark.parametrize("t", [0.2, 0.6])
def test_the_implied_classifier_is_the_posterior(mixture, path, t: float) -> None:
    y, log_prob = labels_of(mixture), log_posterior(mixture, path)
    expected = gradient(lambda x: log_prob(x, t, y), X)
    answer = implicit_classifier_gradient(AnalyticDenoiser(mixture, path), X, t, y)
    assert (answer - expected).abs().max() < 1e-10 * max(1, float(expected.abs().max()))


@pytest.mark.equation("eq-classifier-guidance")
@cases
@pytest.mark.parametrize("scale", [0.0, 1.0, 3.0])
def test_bayes_rule_and_beyond(mixture, path, scale: float) -> None:
    """At scale 1 it is the conditional model, at any scale cfg with w = scale."""
    model, y = AnalyticDenoiser(mixture, path), labels_of(mixture)
    guided = classifier_guidance(model, log_posterior(mixture, path), scale)
    for t in (0.2, 0.6):
        answer = guided(X, t, y)
        assert (answer.x0 - cfg(model, scale)(X, t, y).x0).abs().max() < 1e-10
        if scale == 1:
            assert (answer.x0 - model(X, t, y).x0).abs().max() < 1e-10
            assert (answer.x0 - model(X, t).x0).abs().max() > 1e-3


@pytest.mark.equation("eq-classifier-guidance")
@each_path
def test_the_score_moves_by_the_gradient_in_every_row(path) -> None:
    """With log p = a . x + c each score moves by scale a, at each sample's own time."""
    a, t = torch.tensor([0.7, -0.4]).double(), torch.linspace(0.1, 0.9, 6).double()
    score = AnalyticDenoiser(TRIO, path)(X, t).score
    for param in ("x0", "eps", "v", "velocity", "score"):
        model = InRow(AnalyticDenoiser(TRIO, path), param, without_labels=True)
        guided = classifier_guidance(model, lambda x, t, y: x @ a - 1, 2.0)
        answer = guided(X, t, torch.zeros(6).long())
        assert answer.param == param
        assert (answer.score - score - 2 * a).abs().max() < 1e-10
        moved = expand(path.sigma(t) ** 2 / path.alpha(t), X) * 2 * a  # Tweedie's formula
        assert (answer.x0 - model(X, t).x0 - moved).abs().max() < 1e-10


def test_it_works_without_gradients_and_claims_one_only_where_it_has_it() -> None:
    weight = torch.ones(2, dtype=torch.float64, requires_grad=True)
    model = AnalyticDenoiser(TRIO, Linear())
    guided = classifier_guidance(model, lambda x, t, y: (x * weight).square().sum(1), 1.0)
    y = torch.zeros(6).long()
    with torch.no_grad():
        quiet = guided(X, 0.5, y).x0
    loud = guided(X, 0.5, y).x0
    assert torch.equal(quiet, loud) and not quiet.requires_grad
    # x0 moves by sigma^2 / alpha times 2 weight^2 x, so its slope in the weight is 4 weight x / 2
    (slope,) = torch.autograd.grad(loud.sum(), weight)
    assert (slope - 2 * X.sum(0)).abs().max() < 1e-12
    weight.requires_grad_(False)
    assert not guided(X, 0.5, y).x0.requires_grad
    assert (quiet - model(X, 0.5).x0).abs().max() > 0.1
    assert isinstance(guided, Denoiser) and guided.path is model.path


def test_the_classifier_sees_point_time_and_label() -> None:
    seen = []
    y = torch.arange(6) % 3

    def spy(x_t, t, label):
        seen.append((x_t.detach(), t, label))
        return x_t.sum(1)

    classifier_guidance(AnalyticDenoiser(TRIO, VP()), spy, 1.0)(X, 0.3, y)
    assert len(seen) == 1
    assert torch.equal(seen[0][0], X) and seen[0][1] == 0.3 and torch.equal(seen[0][2], y)


def test_what_cannot_be_guided_is_refused() -> None:
    model, y = AnalyticDenoiser(TRIO, Linear()), torch.zeros(6).long()
    with pytest.raises(ValueError, match="y must hold a label for each sample.*it is None"):
        classifier_guidance(model, lambda x, t, y: x.sum(1), 1.0)(X, 0.5)
    with pytest.raises(ValueError, match=r"alpha is 0 on Linear\(\) at t = \[1.0\]"):
        classifier_guidance(model, lambda x, t, y: x.sum(1), 1.0)(X, 1.0, y)
    with pytest.raises(ValueError, match=r"log_prob must return shape \(6,\).*returned \(6, 2\)"):
        classifier_guidance(model, lambda x, t, y: x, 1.0)(X, 0.5, y)
