"""Maps and costs between Gaussians, where every question of the chapter has a formula.

Means move by their difference and add its square to the cost, so all laws here are centred, given
by their covariances.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from diffusionbook.arguments import all_finite, positive, whole
from diffusionbook.transport.optimal.checks import check_same_size, masses

Covariance = Float[Tensor, "d d"]


def root(name: str, a: Covariance) -> Covariance:
    """The symmetric positive root of a covariance, (d, d) float64.

    Raises:
        ValueError: ``a`` is not square, not finite, not symmetric, or not positive definite; the
            message calls it ``name``.
    """
    if a.ndim != 2 or a.shape[0] != a.shape[1] or not len(a):
        raise ValueError(f"{name} must have shape (d, d); it has {tuple(a.shape)}")
    all_finite(name, a)
    a = a.double()
    off = float((a - a.mT).abs().max())
    if off > 1e-9 * float(a.abs().max()):
        raise ValueError(f"{name} must be symmetric; an entry differs from its mirror image by "
                         f"{off:g}")
    values, axes = torch.linalg.eigh((a + a.mT) / 2)
    if not float(values[0]) > 0:
        raise ValueError(f"{name} must be positive definite; an eigenvalue is "
                         f"{float(values[0]):g}")
    return axes * values.sqrt() @ axes.mT


def symmetric_product(a: Covariance, b: Covariance) -> tuple[Covariance, Covariance]:
    """The root of a, and this root times b times this root; (d, d) float64.

    Raises:
        ValueError: a covariance is not one, or the two differ in size.
    """
    root_a = root("a", a)
    check_same_size(a, b)
    root("b", b)
    return root_a, _symmetric(root_a @ b.double() @ root_a)


def bures_map(a: Covariance, b: Covariance) -> Covariance:
    r"""The symmetric T with T a T = b: the optimal map from N(0, a) to N(0, b)
    (:eq:`eq-bures-map`).

    Args:
        a: (d, d) positive definite.
        b: (d, d) positive definite.

    Raises:
        ValueError: a covariance is not one, or the two differ in size.

    Source: Peyré and Cuturi, arXiv 1803.00567, remark 2.31.
    """
    root_a, product = symmetric_product(a, b)
    inverse = torch.linalg.inv(root_a)
    return inverse @ root("b", product) @ inverse


def bures_cost(a: Covariance, b: Covariance) -> float:
    """The squared 2-Wasserstein distance between N(0, a) and N(0, b) (:eq:`eq-bures`).

    No flow from one to the other spends less kinetic energy (:eq:`eq-benamou-brenier`).

    Raises:
        ValueError: as :func:`bures_map`.
    """
    _, product = symmetric_product(a, b)
    return float((a + b).double().trace() - 2 * root("b", product).trace())


def barycentre(
    covariances: Float[Tensor, "k d d"], weights: Float[Tensor, " k"] | None = None, *,
    tolerance: float = 1e-12, most: int = 1_000,
) -> Covariance:
    r"""The Gaussian whose weighted mean squared distance to k others is least
    (:eq:`eq-barycentre`).

    Args:
        covariances: (k, d, d) positive definite.
        weights: (k,) positive, with sum 1; default: equal ones.
        tolerance: it stops when a step moves no entry by more, relative to the largest.
        most: iterations.

    Raises:
        ValueError: a covariance or the weights are not what they should be, ``tolerance`` is not
            positive and finite, or ``most`` < 1.
        RuntimeError: it still moves after ``most`` iterations.

    Source: Álvarez-Esteban et al., arXiv 1511.05355, for the iteration.
    """
    if covariances.ndim != 3 or not len(covariances):
        raise ValueError(f"covariances must have shape (k, d, d); it has "
                         f"{tuple(covariances.shape)}")
    positive("tolerance", tolerance)
    whole("most", most, least=1)
    shares = masses("weights", weights, len(covariances))
    for each in covariances:
        root("covariances", each)
    covs = covariances.double()
    found = torch.einsum("k,kij->ij", shares, covs)
    for _ in range(most):
        half = root("covariances", found)
        inverse = torch.linalg.inv(half)
        middle = sum(w * root("covariances", _symmetric(half @ c @ half))
                     for w, c in zip(shares, covs, strict=True))
        following = _symmetric(inverse @ middle @ middle @ inverse)
        moved = float((following - found).abs().max() / found.abs().max())
        found = following
        if moved < tolerance:
            return found
    raise RuntimeError(f"most: after {most} iterations the barycentre still moves by {moved:.3g}; "
                       f"allow more of them, or a larger tolerance")


def _symmetric(a: Tensor) -> Tensor:
    return (a + a.mT) / 2
