"""Ways from one noise to another that pass through noise only.

A straight line between two independent draws of N(0, I) leaves their law: half way it holds half
the variance, so its points are too short by a factor of √2, and no model was trained on them.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from diffusionbook.arguments import all_finite
from diffusionbook.shapes import check_samples


def mixed(
    noises: Float[Tensor, "k *d"], weights: Float[Tensor, "n k"]
) -> Float[Tensor, "n *d"]:
    r"""Weighted sums of noises, each divided by the root of its squared weights: noise again.

    A weighted sum of independent draws of N(0, I) has the variance Σ w². Divided by its root it is
    a draw of N(0, I), for all weights that are chosen without a look at them (:eq:`eq-noise-mix`).
    For two noises of one length it runs along the arc of *spherical interpolation*, at another
    speed: where they are at right angles, shares 1 - r and r lead to the angle arctan(r / (1 - r)).

    Args:
        noises: (k, *d) independent draws.
        weights: (n, k), a row for each mixture. Their size does not matter, only their ratios.

    Returns:
        (n, *d) in the dtype of ``noises``.

    Raises:
        ValueError: ``weights`` has another number of columns than there are noises, is not finite,
            or has a row of zeros.

    Source: White, arXiv 1609.04468, for spherical interpolation in the place of straight lines.
    """
    check_samples("noises", noises)
    all_finite("noises", noises)
    check_samples("weights", weights, len(noises))
    all_finite("weights", weights)
    largest = weights.double().abs().amax(1, keepdim=True)
    if not bool((largest > 0).all()):
        raise ValueError(f"weights must not be all 0 in a row; row {int(largest.argmin())} is "
                         f"{weights[int(largest.argmin())].tolist()}")
    shares = weights.double() / largest  # whose squares are neither lost nor infinite
    shares = shares / shares.square().sum(1, keepdim=True).sqrt()
    return torch.tensordot(shares.to(noises), noises, 1)


def corner_weights(across: Float[Tensor, " n"], down: Float[Tensor, " n"]) -> Float[Tensor, "n 4"]:
    """How much of each corner is at a place of a square: upper left, upper right, lower left, lower
    right. They sum to 1.

    Args:
        across: (n,) shares of the way from left to right, in [0, 1].
        down: (n,) shares of the way from top to bottom, in [0, 1].

    Raises:
        ValueError: a share is outside [0, 1], or the two differ in shape.
    """
    for name, shares in (("across", across), ("down", down)):
        if shares.ndim != 1 or len(shares) != len(across) or not len(shares):
            raise ValueError(f"{name} must have shape (n,), as across and down both have; it has "
                             f"{tuple(shares.shape)}")
        if not bool(((shares >= 0) & (shares <= 1)).all()):
            wrong = shares[~((shares >= 0) & (shares <= 1))]
            raise ValueError(f"{name} must lie in [0, 1]; it holds {float(wrong[0])}")
    return torch.stack([(1 - across) * (1 - down), across * (1 - down), (1 - across) * down,
                        across * down], 1)
