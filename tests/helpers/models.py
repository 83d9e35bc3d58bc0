"""Models whose answers are known, and the paths that they are asked on."""

from dataclasses import dataclass

import pytest
import torch
from torch import nn

from diffusionbook.data.toy import trio_mixture
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.paths.gaussian import VE, VP, Cosine, GaussianPath, Linear
from diffusionbook.prediction import Param, Prediction

TRIO = trio_mixture()
EYE = torch.eye(2, dtype=torch.float64)
PATHS = [Linear(), Cosine(), VP(), VE(3.0)]
each_path = pytest.mark.parametrize("path", PATHS, ids=str)


@dataclass
class InRow:
    """A denoiser whose answers come in one row of the table, as those of a network do."""

    model: Denoiser
    param: Param
    without_labels: bool = False

    @property
    def path(self) -> GaussianPath:
        return self.model.path

    def __call__(self, x_t, t, y=None):
        assert y is None or not self.without_labels, "the label is not for this model to see"
        return Prediction(self.model(x_t, t, y).to(self.param), self.param, x_t, t, self.path)


@dataclass
class Constant:
    """Answers ``value`` with a label and minus it without, at any t, as a network would."""

    value: float
    param: Param = "x0"
    path: GaussianPath = Cosine()

    def __call__(self, x_t, t, y=None):
        value = self.value if y is not None else -self.value
        return Prediction(torch.full_like(x_t, value), self.param, x_t, t, self.path)


class Spy(nn.Module):
    """Remembers what it was called with; answers 2 x + t, so that each input shows."""

    def forward(self, x, t, *y):
        self.seen = (x, t, *y)
        return 2 * x + t[:, None]
