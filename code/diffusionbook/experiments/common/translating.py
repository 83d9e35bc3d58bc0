"""What a translation from one cloud of digits to another shares with the page that shows it: two
ways along a flow, and what is measured of pairs (source, result)."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from diffusionbook.denoisers.model import Denoiser
from diffusionbook.experiments.common.fronts import ink, slant, stroke_width
from diffusionbook.metrics.memorisation import nearest
from diffusionbook.samplers.named import parts
from diffusionbook.samplers.ode import Heun
from diffusionbook.shapes import Labels, Samples
from diffusionbook.transport.optimal.plans import assignment, squared_distances

KEPT = {"slant": slant, "ink": ink, "stroke": stroke_width}


@torch.no_grad()
def followed(
    model: Denoiser, x: Samples, times: Sequence[float] | Tensor, y: Labels | None = None
) -> Samples:
    """Where a flow carries points through these times, up or down, by Heun's steps.

    Args:
        model: whose velocity is followed; it is asked at t = 0 where ``times`` begins there.
        x: (b, *d) points at ``times[0]``.
        times: two or more.
        y: (b,) labels for the model.
    """
    def one(part: slice) -> Samples:
        at, labels = x[part], None if y is None else y[part]
        for t, s in pairwise(torch.as_tensor(times, dtype=torch.float64)):
            at, _ = Heun().step(model, at, t, s, y=labels)
        return at

    return torch.cat([one(part) for part in parts(len(x))])


def through_noise(
    model: Denoiser, x: Samples, source: int, target: int, times: Sequence[float] | Tensor
) -> Samples:
    """Up to the noise with one label, and down again with another (:eq:`eq-through-noise`).

    Args:
        model: told labels.
        x: (b, *d) data of the label ``source``, at ``times[0]``.
        source, target: labels.
        times: from data to noise.

    Source: Su et al., arXiv 2203.08382.
    """
    up, down = (torch.full((len(x),), label) for label in (source, target))
    noise = followed(model, x, times, up)
    return followed(model, noise, torch.as_tensor(times).flip(0), down)


def pair_measures(x: Samples, y: Samples, train: Tensor) -> dict[str, float]:
    """Of sources and results, row by row.

    Args:
        x: (n, 1, h, w) sources.
        y: (n, 1, h, w) results.
        train: (m, 1, h, w) training images of what the results should show.

    Returns:
        ``moved``, the mean squared distance; ``least``, that of the cheapest way to the same
        results; ``kept slant``, ``kept ink``, ``kept stroke``, correlations of source and result;
        ``nearest``, the mean distance of a result to its nearest training image.
    """
    squares = squared_distances(x, y)
    found = {"moved": float(squares.diagonal().mean()),
             "least": float(squares[range(len(x)), assignment(squares)].mean()),
             "nearest": float(nearest(y.flatten(1), train.flatten(1)).distance.mean())}
    for name, measured in KEPT.items():
        found[f"kept {name}"] = float(torch.stack([measured(x), measured(y)]).corrcoef()[0, 1])
    return found
