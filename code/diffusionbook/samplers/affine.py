"""What a sampler draws of Gaussian data, exactly: the mean and covariance, without one draw.

The exact denoiser of one Gaussian is affine in x_t, and so is every guided model that extrapolates
between two of them. Then each step of a sampler is affine in the state, in what the step before
handed on, and in the fresh noise: the sample is an affine function of all the noise that went into
it. So run the sampler once on a batch whose rows are that function's columns. One row starts at the
mean and draws no noise. Each other one differs from it by one standard deviation, along one axis of
the start or of one draw.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from diffusionbook.denoisers.model import Denoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers.loop import Stepper, sample

PROBES = 4  # random points at which the affine function must hold
TOLERANCE = 1e-9  # of the largest number in sight: float64 loses some 1e-13 in a thousand steps


class Gaussian(NamedTuple):
    """The law N(mean, cov); ``GaussianMixture.normal(*law)`` has its density."""

    mean: Tensor
    """(d,)"""
    cov: Tensor
    """(d, d)"""


def push_forward(
    stepper: Stepper,
    model: Denoiser,
    grid: Tensor,
    mean: Tensor,
    cov: Tensor | float,
    *,
    y: int | None = None,
) -> Gaussian:
    """The law at ``grid[-1]`` of samples whose noise is N(mean, cov) at ``grid[0]``.

    Exact up to rounding, for any stepper: its memory goes along with the rows, and its fresh noise
    is handed to it in place of what ``torch.randn`` would draw. For n draws it takes 1 + d + n d
    rows, so d should be small.

    Args:
        stepper: the rule for one step, deterministic or not.
        model: any denoiser that is affine in x_t: (b, d), guided or not.
        grid: (n + 1,) decreasing times, see :mod:`diffusionbook.samplers.grids`.
        mean: (d,) of the start.
        cov: (d, d) of the start, symmetric positive semi-definite, or a number, the variance along
            each axis.
        y: the label that all samples are drawn with.

    Returns:
        float64 mean and covariance.

    Raises:
        ValueError: ``model`` is not affine in x_t, or the stepper draws its noise in another way;
            or what the sampler or ``GaussianMixture.normal`` raises for bad arguments.
    """
    start = GaussianMixture.normal(mean, cov)
    variances, axes = torch.linalg.eigh(start.covs[0])
    middle, roots = start.means, variances.clamp_min(0).sqrt()[:, None] * axes.mT

    def run(coordinates: Tensor) -> tuple[Tensor, int]:
        """Samples, and the number of draws, for rows of (start, draw, draw, …) in units of std."""
        first, *draws = coordinates.split(start.dim, 1)
        labels = None if y is None else torch.full((len(first),), y)
        with _GivenNoise(draws) as given, torch.no_grad():
            return sample(stepper, model, middle + first @ roots, grid, y=labels), given.count

    _, count = run(torch.zeros(1, start.dim, dtype=torch.float64))
    columns = (1 + count) * start.dim
    probes = randn((PROBES, columns), seeded(0))
    ends, _ = run(torch.cat([torch.zeros_like(probes[:1]), torch.eye(columns).double(), probes]))
    centre, away = ends[0], ends[1:] - ends[0]
    found, expected = away[columns:], probes @ away[:columns]
    size = max(float(x.abs().max()) for x in (middle, roots, ends))
    if not float((found - expected).abs().max()) <= TOLERANCE * size:
        raise ValueError(
            f"model must be affine in x_t, as the exact denoiser of one Gaussian is; a sample of "
            f"{type(model).__name__} by {stepper} is off by {(found - expected).abs().max():.3g}"
        )
    return Gaussian(centre, away[:columns].mT @ away[:columns])


class _GivenNoise(TorchFunctionMode):
    """Inside a ``with`` block, the k-th call of ``torch.randn`` returns ``draws[k]``, or zeros."""

    def __init__(self, draws: list[Tensor]) -> None:
        super().__init__()
        self.draws, self.count = draws, 0

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func is not torch.randn:
            return func(*args, **(kwargs or {}))
        self.count += 1
        known = self.count <= len(self.draws)
        return self.draws[self.count - 1] if known else torch.zeros(*args, dtype=torch.float64)
