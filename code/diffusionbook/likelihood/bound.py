"""What a model says about data it is shown: bounds on its log-likelihood."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from diffusionbook.arguments import positive, whole
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.paths.chain import Chain
from diffusionbook.randomness import randn_like
from diffusionbook.shapes import Samples, check_samples

Variance = Literal["beta", "posterior"]


@dataclass(frozen=True)
class Elbo:
    """The terms of the bound (:eq:`eq-elbo`), each in nats and for each sample."""

    reconstruction: Tensor  # (b,): log p(x0 | x_1)
    steps: Tensor  # (T - 1, b): KL(q(x_{k-1} | x_k, x0) || p(x_{k-1} | x_k)), k = 2 … T
    prior: Tensor  # (b,): KL(q(x_T | x0) || N(0, I))

    @property
    def total(self) -> Tensor:
        """(b,) the evidence lower bound, at most log p(x0) on average over the noise."""
        return self.reconstruction - self.steps.sum(0) - self.prior


def posterior_variances(path: Chain) -> Tensor:
    """(T,): the variance of q(x_{k-1} | x_k, x0) for k = 1 … T (:eq:`eq-posterior-variance`).

    The first is 0: given x0, x_0 is known.
    """
    noise = -torch.expm1(path.log_alpha_bar)
    return path.betas * noise[:-1] / noise[1:]


def step_kl(path: Chain, k: int, x0: Samples, guess: Samples, variance: Variance) -> Tensor:
    """KL(q(x_{k-1} | x_k, x0) || p(x_{k-1} | x_k)) when the model guesses x0 (:eq:`eq-step-kl`).

    Args:
        path: the chain.
        k: the step, 2 … T.
        x0: (b, *d) the truth.
        guess: (b, *d) the model's prediction of x0 from x_k.
        variance: of p: "beta" for beta_k, "posterior" for the variance of q.

    Returns:
        (b,) nats.

    Raises:
        ValueError: if ``k`` is not in 2 … T, or ``variance`` is unknown.
    """
    whole("k", k)
    if not 2 <= k <= path.steps:
        raise ValueError(f"k must lie in 2 … {path.steps}; it is {k}")
    noise = -torch.expm1(path.log_alpha_bar)
    beta, of_q = path.betas[k - 1], posterior_variances(path)[k - 1]
    of_p = _choose(variance, beta=beta, posterior=of_q)
    gain = (path.log_alpha_bar[k - 1] / 2).exp() * beta / noise[k]  # of x0 in the mean
    shift = (gain * (x0 - guess)).flatten(1).double().square().sum(1)
    ratio = of_q / of_p
    return (x0[0].numel() * (ratio - 1 - ratio.log()) + shift / of_p) / 2


def _choose(variance: Variance, *, beta: Tensor, posterior: Tensor) -> Tensor:
    if variance not in ("beta", "posterior"):
        raise ValueError(f"variance must be 'beta' or 'posterior'; it is {variance!r}")
    return beta if variance == "beta" else posterior


def elbo(
    denoiser: Denoiser, x0: Samples, *, variance: Variance, generator: torch.Generator | None
) -> Elbo:
    """The bound of a chain, with one draw of noise per step and sample (:eq:`eq-elbo`).

    The last step, from x_1 to data, has variance beta_1 under both choices: the posterior's is 0.

    Args:
        denoiser: a model on a :class:`~diffusionbook.paths.chain.Chain`.
        x0: (b, *d) data.
        variance: of the reverse steps k = 2 … T, "beta" or "posterior".
        generator: source of the noise.

    Raises:
        ValueError: if the denoiser's path is not a chain, ``variance`` is unknown, or x0 is empty.
    """
    check_samples("x0", x0)
    path = denoiser.path
    if not isinstance(path, Chain):
        raise ValueError(f"denoiser must live on a Chain; its path is {path}")
    _choose(variance, beta=path.betas, posterior=path.betas)

    def guess(k: int) -> Samples:
        t = torch.tensor(k / path.steps, dtype=torch.float64)
        return denoiser(path.interpolate(x0, randn_like(x0, generator), t), t).x0

    steps = [step_kl(path, k, x0, guess(k), variance) for k in range(2, path.steps + 1)]
    error = (x0 - guess(1)).flatten(1).double().square()
    beta = path.betas[0]
    reconstruction = -(error / beta + torch.log(2 * torch.pi * beta)).sum(1) / 2
    kept = path.log_alpha_bar[-1].exp()
    left = -torch.expm1(path.log_alpha_bar[-1])
    signal = kept * x0.flatten(1).double().square()
    prior = (signal + left - 1 - left.log()).sum(1) / 2
    steps_kl = torch.stack(steps) if steps else torch.zeros(0, len(x0)).double()
    return Elbo(reconstruction, steps_kl, prior)


def gaussian_gap(path: Chain, std: float, variance: Variance) -> float:
    """log p(x0) - ELBO for x0 ~ N(0, std^2) and the exact denoiser, averaged over x0.

    Data that is Gaussian makes every reverse step Gaussian, so the gap is a sum of divergences
    between numbers (:eq:`eq-gap`): no Monte Carlo. In equal steps of t it falls like 1 / T with
    variance "beta". With "posterior" it then tends to half of Euler's constant where the path's
    rate starts above 0 (:eq:`eq-gap-limit`), and to :eq:`eq-gap-limit-cosine` on the cosine path.
    With other times of the chain it can tend to other limits, almost 0 among them
    (:eq:`eq-gap-ratio`).

    Args:
        path: the chain.
        std: of the data; positive.
        variance: of the reverse steps k = 2 … T, "beta" or "posterior".

    Returns:
        Nats per dimension.

    Raises:
        ValueError: if ``std`` is not positive and finite, or ``variance`` is unknown.
    """
    positive("std", std)
    signal, noise = path.log_alpha_bar.exp(), -torch.expm1(path.log_alpha_bar)
    of_q = posterior_variances(path)
    spread = std**2 * noise[1:] / (signal[1:] * std**2 + noise[1:])  # Var[x0 | x_k]
    gain = signal[:-1].sqrt() * path.betas / noise[1:]
    of_p = _choose(variance, beta=path.betas, posterior=of_q).clone()
    of_p[0] = path.betas[0]
    ratio = torch.cat([(of_q + gain**2 * spread) / of_p, signal[-1:] * std**2 + noise[-1:]])
    return float((ratio - 1 - ratio.log()).sum() / 2)
