"""What the experiments on steering share: what a sampler asks of its model, and how its cloud of
points compares with the exact law."""

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from diffusionbook.denoisers.model import Denoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.prediction import Prediction
from diffusionbook.shapes import Labels, Samples, Times


class Metered:
    """A denoiser that answers as ``model`` does, and counts for how many samples it was asked.

    Attributes:
        evaluations: samples it has answered for.
        gradients: samples whose derivative was taken back through an answer.
    """

    def __init__(self, model: Denoiser) -> None:
        self.model, self.path = model, model.path
        self.evaluations = self.gradients = 0

    def __call__(self, x_t: Samples, t: Times, y: Labels | None = None) -> Prediction:
        prediction = self.model(x_t, t, y)
        self.evaluations += len(x_t)
        if prediction.y.requires_grad:
            prediction.y.register_hook(self._passed)
        return prediction

    def _passed(self, gradient: Tensor) -> None:
        self.gradients += len(gradient)


def w2(x: Samples, y: Samples) -> float:
    """The 2-Wasserstein distance of two clouds of one size, (n, d): the cheapest way to pair them.

    Two draws of one law are not at distance 0, so it is to be read beside that floor.
    """
    exact = "donot_use_mm_for_euclid_dist"  # a square that is expanded loses small distances
    squares = torch.cdist(x, y, compute_mode=exact).square().numpy()
    return float(squares[linear_sum_assignment(squares)].mean() ** 0.5)


def w1_on_a_line(x: Samples, law: Samples, shares: Tensor | None = None) -> float:
    """The 1-Wasserstein distance of points on a line, (n, 1), to a large cloud of the exact law.

    It is the area between the two distribution functions.

    Args:
        x: (n, 1).
        law: (m, 1).
        shares: (n,) the weights of x, which sum to 1; default: equal ones.
    """
    shares = torch.full((len(x),), 1 / len(x), dtype=torch.float64) if shares is None else shares
    points = torch.cat([x, law]).flatten()
    steps = torch.cat([shares, torch.full((len(law),), -1 / len(law), dtype=torch.float64)])
    points, order = points.sort()
    return float((steps[order].cumsum(0)[:-1].abs() * points.diff()).sum())


def humps(law: GaussianMixture, x: Samples) -> Tensor:
    """(b,) which hump of the law each point, (b, d), most probably comes from."""
    parts = [GaussianMixture.normal(m, c) for m, c in zip(law.means, law.covs, strict=True)]
    logs = torch.stack([part.log_prob(x) for part in parts], 1) + law.weights.log()
    return logs.argmax(1)


def shares_of_humps(law: GaussianMixture, x: Samples) -> Tensor:
    """(k,) the share of the points that each hump of the law has."""
    return humps(law, x).bincount(minlength=len(law.weights)) / len(x)


def wanted_shares(prior: GaussianMixture, posterior: GaussianMixture) -> Tensor:
    """(k,) the same in the exact posterior, whose labels say which hump a component was."""
    found = torch.zeros(len(prior.weights), dtype=torch.float64)
    return found.index_add(0, posterior.labels, posterior.weights)
