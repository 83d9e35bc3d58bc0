"""R = noise_std^2 + A V A': how an observation is spread, given x_t, by the denoiser's own word.

V, the covariance of x0 given x_t, is sigma^2 / alpha times the Jacobian of the denoiser's guess.
"""

import torch
from torch import Tensor

from diffusionbook.guidance.observation import Observation
from diffusionbook.guidance.solve import conjugate_gradients
from diffusionbook.guidance.steering import Look
from diffusionbook.shapes import Samples


def solved(
    look: Look, observation: Observation, residual: Tensor, noise_std: float, tolerance: float,
    iterations: int, strict: bool,
) -> Tensor:
    """(b, m): R^-1 residual, by conjugate gradients; R is never written out.

    Raises:
        ValueError: where strict, if R cannot be solved for.
    """
    def apply(w: Tensor) -> Tensor:
        turned = observation.rows(look.pull(observation.back(w)))
        return noise_std**2 * w + look.sigma**2 / look.alpha * turned

    try:
        return conjugate_gradients(apply, residual, tolerance, iterations, strict)
    except ValueError as error:
        raise ValueError(f"model does not let R = noise_std^2 + A V A' be solved for: {error}"
                         ) from error


def whole_gradient(look: Look, observation: Observation, noise_std: float) -> Samples:
    """(b, *d): the gradient of log N(observed; A x0, R), where R, too, is a function of x_t.

    Raises:
        ValueError: if the symmetric part of R is not positive definite.
    """
    with torch.enable_grad():
        residual = observation.residual(look.x0)
        units = torch.eye(residual.shape[1]).to(residual)
        columns = [
            observation.rows(look.pull(observation.back(unit.expand_as(residual)), again=True))
            for unit in units
        ]
        seen = look.sigma[..., None]**2 / look.alpha[..., None] * torch.stack(columns, 2)
        root, failed = torch.linalg.cholesky_ex(noise_std**2 * units + (seen + seen.mT) / 2)
        if bool(failed.any()):
            raise ValueError("model must have a covariance that is positive semi-definite; R = "
                             "noise_std^2 + A V A' is not positive definite")
        white = torch.linalg.solve_triangular(root, residual[..., None], upper=False)
        log_determinant = root.diagonal(dim1=1, dim2=2).log().sum(1)
        value = -white.square().sum((1, 2)) / 2 - log_determinant
    return look.gradient(value)
