"""How far below the log-likelihood is the bound, when the denoiser is exact?

The gap of the evidence lower bound on the spiral, in nats per dimension, for chains of T = 100 …
1600 steps and both variances of the reverse step. Nothing is trained: the seeds are of the data
and the noise.

:func:`gaps` is the plain estimate, point by point, with the package's bound. Its noise hides a gap
of 0.01, so :func:`mean_gaps` averages over x0 given x_k by a formula and leaves only x_k to chance.
"""

import math

import torch
from torch import Tensor

from diffusionbook.data.toy import spiral_mixture
from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.likelihood.bound import Elbo, elbo, posterior_variances
from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import VP
from diffusionbook.randomness import randn_like, seeded
from diffusionbook.shapes import Samples

SEEDS = (0, 1, 2, 3, 4)
RECIPES = ()
CHAINS = (100, 200, 400, 800, 1600)
EVALUATIONS = 1_000_000  # of the denoiser, for each chain
TINY = {"CHAINS": (6,), "EVALUATIONS": 60}


@torch.no_grad()
def gaps(steps: int, seed: int, samples: int) -> dict[str, Tensor]:
    """log p(x0) minus the bound, in nats per dimension, for each of ``samples`` draws of x0.

    Both variances, and all numbers of steps, see the same x0; the two variances see the same
    noise, too.

    Returns:
        ``posterior`` and ``beta``, (samples,) each. A single value may be negative: it has one
        draw of the noise, and only the mean over noise is a bound.
    """
    mixture, chain = spiral_mixture(), Chain.from_path(VP(), steps)
    x0 = mixture.sample(samples, seeded(1_000_000 + seed))
    bound = elbo(AnalyticDenoiser(mixture, chain), x0, variance="posterior", generator=seeded(seed))
    bounds = {"posterior": bound, "beta": with_variance_beta(bound, chain, mixture.dim)}
    return {name: (mixture.log_prob(x0) - b.total) / mixture.dim for name, b in bounds.items()}


def with_variance_beta(bound: Elbo, chain: Chain, dim: int) -> Elbo:
    """The bound for the reverse variance beta_k from the one for the posterior variance.

    In the divergence of a step (:eq:`eq-step-kl`) the variance enters through the ratio r of the
    two alone, so the model need not be asked again.
    """
    r = (posterior_variances(chain) / chain.betas)[1:, None]
    steps = r * bound.steps + dim / 2 * (r - 1 - r.log())
    return Elbo(bound.reconstruction, steps, bound.prior)


def mean_gaps(steps: int, seed: int, samples: int) -> dict[str, float]:
    """The mean of :func:`gaps` over data and noise, with far less noise of its own.

    Given x_k, the mean of ``|x0 - guess|^2`` is the spread of the posterior of x0, a formula; and
    the mean of log p(x0) is an integral in the plane.

    Args:
        steps: T.
        seed: of the x_k.
        samples: how many x_k for each k.
    """
    mixture, chain = spiral_mixture(), Chain.from_path(VP(), steps)
    model, generator, dim = AnalyticDenoiser(mixture, chain), seeded(seed), mixture.dim
    t = torch.arange(1, steps + 1, dtype=torch.float64) / steps

    def mean_error(t: Tensor) -> Tensor:
        x0 = mixture.sample(samples, generator)
        return spread(model, chain.interpolate(x0, randn_like(x0, generator), t), t).mean()

    error = torch.stack([mean_error(s) for s in t])
    snr, beta, last = chain.snr(t), chain.betas[0], chain.log_alpha_bar[-1]
    second_moment = mixture.cov().trace() + mixture.mean().square().sum()
    left = -torch.expm1(last)
    bound = Elbo(
        reconstruction=-(error[:1] / beta + dim * torch.log(2 * torch.pi * beta)) / 2,
        steps=((snr[:-1] - snr[1:]) / 2 * error[1:])[:, None],
        prior=(last.exp() * second_moment + dim * (left - 1 - left.log()))[None] / 2,
    )
    bounds = {"posterior": bound, "beta": with_variance_beta(bound, chain, dim)}
    return {
        name: (mean_log_prob(mixture) - float(b.total)) / dim for name, b in bounds.items()
    }


def spread(model: AnalyticDenoiser, x_t: Samples, t: Tensor) -> Tensor:
    """(b,): ``E[|x0 - E[x0 | x_t]|^2 | x_t]``, which is sigma^2 / alpha times the divergence of the
    posterior mean: Tweedie's formula, differentiated."""
    x_t = x_t.clone().requires_grad_()
    mean = model(x_t, t).x0
    divergence = torch.zeros(len(x_t), dtype=x_t.dtype)
    for i in range(x_t.shape[1]):
        (row,) = torch.autograd.grad(mean[:, i].sum(), x_t, retain_graph=True)
        divergence = divergence + row[:, i]
    return model.path.sigma(t) ** 2 / model.path.alpha(t) * divergence


def mean_log_prob(mixture: GaussianMixture, half_width: float = 3.0, cells: int = 400) -> float:
    """E[log p(x0)] for a mixture in the plane, in nats, by a sum over a square grid."""
    axis = torch.linspace(-half_width, half_width, cells, dtype=torch.float64)
    log_p = mixture.log_prob(torch.cartesian_prod(axis, axis))
    mass = log_p.exp() * float(axis[1] - axis[0]) ** 2
    if not math.isclose(float(mass.sum()), 1, abs_tol=1e-6):
        raise ValueError(f"half_width {half_width} or cells {cells} is too small for the mixture")
    return float((mass * log_p).sum())


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """The mean gaps of one seed; keys like ``beta T=100``."""
    return {
        f"{variance} T={steps}": gap
        for steps in CHAINS
        for variance, gap in mean_gaps(steps, seed, EVALUATIONS // steps).items()
    }
