"""A count that is neither more nor less than what the model was asked."""

import pytest
import torch

from diffusionbook.data.toy import trio_mixture
from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.denoisers.wrapped import Counted
from diffusionbook.paths.gaussian import Linear
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.ancestral import DDIM
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.ode import DPMpp2M, Heun

MODEL = AnalyticDenoiser(trio_mixture(), Linear())
X = randn((6, 2), seeded(0))


def test_the_answer_is_the_models_own() -> None:
    counted, y = Counted(MODEL), torch.arange(6) % 3
    assert isinstance(counted, Denoiser) and counted.path is MODEL.path
    for label in (None, y):
        assert torch.equal(counted(X, 0.4, label).x0, MODEL(X, 0.4, label).x0)
    assert (MODEL(X, 0.4, y).x0 - MODEL(X, 0.4).x0).abs().max() > 0.1


def test_calls_and_samples_are_counted_apart() -> None:
    counted = Counted(MODEL)
    assert (counted.evaluations, counted.samples) == (0, 0)
    counted(X, 0.4)
    counted(X[:2], 0.4)
    assert (counted.evaluations, counted.samples) == (2, 8)
    counted.reset()
    assert (counted.evaluations, counted.samples) == (0, 0)
    counted(X[:3], 0.4)
    assert (counted.evaluations, counted.samples) == (1, 3)


@pytest.mark.parametrize(
    ("stepper", "evaluations"), [(DDIM(), 20), (DPMpp2M(), 20), (Heun(), 39)], ids=str
)
def test_twenty_steps(stepper, evaluations: int) -> None:
    """Heun looks twice, except in its last step."""
    counted = Counted(MODEL)
    sample(stepper, counted, X, grids.uniform(20))
    assert (counted.evaluations, counted.samples) == (evaluations, 6 * evaluations)
