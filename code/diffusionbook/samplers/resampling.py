r"""Weights of particles: how many they are worth, and who survives."""

import torch
from torch import Tensor

from diffusionbook.arguments import all_finite


def check_weights(weights: Tensor) -> None:
    """Refuse weights that are not finite or below 0, and rows that do not sum to 1.

    Raises:
        ValueError: they are one of these.
    """
    all_finite("weights", weights)
    if not weights.numel():
        raise ValueError(f"weights must not be empty; their shape is {tuple(weights.shape)}")
    sums = weights.sum(-1)
    if bool((weights < 0).any()) or bool(((sums - 1).abs() > 1e-5).any()):
        raise ValueError(f"weights must be 0 or more and sum to 1; the least is {weights.min():g} "
                         f"and they sum to {sums.flatten()[:3].tolist()}")


def effective(weights: Tensor) -> Tensor:
    """1 / sum of the squared weights: how many equal ones would do as well (:eq:`eq-ess`).

    It is n for equal weights and 1 if one particle has them all.

    Args:
        weights: (…, n), each row sums to 1.

    Returns:
        (…).

    Raises:
        ValueError: the weights are no such numbers.
    """
    check_weights(weights)
    return 1 / weights.square().sum(-1)


def systematic(weights: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """Which particles survive: (runs, n) indices into each row of ``weights``, (runs, n).

    One uniform number a row shifts a comb of n equal teeth over the cumulated weights. A particle
    of weight w is taken n w times on average, and never more than one away from that.

    Raises:
        ValueError: the weights are no rows of numbers that sum to 1.
    """
    check_weights(weights)
    if weights.ndim != 2:
        raise ValueError(f"weights must have shape (runs, n); it has {tuple(weights.shape)}")
    runs, n = weights.shape
    start = torch.rand(runs, 1, generator=generator, dtype=torch.float64, device=weights.device)
    teeth = (start + torch.arange(n, device=weights.device)) / n
    heights = weights.double().cumsum(1)
    return torch.searchsorted(heights / heights[:, -1:], teeth, right=True).clamp_max(n - 1)


def rows(which: Tensor, n: int) -> Tensor:
    """Indices into runs of n that lie one after the other, (runs, k), as rows, (runs · k,)."""
    return (which + n * torch.arange(len(which), device=which.device)[:, None]).flatten()
