"""How far two sets of images are apart in a feature space, and how many carry the right label.

A set is a matrix of features, one row an image. Which network made the features decides what a
number means: numbers from two networks are not comparable, and the name FID belongs to Inception's.
Metrics of nearest neighbours are in :mod:`diffusionbook.metrics.regions`.
"""

from collections.abc import Mapping

import torch
from jaxtyping import Float, Int
from torch import Tensor

from diffusionbook.arguments import all_finite, whole

Features = Float[Tensor, "n d"]
OtherFeatures = Float[Tensor, "m d"]
Mean = Float[Tensor, " d"]
Covariance = Float[Tensor, "d d"]

BLOCK = 2**21  # entries of a matrix of pairs held at once: 16 MB in float64


def check_features(sets: Mapping[str, Tensor], least: int) -> None:
    """Refuse sets that are no (n, d) matrices of finite numbers with one d and n >= ``least``.

    Raises:
        ValueError: it names the set.
    """
    whole("least", least, least=1)
    for name, x in sets.items():
        if x.ndim != 2 or x.shape[1] < 1:
            raise ValueError(
                f"{name} must have shape (n, d), one row per image; it has shape {tuple(x.shape)}"
            )
        if len(x) < least:
            raise ValueError(f"{name} must hold {least} or more rows; it holds {len(x)}")
        all_finite(name, x)
    if len({x.shape[1] for x in sets.values()}) > 1:
        sizes = ", ".join(f"{name} has {x.shape[1]}" for name, x in sets.items())
        raise ValueError(f"all sets must have the same number of features; {sizes}")


def _factor(name: str, cov: Covariance) -> Tensor:
    """B with cov = B Bᵀ, one column for each direction whose variance is not 0."""
    slack = 10 * len(cov) * torch.finfo(cov.dtype).eps * float(cov.abs().max())
    cov = cov.double()
    skew = float((cov - cov.T).abs().max())
    if skew > slack:
        raise ValueError(f"{name} must be symmetric; it is off by {skew:.3g}")
    variances, axes = torch.linalg.eigh(cov)
    if variances[0] < -slack:
        raise ValueError(
            f"{name} must have no negative eigenvalue; its smallest is {variances[0]:.3g}"
        )
    noise = len(cov) * torch.finfo(cov.dtype).eps * variances[-1]
    kept = variances > noise  # the square root of rounding noise would no longer be small
    return axes[:, kept] * variances[kept].sqrt()


def frechet_moments(mean_x: Mean, cov_x: Covariance, mean_y: Mean, cov_y: Covariance) -> Tensor:
    """Squared Fréchet distance between two Gaussians (:eq:`eq-frechet`), in float64.

    The trace of (C_x^{1/2} C_y C_x^{1/2})^{1/2} is the sum of the singular values of B_xᵀ B_y,
    where C = B Bᵀ. In this form the rounding noise of a singular covariance (fewer images than
    features) never goes through a square root, which would make 1e-8 of 1e-16.

    Args:
        mean_x: (d,) features.
        cov_x: (d, d) features squared; symmetric, no negative eigenvalue.
        mean_y: (d,) features.
        cov_y: (d, d) features squared.

    Returns:
        A scalar >= 0 in features squared: like the field, the square and not its root.

    Raises:
        ValueError: if shapes do not fit, an entry is not finite, or a matrix is no covariance.

    Source: Dowson & Landau, Journal of Multivariate Analysis 12 (1982).
    """
    d = mean_x.numel()
    for name, z, shape in (
        ("mean_x", mean_x, (d,)),
        ("cov_x", cov_x, (d, d)),
        ("mean_y", mean_y, (d,)),
        ("cov_y", cov_y, (d, d)),
    ):
        if z.shape != shape:
            raise ValueError(f"{name} must have shape {shape}; it has shape {tuple(z.shape)}")
        all_finite(name, z)
    overlap = torch.linalg.svdvals(_factor("cov_x", cov_x).T @ _factor("cov_y", cov_y)).sum()
    spread = cov_x.double().trace() + cov_y.double().trace() - 2 * overlap
    shift = (mean_x.double() - mean_y.double()).square().sum()
    return (shift + spread).clamp(min=0)  # 0 may round to -1e-16


def frechet(x: Features, y: OtherFeatures) -> Tensor:
    """Squared Fréchet distance of the Gaussians with the sets' moments (:eq:`eq-frechet`).

    It sees means and covariances only, and it is biased upwards: two finite draws of one law are
    not at distance 0. Compare values at equal n, with that of real against real as the floor.

    Args:
        x: (n, d) features, n >= 2; the covariance divides by n - 1.
        y: (m, d) features, m >= 2.

    Returns:
        A float64 scalar >= 0 in features squared.

    Raises:
        ValueError: if a set is too small or not finite, or their numbers of features differ.

    Source: Heusel et al., 2017 (arXiv:1706.08500), with Inception's features.
    """
    check_features({"x": x, "y": y}, least=2)
    moments = []
    for z in (x.double(), y.double()):
        centred = z - z.mean(0)
        moments += [z.mean(0), centred.T @ centred / (len(z) - 1)]
    return frechet_moments(*moments)


def _kernel_sum(a: Features, b: OtherFeatures) -> Tensor:
    """The sum of (aᵢ·bⱼ / d + 1)³ over all pairs, a block of rows at a time."""
    rows = max(1, BLOCK // len(b))
    blocks = [(part @ b.T / a.shape[1] + 1).pow(3).sum() for part in a.split(rows)]
    return torch.stack(blocks).sum()


def kid(x: Features, y: OtherFeatures) -> Tensor:
    """Kernel distance: unbiased squared MMD, kernel (a·b / d + 1)³ (:eq:`eq-kid`).

    Unbiased means that for two independent draws of one law it is 0 on average at any n, so it can
    be negative. Sets with equally many of each class are no such draws: with nothing to find they
    score below 0. The whole sets are used, not the mean over random subsets that many libraries
    report. The kernel sees moments up to the third.

    Args:
        x: (n, d) features, n >= 2.
        y: (m, d) features, m >= 2.

    Returns:
        A float64 scalar without unit.

    Raises:
        ValueError: if a set is too small or not finite, or their numbers of features differ.

    Source: Bińkowski et al., 2018 (arXiv:1801.01401), with Inception's features.
    """
    check_features({"x": x, "y": y}, least=2)
    x, y = x.double(), y.double()

    def within(z: Features) -> Tensor:
        n, d = z.shape
        itself = (z.square().sum(1) / d + 1).pow(3).sum()
        return (_kernel_sum(z, z) - itself) / (n * (n - 1))

    return within(x) + within(y) - 2 * _kernel_sum(x, y) / (len(x) * len(y))


def label_accuracy(logits: Float[Tensor, "n c"], labels: Int[Tensor, " n"]) -> Tensor:
    """The share of images whose largest logit is that of their label.

    For a conditional model: a classifier's logits of the samples, and the labels asked for.

    Args:
        logits: (n, c), n >= 1.
        labels: (n,) integers in 0 … c - 1.

    Returns:
        A float64 scalar in [0, 1].

    Raises:
        ValueError: if shapes do not fit, a logit is not finite, or a label is out of range.
    """
    check_features({"logits": logits}, least=1)
    n, classes = logits.shape
    if labels.shape != (n,):
        raise ValueError(f"labels must have shape ({n},); they have shape {tuple(labels.shape)}")
    if labels.min() < 0 or labels.max() >= classes:
        raise ValueError(
            f"labels must lie in 0 … {classes - 1}; they span {labels.min()} … {labels.max()}"
        )
    return (logits.argmax(1) == labels).double().mean()
