"""What a linear predictor loses if its rank may only be small, as that of a network with a narrow
layer is.

Among all W of rank r, ``E |y - W x|²`` is least where W keeps of the best predictor C_yx C_x⁻¹ the
r directions of y in which the prediction varies most. What is lost beside the best predictor are
the variances of the others: the eigenvalues of C_yx C_x⁻¹ C_xy beyond the r largest. This is
reduced rank regression (Izenman 1975).
"""

import torch
from jaxtyping import Float
from torch import Tensor

from diffusionbook.arguments import all_finite, inside, whole
from diffusionbook.paths.gaussian import GaussianPath
from diffusionbook.prediction import Param, coefficients


def excess(
    cov_yx: Float[Tensor, "d n"], cov_x: Float[Tensor, "n n"], rank: int
) -> float:
    """The squared error of the best predictor of this rank, less that of the best of all
    (:eq:`eq-small-rank`).

    Args:
        cov_yx: (d, n), the covariance of what is predicted with what is seen.
        cov_x: (n, n), of what is seen; symmetric and positive definite.
        rank: at most, from 0 on.

    Raises:
        ValueError: ``rank`` is no whole number from 0 on, the sizes do not match, or a covariance
            is not finite, or ``cov_x`` not symmetric or not positive definite.
    """
    whole("rank", rank, least=0)
    all_finite("cov_yx", cov_yx)
    all_finite("cov_x", cov_x)
    n = cov_yx.shape[-1]
    if cov_x.shape != (n, n) or not torch.allclose(cov_x, cov_x.mT):
        raise ValueError(f"cov_x must be a symmetric matrix of {n} rows, as many as cov_yx has "
                         f"columns; its shape is {tuple(cov_x.shape)}")
    root, failed = torch.linalg.cholesky_ex(cov_x.double())
    if failed:
        raise ValueError("cov_x must be positive definite")
    whitened = torch.linalg.solve_triangular(root, cov_yx.double().mT, upper=False)
    return float(torch.linalg.svdvals(whitened)[rank:].square().sum())


def excess_on_subspace(
    param: Param, path: GaussianPath, t: float, dims: int, data_dims: int, rank: int
) -> float:
    """:func:`excess` for noisy data of unit covariance on a subspace, by formula
    (:eq:`eq-rank-subspace`).

    The prediction y = p x0 + q eps varies by (p alpha + q sigma)² / (alpha² + sigma²) along each
    axis of the subspace, and by q² along each of the others: of these the largest are kept.

    Args:
        param: what is predicted, a row (p, q) of the prediction table.
        path: of the noisy point.
        t: its time, in (0, 1].
        dims: of the space, such as the pixels of a patch.
        data_dims: of the subspace, 0 … ``dims``.
        rank: of the predictor at most, from 0 on.

    Raises:
        ValueError: a number is out of its range, or the row is not finite at t.
    """
    whole("dims", dims, least=1)
    whole("data_dims", data_dims, least=0)
    whole("rank", rank, least=0)
    if data_dims > dims:
        raise ValueError(f"data_dims must be at most dims = {dims}; it is {data_dims}")
    inside("t", t, 0, 1)
    if t == 0:
        raise ValueError("t must be above 0, where there is noise; it is 0")
    c = path.at(t, torch.zeros(1, dtype=torch.float64))
    p, q = coefficients(param, c)
    within = (p * c.alpha + q * c.sigma) ** 2 / (c.alpha**2 + c.sigma**2)
    variances = torch.cat([within.reshape(1).expand(data_dims),
                           (q**2).reshape(1).expand(dims - data_dims)])
    all_finite("param", variances)
    return float(variances.sort(descending=True).values[rank:].sum())
