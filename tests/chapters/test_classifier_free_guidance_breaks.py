"""Chapter 3, "What breaks": each mistake it shows dies under one of these tests.

The rules are written out as on the page, so that the mistakes can be planted in them.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from models import TRIO
from torch import Tensor

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.guidance import cfg
from diffusionbook.paths.gaussian import Cosine
from diffusionbook.prediction import Prediction
from diffusionbook.randomness import randn, seeded

PATH = Cosine()
PARTS = [GaussianMixture.normal(TRIO.means[k], TRIO.covs[k]) for k in range(3)]


def right(strong: Tensor, weak: Tensor, w: float) -> Tensor:
    return weak + w * (strong - weak)


def wrong_sign(strong: Tensor, weak: Tensor, w: float) -> Tensor:
    return w * strong + (w - 1) * weak


def some_channels(strong: Tensor, weak: Tensor, w: float) -> Tensor:
    return torch.cat([right(strong, weak, w)[:, :1], strong[:, 1:]], 1)


def label_in_both(strong: Tensor, weak: Tensor, w: float) -> Tensor:
    return right(strong, strong, w)


@pytest.mark.equation("eq-cfg")
def test_the_guided_score_is_a_gradient_that_autograd_can_take(rule: Callable = right) -> None:
    """Of w log p_t(x | y) + (1 - w) log p_t(x), for a mixture whose components have labels."""

    def combine(strong: Prediction, weak: Prediction, w: float) -> Prediction:
        return replace(strong, y=rule(strong.eps, weak.eps, w), param="eps")

    model, w, t = cfg(AnalyticDenoiser(TRIO, PATH), 3.0, combine=combine), 3.0, 0.4
    alpha, sigma = PATH.alpha(t), PATH.sigma(t)
    x = randn((30, 2), seeded(0)).requires_grad_()
    for k, part in enumerate(PARTS):
        tilted = w * part.diffuse(alpha, sigma).log_prob(x)
        tilted = tilted + (1 - w) * TRIO.diffuse(alpha, sigma).log_prob(x)
        (score,) = torch.autograd.grad(tilted.sum(), x)
        guided = model(x.detach(), t, torch.full((30,), k)).score
        assert torch.allclose(guided, score, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("mutant", [wrong_sign, some_channels, label_in_both])
def test_the_wrong_rules_fail(mutant: Callable) -> None:
    with pytest.raises(AssertionError):
        test_the_guided_score_is_a_gradient_that_autograd_can_take(mutant)
