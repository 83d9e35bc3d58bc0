"""What a Fréchet distance is when there is nothing to find: the floor that finite sets leave."""

import torch
from jaxtyping import Float
from torch import Tensor

from diffusionbook.arguments import whole
from diffusionbook.metrics.images import check_features, frechet_moments
from diffusionbook.shapes import Labels

Features = Float[Tensor, "m d"]


def predicted_floor(
    features: Features, n: int, beside: int | None = None, labels: Labels | None = None
) -> Tensor:
    """The mean squared Fréchet distance of two finite draws of one law, to first order in 1/n.

    Along the principal axes z of the features, with variances v: the means of n draws are off by
    v / n, and an error e of the covariance costs ½ Σ e_ij² / (v_i + v_j), where
    E e_ij² = Var(z_i z_j) / n. The variance of the products is measured, so the features need not
    be Gaussian; for a Gaussian it is v_i v_j, and twice that on the diagonal. The second set adds
    the same with its own number.

    With labels the n draws hold equally many of each class, as labelled samples do. Then only what
    varies within a class is noise, which may be much less, and if the law does not hold as many of
    each, that alone is a distance, whatever n is.

    Args:
        features: (m, d) draws of the law; many more than d.
        n: size of the one set, independent draws.
        beside: size of the other set; None compares with the law itself.
        labels: (m,) the classes of the features, if the n draws are balanced.

    Returns:
        A float64 scalar in features squared.

    Raises:
        ValueError: if ``features`` is no finite matrix of two or more rows, a size is below 1, or
            there is not one label for each row.
    """
    check_features({"features": features}, least=2)
    for name, size in (("n", n), ("beside", beside)):
        if size is not None:
            whole(name, size, least=1)
    if labels is not None and labels.shape != features.shape[:1]:
        raise ValueError(f"labels must have shape ({len(features)},); it has {tuple(labels.shape)}")
    centred = features.double() - features.double().mean(0)
    variances, axes = torch.linalg.eigh(centred.T @ centred / len(features))
    # Along an axis without variance nothing varies, so nothing is off.
    kept = variances > len(variances) * torch.finfo(torch.float64).eps * variances[-1]
    if not bool(kept.any()):
        return torch.zeros((), dtype=torch.float64)
    v, z = variances[kept], centred @ axes[:, kept]
    classes = torch.zeros(len(z)).long() if labels is None else labels
    _, which = classes.unique(return_inverse=True)
    shares = which.bincount().double() / len(which)
    each = torch.stack([_noise(z[which == k], v) for k in range(len(shares))])
    floor = each.mean() / n + (shares @ each / beside if beside else 0)
    if len(shares) > 1:
        weights = (1 / shares)[which] / len(shares) / len(which)
        off = z - weights @ z
        floor = floor + frechet_moments(
            weights @ z, (off.T * weights) @ off, torch.zeros_like(v), v.diag())
    return floor


def _noise(z: Tensor, v: Tensor) -> Tensor:
    """What one draw of these points adds, in axes in which the law has variances v: (m, d), (d,)"""
    squares = z.square()
    products = squares.T @ squares / len(z) - (z.T @ z / len(z)).square()
    means = squares.mean(0) - z.mean(0).square()
    return means.sum() + (products / (v[:, None] + v)).sum() / 2
