"""How far below the log-likelihood is the bound, when the denoiser is exact?

The gap of the evidence lower bound on the spiral, in nats per dimension, for chains of T = 100 …
1600 steps and both variances of the reverse step. Nothing is trained: the seeds are of the data
and the noise.
"""

import torch
from torch import Tensor

from diffusionbook.data.toy import spiral_mixture
from diffusionbook.denoise import AnalyticDenoiser
from diffusionbook.likelihood import Elbo, elbo, posterior_variances
from diffusionbook.paths import VP, DiscretePath
from diffusionbook.shapes import seeded

SEEDS = (0, 1, 2, 3, 4)
RECIPES = ()
CHAINS = (100, 200, 400, 800, 1600)
SAMPLES = 4_000


@torch.no_grad()
def gaps(steps: int, seed: int, samples: int = SAMPLES) -> dict[str, Tensor]:
    """log p(x0) minus the bound, in nats per dimension, for each of ``samples`` draws of x0.

    Both variances, and all numbers of steps, see the same x0; the two variances see the same
    noise, too.

    Returns:
        ``posterior`` and ``beta``, (samples,) each. A single value may be negative: it has one
        draw of the noise, and only the mean over noise is a bound.
    """
    mixture, chain = spiral_mixture(), DiscretePath.from_path(VP(), steps)
    x0 = mixture.sample(samples, seeded(1_000_000 + seed))
    bound = elbo(AnalyticDenoiser(mixture, chain), x0, variance="posterior", generator=seeded(seed))
    bounds = {"posterior": bound, "beta": with_variance_beta(bound, chain, mixture.dim)}
    return {name: (mixture.log_prob(x0) - b.total) / mixture.dim for name, b in bounds.items()}


def with_variance_beta(bound: Elbo, chain: DiscretePath, dim: int) -> Elbo:
    """The bound for the reverse variance beta_k from the one for the posterior variance.

    In the divergence of a step (:eq:`eq-step-kl`) the variance enters through the ratio r of the
    two alone, so the model need not be asked again.
    """
    r = (posterior_variances(chain) / chain.betas)[1:, None]
    steps = r * bound.steps + dim / 2 * (r - 1 - r.log())
    return Elbo(bound.reconstruction, steps, bound.prior)


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """The mean gaps of one seed; keys like ``beta T=100``."""
    return {
        f"{variance} T={steps}": float(values.mean())
        for steps in CHAINS
        for variance, values in gaps(steps, seed).items()
    }
