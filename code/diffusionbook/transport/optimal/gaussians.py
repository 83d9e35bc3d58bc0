"""Transport between Gaussians, where every question of the chapter has a formula.

Means move by their difference and add its square to the cost, so all laws here are centred, given
by their covariances.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from diffusionbook.arguments import all_finite, inside, positive, whole
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
    root_a = root("a", a)
    check_same_size(a, b)
    root("b", b)
    inverse = torch.linalg.inv(root_a)
    return inverse @ root("b", _symmetric(root_a @ b.double() @ root_a)) @ inverse


def bures_cost(a: Covariance, b: Covariance) -> float:
    """The squared 2-Wasserstein distance between N(0, a) and N(0, b) (:eq:`eq-bures`).

    No flow from one to the other spends less kinetic energy (:eq:`eq-benamou-brenier`).

    Raises:
        ValueError: as :func:`bures_map`.
    """
    root_a = root("a", a)
    check_same_size(a, b)
    root("b", b)
    middle = root("b", _symmetric(root_a @ b.double() @ root_a))
    return float((a + b).double().trace() - 2 * middle.trace())


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


def line_energy(std: float) -> float:
    """The kinetic energy of the flow that learns from *independent* pairs of N(0, 1) and
    N(0, std²), on the linear path (:eq:`eq-line-energy`).

    The least energy that does the same is (1 − std)².

    Raises:
        ValueError: ``std`` is not positive and finite.
    """
    positive("std", std)
    return 1 + std**2 - std * math.pi / 2


def entropic_cross(a: Covariance, b: Covariance, epsilon: float) -> Covariance:
    r"""E[x yᵀ] under the entropic plan between N(0, a) and N(0, b) (:eq:`eq-entropic-gaussian`).

    Args:
        a: (d, d) positive definite.
        b: (d, d) positive definite.
        epsilon: the temperature, in units of the squared distance.

    Raises:
        ValueError: as :func:`bures_map`, or ``epsilon`` is not positive and finite.

    Source: Janati et al., arXiv 2006.02572.
    """
    positive("epsilon", epsilon)
    root_a = root("a", a)
    check_same_size(a, b)
    root("b", b)
    eye = torch.eye(len(a), dtype=torch.float64)
    inner = 4 * root_a @ b.double() @ root_a + epsilon**2 / 4 * eye
    middle = root("b", _symmetric(inner))
    return root_a @ middle @ torch.linalg.inv(root_a) / 2 - epsilon / 4 * eye


def entropic_value(a: Covariance, b: Covariance, epsilon: float) -> float:
    """The least ``E|x − y|² + epsilon KL`` between the two (:eq:`eq-entropic-value`).

    Raises:
        ValueError: as :func:`entropic_cross`.
    """
    cross = entropic_cross(a, b, epsilon)
    a, b = a.double(), b.double()
    eye = torch.eye(len(a), dtype=torch.float64)
    left = eye - torch.linalg.solve(a, cross) @ torch.linalg.solve(b, cross.mT)
    return float((a + b).trace() - 2 * cross.trace() - epsilon / 2 * left.logdet())


def fitted_variance(variance: float, epsilon: float) -> float:
    """The variance of the Gaussian on a line that is *entropically* nearest to N(0, variance):
    it is too small, and 0 from epsilon = 2 · variance on (:eq:`eq-entropic-collapse`).

    Raises:
        ValueError: a number is not positive and finite.
    """
    positive("variance", variance)
    positive("epsilon", epsilon)
    return max(variance - epsilon / 2, 0.0)


def minibatch_correlation(n: int) -> float:
    """The mean of x y when n draws of N(0, 1) and n others are paired by rank (:eq:`eq-minibatch`).

    It is the mean square of the expected order statistics, which are integrals over a Beta law;
    the trapezium rule is exact here to rounding.

    Args:
        n: how many there are in a batch, up to 100,000.

    Raises:
        ValueError: ``n`` is below 1, above 100,000, or no whole number.
    """
    whole("n", n, least=1)
    inside("n", n, 1, 100_000)
    z = torch.linspace(-12, 12, 4_801, dtype=torch.float64)
    below, above = torch.special.log_ndtr(z), torch.special.log_ndtr(-z)
    density = -(z**2) / 2 - math.log(2 * math.pi) / 2
    total = 0.0
    for ranks in torch.arange(1, n + 1, dtype=torch.float64).split(512):
        k = ranks[:, None]
        ways = math.lgamma(n + 1) - torch.lgamma(k) - torch.lgamma(n + 1 - k)
        chance = (ways + density + (k - 1) * below + (n - k) * above).exp()
        total += float(torch.trapezoid(z * chance, z, dim=1).square().sum())
    return total / n


def minibatch_cost(n: int) -> float:
    """The mean squared length of these pairs' lines, 2 (1 − correlation); 0 would be optimal.

    Raises:
        ValueError: as :func:`minibatch_correlation`.
    """
    return 2 * (1 - minibatch_correlation(n))


def _symmetric(a: Tensor) -> Tensor:
    return (a + a.mT) / 2
