r"""Denoisers around denoisers: one that counts, one that remembers, one on another path.

Counting how often a network is looked at gives the honest price of a sampler. And every Gaussian
path is every other one, in a change of clock and of units: two paths that mix data and noise in
the same proportion show a model the same picture, only larger or smaller. So a model that was
trained on one path answers on any other (:eq:`eq-repath`): diffusion models and flow models are one
family.
"""

import torch

from diffusionbook.denoisers.model import Denoiser
from diffusionbook.paths.gaussian import GaussianPath, same_mixture
from diffusionbook.prediction import Prediction
from diffusionbook.shapes import Labels, Samples, Times, expand


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


class Repathed:
    """A model on another path than its own, without training.

    Args:
        model: any denoiser on a continuous path.
        path: the path on which the new model lives.
    """

    def __init__(self, model: Denoiser, path: GaussianPath) -> None:
        self.model, self.path = model, path

    def __call__(self, x_t: Samples, t: Times, y: Labels | None = None) -> Prediction:
        """The same data and noise as the model sees in the same mixture (:eq:`eq-repath`)."""
        ratio, there = same_mixture(self.model.path, self.path, t)
        answer = self.model(expand(ratio, x_t) * x_t, there, y)
        c = self.path.at(t, x_t)
        # the row v is singular nowhere, so nothing is lost on the way to the new path
        v = c.alpha * answer.eps - c.sigma * answer.x0
        return Prediction(v, "v", x_t, torch.as_tensor(t), self.path)


class Remembered:
    """A denoiser that answers as ``model`` does and keeps what it answered.

    Attributes:
        guesses: the x0 of each answer, in order.
    """

    def __init__(self, model: Denoiser) -> None:
        self.model, self.path = model, model.path
        self.guesses: list[Samples] = []

    def __call__(self, x_t: Samples, t: Times, y: Labels | None = None) -> Prediction:
        prediction = self.model(x_t, t, y)
        self.guesses.append(prediction.x0)
        return prediction
