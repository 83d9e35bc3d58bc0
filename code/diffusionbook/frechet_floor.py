"""What a Fréchet distance is when there is nothing to find: the floor that finite sets leave."""

import torch
from jaxtyping import Float
from torch import Tensor

from diffusionbook.arguments import whole
from diffusionbook.image_metrics import check_features

Features = Float[Tensor, "m d"]


def predicted_floor(features: Features, n: int, beside: int | None = None) -> Tensor:
    """The mean squared Fréchet distance of two finite draws of one law, to first order in 1/n.

    Along the principal axes z of the features, with variances v: the means of n draws are off by
    v / n, and an error e of the covariance costs ½ Σ e_ij² / (v_i + v_j), where
    E e_ij² = Var(z_i z_j) / n. The variance of the products is measured, so the features need not
    be Gaussian; for a Gaussian it is v_i v_j, and twice that on the diagonal. The second set adds
    the same with its own number.

    Args:
        features: (m, d) draws of the law; many more than d.
        n: size of the one set, independent draws; class-balanced draws lie a little lower.
        beside: size of the other set; None compares with the law itself.

    Returns:
        A float64 scalar in features squared.

    Raises:
        ValueError: if ``features`` is no finite matrix of two or more rows, or a size is below 1.
    """
    check_features({"features": features}, least=2)
    for name, size in (("n", n), ("beside", beside)):
        if size is not None:
            whole(name, size, least=1)
    centred = features.double() - features.double().mean(0)
    variances, axes = torch.linalg.eigh(centred.T @ centred / len(features))
    # Along an axis without variance nothing varies, so nothing is off.
    kept = variances > len(variances) * torch.finfo(torch.float64).eps * variances[-1]
    v, squares = variances[kept], (centred @ axes[:, kept]).square()
    products = squares.T @ squares / len(squares) - v.square().diag()
    each = v.sum() + (products / (v[:, None] + v)).sum() / 2
    return each * (1 / n + (1 / beside if beside else 0))
