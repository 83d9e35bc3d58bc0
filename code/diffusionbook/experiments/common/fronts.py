"""What the experiments on several rewards share: the departure of a cloud in nats, and what can be
measured of a digit."""

import math

import torch
from scipy.spatial import cKDTree
from torch import Tensor

from diffusionbook.arguments import all_finite, whole
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.shapes import Samples, check_samples

NEIGHBOUR = 5


def nats_from(prior: GaussianMixture, x: Samples, k: int = NEIGHBOUR) -> float:
    """The divergence of a cloud's law from the prior, estimated from points in the plane.

    The entropy is taken from each point's distance to its k-th neighbour: where points are dense,
    it is near. The rest is the mean of the prior's log-density, which is known.

    Args:
        prior: in the plane.
        x: (n, 2) independent points, more than k, no k + 1 of them in one place.
        k: which neighbour.

    Source: Kozachenko and Leonenko 1987 for the entropy.

    Raises:
        ValueError: ``x`` is something else, or ``k`` is no whole number from 1 on.
    """
    whole("k", k, least=1)
    check_samples("x", x, 2)
    all_finite("x", x)
    if len(x) <= k:
        raise ValueError(f"x must hold more than {k} points; it holds {len(x)}")
    points = x.double().numpy()
    away = torch.from_numpy(cKDTree(points).query(points, k + 1)[0][:, k])
    if not bool((away > 0).all()):
        raise ValueError(f"x must not hold a point {k + 1} times")
    digamma = torch.special.digamma(torch.tensor([len(x), k], dtype=torch.float64))
    entropy = digamma[0] - digamma[1] + math.log(math.pi) + 2 * away.log().mean()
    return float(-entropy - prior.log_prob(x).mean())


def ink(x: Samples) -> Tensor:
    """(b,) black pixels of images in [-1, 1], grey ones in part."""
    return _black(x).sum((1, 2))


def slant(x: Samples) -> Tensor:
    """(b,) how many pixels a digit leans to the right for each pixel up: the slope of the line that
    fits its ink, column against row."""
    black = _black(x) + 1e-6
    height, width = black.shape[1:]
    up = torch.arange(height - 1, -1, -1).to(x)[:, None]
    right = torch.arange(width).to(x)
    mass = black.sum((1, 2), keepdim=True)
    off_up = up - (black * up).sum((1, 2), keepdim=True) / mass
    off_right = right - (black * right).sum((1, 2), keepdim=True) / mass
    return (black * off_up * off_right).sum((1, 2)) / (black * off_up.square()).sum((1, 2))


def stroke_width(x: Samples) -> Tensor:
    """(b,) twice the ink over the length of its outline, in pixels: a long bar has its width."""
    black = torch.nn.functional.pad(_black(x), (1, 1, 1, 1))
    down, across = black.diff(dim=1)[:, :, :-1], black.diff(dim=2)[:, :-1]
    outline = (down.square() + across.square() + 1e-6).sqrt().sum((1, 2))
    return 2 * black.sum((1, 2)) / outline


def thinness(x: Samples) -> Tensor:
    """(b,) minus :func:`stroke_width`: more is thinner."""
    return -stroke_width(x)


def _black(x: Samples) -> Tensor:
    """(b, h, w) of images with one channel: 0 is paper, 1 ink."""
    check_samples("x", x, 1, "h", "w")
    return ((x[:, 0] + 1) / 2).clamp_min(0)
