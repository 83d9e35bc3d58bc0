r"""How straight are a flow's tracks, and what keeps them from being straight?

Draw data and noise independently and join them by a line, on the linear path. The mean squared
length of these lines splits into three parts, none negative (:eq:`eq-cost-split`): what is lost
where lines cross, how much the flow bends, and the squared distance it carries a point in the end.
"""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from diffusionbook.arguments import finite
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.losses import denoising_loss
from diffusionbook.samplers.grids import check_grid
from diffusionbook.samplers.loop import Stepper, trajectory
from diffusionbook.samplers.ode import Heun
from diffusionbook.shapes import Labels, Samples, check_samples
from diffusionbook.transport.reflow import Pairs, pair_loss


def straightness(
    model: Denoiser, noise: Samples, grid: Tensor, stepper: Stepper | None = None,
    y: Labels | None = None,
) -> Float[Tensor, " b"]:
    """How far each track is from a straight line at constant speed (:eq:`eq-straightness`).

    The mean over ``noise`` is Liu's S, summed over dimensions: 0 for a straight flow, and
    (2 - pi / 2) s a dimension for data N(0, s^2) on the linear path (:func:`gaussian_split`).
    The integral is the trapezium rule on the grid.

    Args:
        model: any denoiser that can be asked at every time of the grid, its end included.
        noise: (b, *d), the state at ``grid[0]``.
        grid: (n + 1,) decreasing times. Where it does not span [0, 1], the constant speed is that
            of the stretch it spans.
        stepper: the rule for one step; default: Heun.
        y: (b,) labels, passed to the model.

    Returns:
        (b,) the square of the velocity's distance from the mean velocity, averaged over time.

    Source: Liu et al., arXiv 2209.03003.
    """
    grid = check_grid(grid)
    states = [x for _, x in trajectory(stepper or Heun(), model, noise, grid, y=y)]
    mean = (states[0] - states[-1]) / float(grid[0] - grid[-1])
    off = torch.stack([
        (model(x, t, y).velocity - mean).flatten(1).square().sum(1)
        for x, t in zip(states, grid, strict=True)
    ])
    return torch.trapezoid(off.double(), grid / (grid[-1] - grid[0]), dim=0)


def detour(
    model: Denoiser, noise: Samples, grid: Tensor, stepper: Stepper | None = None,
    y: Labels | None = None,
) -> Float[Tensor, " b"]:
    """The length of each track over the distance of its ends, 1 for a straight one; (b,)."""
    states = [x.flatten(1) for _, x in trajectory(stepper or Heun(), model, noise, grid, y=y)]
    length = torch.stack(states).diff(dim=0).norm(dim=-1).sum(0)
    return length / (states[0] - states[-1]).norm(dim=1)


def crossing(
    model: Denoiser, x0: Samples, eps: Samples | None = None, y: Labels | None = None, *,
    generator: torch.Generator | None = None,
) -> float:
    """How much the lines through a place differ: the mean squared error of ``model``'s velocity.

    For the exact velocity this is the first term of :eq:`eq-cost-split`, and 0 only where no two
    lines cross. It is the least value that the flow-matching loss can take; another model's is
    larger by the mean squared distance of its velocity from the exact one (:eq:`eq-cfm-gap`).

    Args:
        model: any denoiser.
        x0: (b, *d) data.
        eps: (b, *d) the noise at the other end of each line; default: drawn independently.
        y: (b,) labels, passed to the model.
        generator: source of the times and, where it is drawn, of the noise.

    Returns:
        The squared error, summed over dimensions and averaged over samples and time.
    """
    if eps is None:
        loss = denoising_loss(model, x0, y, loss_in="velocity", generator=generator)
    else:
        loss = pair_loss(model, x0, eps, y, loss_in="velocity", generator=generator)
    return float(loss) * x0[0].numel()


def transport_cost(pairs: Pairs) -> float:
    """The mean squared distance between the ends of each pair, summed over dimensions.

    Raises:
        ValueError: there is no pair.
    """
    check_samples("x0", pairs.x0)
    return float((pairs.eps - pairs.x0).flatten(1).square().sum(1).mean())


def gaussian_split(stds: Sequence[float]) -> tuple[float, float, float]:
    """The three parts of :eq:`eq-cost-split` for Gaussian data on the linear path, exactly.

    Along each axis of standard deviation s (:eq:`eq-gaussian-split`): crossing pi s / 2, bending
    (2 - pi / 2) s, and carrying (1 - s)^2. Their sum is 1 + s^2.

    Args:
        stds: of the data along its axes; the mean is 0.

    Returns:
        (crossing, bending, carrying).

    Raises:
        ValueError: one of ``stds`` is negative or not finite.
    """
    if not all(s >= 0 for s in stds):
        raise ValueError(f"stds must not be negative; they are {list(stds)}")
    finite("stds", *stds)
    total = math.fsum(stds)
    bend = (2 - math.pi / 2) * total
    return math.pi / 2 * total, bend, math.fsum((1 - s) ** 2 for s in stds)
