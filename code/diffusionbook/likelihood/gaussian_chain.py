"""A chain on Gaussian data N(0, std^2), where the bound and the model's own law are numbers.

What the posterior variance costs depends on the times of the chain (:func:`posterior_ratios`);
what the model draws in the end is close to the data even where its bound is loose
(:func:`own_divergence`). The cost itself is
:func:`gaussian_gap <diffusionbook.likelihood.bound.gaussian_gap>`.
"""

import torch
from torch import Tensor
from torch.nn.functional import softplus

from diffusionbook.arguments import positive
from diffusionbook.likelihood.bound import Variance, posterior_variances
from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import GaussianPath


def chain_at(path: GaussianPath, times: Tensor) -> Chain:
    """The chain that reads a variance-preserving path at times of your own.

    Args:
        path: with alpha^2 + sigma^2 = 1.
        times: (T + 1,), increasing from 0; x_k of the chain is x_t of the path at ``times[k]``.
            The chain itself still calls that time k / T.

    Raises:
        ValueError: ``times`` is no such list, or ``path`` does not preserve variance.
    """
    t = torch.as_tensor(times, dtype=torch.float64)
    if t.ndim != 1 or len(t) < 2 or t[0] != 0 or not bool((t.diff() > 0).all()):
        raise ValueError(f"times must increase strictly from 0; they are {t.tolist()[:6]} …")
    if not torch.allclose(path.alpha(t) ** 2 + path.sigma(t) ** 2, torch.ones_like(t)):
        raise ValueError(f"path must keep alpha^2 + sigma^2 = 1; {path} does not")
    # -log(1 + 1 / SNR): exact near t = 0, where the logarithm of alpha^2 would cancel
    return Chain(-softplus(-path.log_snr(t), threshold=100))


def posterior_ratios(chain: Chain, std: float) -> Tensor:
    """(T - 1,): exact over posterior variance of the reverse steps k = 2 … T.

    It is (SNR_{k-1} + 1 / std^2) / (SNR_k + 1 / std^2) (:eq:`eq-gap-ratio`).

    Raises:
        ValueError: ``std`` is not positive and finite.
    """
    positive("std", std)
    ratios = torch.exp(chain.log_alpha_bar) / -torch.expm1(chain.log_alpha_bar)
    precision = ratios[1:] + std**-2
    return precision[:-1] / precision[1:]


def own_variance(chain: Chain, std: float, variance: Variance) -> float:
    """The variance of the x_0 that the model draws, with the exact denoiser (:eq:`eq-own-law`).

    Args:
        chain: its times.
        std: of the data.
        variance: of the reverse steps k = 2 … T, "beta" or "posterior"; the last has beta_1.

    Raises:
        ValueError: ``std`` is not positive and finite, or ``variance`` is unknown.
    """
    positive("std", std)
    if variance not in ("beta", "posterior"):
        raise ValueError(f"variance must be 'beta' or 'posterior'; it is {variance!r}")
    betas = chain.betas
    added = (betas if variance == "beta" else posterior_variances(chain)).clone()
    added[0] = betas[0]
    exact = chain.log_alpha_bar.exp() * std**2 - torch.expm1(chain.log_alpha_bar)
    kept = (1 - betas) * (exact[:-1] / exact[1:]) ** 2
    own = 1.0
    for factor, fresh in zip(kept.flip(0).tolist(), added.flip(0).tolist(), strict=True):
        own = factor * own + fresh
    return own


def own_divergence(chain: Chain, std: float, variance: Variance) -> float:
    """KL(data || the model's x_0) for data N(0, std^2), in nats per dimension.

    Arguments and errors are those of :func:`own_variance`.
    """
    ratio = torch.tensor(std**2 / own_variance(chain, std, variance), dtype=torch.float64)
    return float((ratio - 1 - ratio.log()) / 2)
