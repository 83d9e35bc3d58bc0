"""Counting how often a network is looked at: the honest price of a sampler."""

from diffusionbook.denoisers.model import Denoiser
from diffusionbook.prediction import Prediction
from diffusionbook.shapes import Labels, Samples, Times


class Counted:
    """A denoiser that answers as ``model`` does and counts how often it was asked.

    Wrap the network and guide the wrapped one, ``cfg(Counted(model), 3.0)``: 20 steps of DDIM then
    count as 40. Wrapped the other way round, the two looks of a guided step would count as one.

    Attributes:
        evaluations: the number of calls.
        samples: the number of samples in them, calls times batch size.
    """

    def __init__(self, model: Denoiser) -> None:
        self.model, self.path = model, model.path
        self.reset()

    def reset(self) -> None:
        """Start again at 0."""
        self.evaluations = self.samples = 0

    def __call__(self, x_t: Samples, t: Times, y: Labels | None = None) -> Prediction:
        self.evaluations += 1
        self.samples += x_t.shape[0]
        return self.model(x_t, t, y)
