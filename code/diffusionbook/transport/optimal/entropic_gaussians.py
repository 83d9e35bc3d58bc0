"""Entropic plans between centred Gaussians, given by their covariances: they are Gaussian too."""

import torch

from diffusionbook.arguments import positive
from diffusionbook.transport.optimal.gaussians import Covariance, root, symmetric_product


def entropic_cross(a: Covariance, b: Covariance, epsilon: float) -> Covariance:
    r"""E[x yᵀ] under the entropic plan between N(0, a) and N(0, b) (:eq:`eq-entropic-gaussian`).

    Args:
        a: (d, d) positive definite.
        b: (d, d) positive definite.
        epsilon: the temperature, in units of the squared distance.

    Raises:
        ValueError: a covariance is not one, the two differ in size, or ``epsilon`` is not positive
            and finite.

    Source: Janati et al., arXiv 2006.02572.
    """
    positive("epsilon", epsilon)
    root_a, product = symmetric_product(a, b)
    eye = torch.eye(len(a), dtype=torch.float64)
    middle = root("b", 4 * product + epsilon**2 / 4 * eye)
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
