"""Moving zero is moving the data: a rule measured from c is the rule on data moved by -c."""

import pytest
import torch

from diffusionbook.data.toy import trio_mixture
from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.guidance import Projected, Rescaled, cfg, extrapolate
from diffusionbook.guidance.origin import MeasuredFrom
from diffusionbook.paths.gaussian import Cosine
from diffusionbook.randomness import randn, seeded

ORIGIN, W, T = -1.0, 3.0, 0.5
RULES = {"projected": Projected(), "half": Projected(0.5), "rescaled": Rescaled(0.7)}


def answers(shift: float, rule):
    """The guided x0 of the mixture moved by ``shift``, at points moved with it."""
    law, path = trio_mixture(), Cosine()
    law = GaussianMixture(torch.ones(3), law.means + shift, law.covs, torch.arange(3))
    x = randn((40, 2), seeded(1)) + float(path.alpha(T)) * shift
    return cfg(AnalyticDenoiser(law, path), W, combine=rule)(x, T, torch.arange(40) % 3).x0


@pytest.mark.parametrize("name", RULES)
def test_it_is_the_rule_on_moved_data(name: str) -> None:
    rule = RULES[name]
    there = answers(0.0, MeasuredFrom(ORIGIN, rule))
    assert torch.allclose(there, answers(-ORIGIN, rule) + ORIGIN, atol=1e-10)
    assert (there - answers(0.0, rule)).abs().max() > 0.05  # and it is another rule


def test_extrapolation_does_not_notice() -> None:
    assert torch.allclose(answers(0.0, MeasuredFrom(ORIGIN, extrapolate)),
                          answers(0.0, extrapolate), atol=1e-10)


@pytest.mark.equation("eq-projected")
def test_what_is_left_is_at_right_angles_to_the_guess_seen_from_the_origin() -> None:
    path, law = Cosine(), trio_mixture()
    model, y = AnalyticDenoiser(law, path), torch.arange(40) % 3
    x = randn((40, 2), seeded(1))
    strong = model(x, T, y).x0
    update = cfg(model, W, combine=MeasuredFrom(ORIGIN, Projected()))(x, T, y).x0 - strong
    assert (update * (strong - ORIGIN)).sum(1).abs().max() < 1e-10
    assert (update * strong).sum(1).abs().max() > 0.1
