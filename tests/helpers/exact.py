"""Exact answers that share no code with the package: densities, integrals, affine steps."""

import math
from functools import partial

import numpy as np
import torch
from torch.distributions import Categorical, MixtureSameFamily, MultivariateNormal

from diffusionbook.randomness import seeded

f64 = partial(torch.tensor, dtype=torch.float64)  # torch.tensor(0.1) alone would be float32


def density(weights, means, covs) -> MixtureSameFamily:
    """The mixture with the given numbers, by torch.distributions."""
    return MixtureSameFamily(Categorical(weights), MultivariateNormal(means, covs))


def diffused(mixture, alpha, sigma) -> MixtureSameFamily:
    """The law of alpha x0 + sigma eps: each component by hand. alpha, sigma may carry gradients."""
    eye = torch.eye(mixture.means.shape[1], dtype=torch.float64)
    covs = alpha**2 * mixture.covs + sigma**2 * eye
    return density(mixture.weights, alpha * mixture.means, covs)


def gradient(function, x: torch.Tensor) -> torch.Tensor:
    """The gradient of sum(function(x)): for a function of each row, its gradient at each row."""
    x = x.detach().clone().requires_grad_()
    (g,) = torch.autograd.grad(function(x).sum(), x)
    return g


def plane(half_width: float = 6.0, n: int = 481) -> tuple[torch.Tensor, float]:
    """(n², 2) points of a square grid and the area of a cell; exact enough for smooth densities."""
    axis = torch.linspace(-half_width, half_width, n, dtype=torch.float64)
    return torch.cartesian_prod(axis, axis), float(axis[1] - axis[0]) ** 2


def gauss_hermite(n: int) -> tuple[torch.Tensor, torch.Tensor]:
    """(n,) nodes and weights: sums exact for a standard normal's moments up to 2 n - 1."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(n)
    return torch.from_numpy(nodes), torch.from_numpy(weights / math.sqrt(2 * math.pi))


def affine_step(stepper, model, t, s) -> tuple[float, float, float]:
    """(a, b, c) with x_s = a x_t + b + c z, found by probing the step; z is its noise draw."""
    x = torch.tensor([[-1.0], [0.0], [0.5], [1.0], [2.0]], dtype=torch.float64)
    out, _ = stepper.step(model, x, t, s, generator=seeded(7))
    z = torch.randn(x.shape, generator=seeded(7), dtype=torch.float64)
    columns = torch.cat([x, torch.ones_like(x), z], 1)
    solution = torch.linalg.lstsq(columns, out).solution
    assert (columns @ solution - out).abs().max() < 1e-10, "the step is not affine in x and noise"
    return tuple(solution.flatten().tolist())


def slopes(steps: list[int], errors: list[float]) -> list[float]:
    """Observed orders: minus the slope of log error over log steps, between neighbours."""
    log = np.log(np.array(errors)), np.log(np.array(steps, dtype=float))
    return (-np.diff(log[0]) / np.diff(log[1])).tolist()
