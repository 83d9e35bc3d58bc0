r"""Every Gaussian path is every other one, in a change of clock and of units.

Two paths that mix data and noise in the same proportion show a model the same picture, only
larger or smaller. So a model that was trained on one path answers on any other
(:eq:`eq-repath`): diffusion models and flow models are one family.
"""

import torch

from diffusionbook.denoisers.model import Denoiser
from diffusionbook.paths.gaussian import GaussianPath, same_mixture
from diffusionbook.prediction import Prediction
from diffusionbook.shapes import Labels, Samples, Times, expand


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
