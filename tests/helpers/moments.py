"""What is known of x0 given x_t, written out: the oracle of guidance on mixtures."""

import torch
from torch import Tensor
from torch.distributions import MultivariateNormal


def given(mixture, alpha: float, sigma: float, x: Tensor) -> tuple[Tensor, Tensor]:
    """Mean, (b, d), and covariance, (b, d, d), of x0 given alpha x0 + sigma eps = x; x may carry
    gradients. By conditioning each component, and the law of total variance."""
    eye = torch.eye(mixture.means.shape[1], dtype=torch.float64)
    noisy = alpha**2 * mixture.covs + sigma**2 * eye  # (k, d, d)
    law = MultivariateNormal(alpha * mixture.means, noisy)
    shares = (mixture.weights.log() + law.log_prob(x[:, None])).softmax(1)  # (b, k)
    gain = alpha * mixture.covs @ noisy.inverse()
    away = x[:, None] - alpha * mixture.means
    means = mixture.means + torch.einsum("kij,bkj->bki", gain, away)
    covs = mixture.covs - alpha * gain @ mixture.covs
    mean = torch.einsum("bk,bki->bi", shares, means)
    apart = means - mean[:, None]
    between = torch.einsum("bk,bki,bkj->bij", shares, apart, apart)
    return mean, torch.einsum("bk,kij->bij", shares, covs) + between
