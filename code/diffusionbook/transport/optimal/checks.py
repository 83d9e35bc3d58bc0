"""What the modules of this folder ask of tables, masses and covariances."""

import torch
from jaxtyping import Float
from torch import Tensor

from diffusionbook.arguments import all_finite

Cost = Float[Tensor, "n m"]
Weights = Float[Tensor, " _"]  # two lists of one function may differ in length


def check_table(name: str, table: Tensor) -> None:
    """Refuse what is no finite (n, m) table.

    Args:
        name: of the argument, for the message.
        table: costs or masses.

    Raises:
        ValueError: it has another shape, is empty, or holds NaN or an infinity.
    """
    if table.ndim != 2 or 0 in table.shape:
        raise ValueError(f"{name} must have shape (n, m), both at least 1; it has "
                         f"{tuple(table.shape)}")
    all_finite(name, table)


def masses(name: str, weights: Weights | None, n: int) -> Weights:
    """(n,) float64 masses of a marginal: equal ones for None, else ``weights`` themselves.

    They are not scaled in silence: two lists with different sums have no plan between them.

    Raises:
        ValueError: there is not one for each point, one is not positive, or they do not sum to 1.
    """
    if weights is None:
        return torch.full((n,), 1 / n, dtype=torch.float64)
    if weights.shape != (n,):
        raise ValueError(f"{name} must have shape ({n},), one mass for each point; it has "
                         f"{tuple(weights.shape)}")
    all_finite(name, weights)
    weights = weights.double()
    least, total = float(weights.detach().min()), float(weights.detach().sum())
    if not least > 0:
        raise ValueError(f"{name} must be positive; the smallest is {least}")
    if abs(total - 1) > 1e-6:
        raise ValueError(f"{name} must sum to 1; it sums to {total}")
    return weights / weights.sum()


def check_same_size(a: Tensor, b: Tensor) -> None:
    """Refuse covariances of different dimensions.

    Raises:
        ValueError: they are.
    """
    if b.shape != a.shape:
        raise ValueError(f"b must have the shape of a, {tuple(a.shape)}; it has {tuple(b.shape)}")
