"""Checks of the exercises of chapter 1. Each raises an AssertionError that says what is off."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from diffusionbook.checks.verdict import same
from diffusionbook.data.toy import trio_mixture
from diffusionbook.denoise import EmpiricalDenoiser
from diffusionbook.gaussians import GaussianMixture
from diffusionbook.likelihood import step_kl
from diffusionbook.paths import VP, DiscretePath
from diffusionbook.shapes import randn, seeded

BETAS = torch.linspace(1e-3, 0.2, 50, dtype=torch.float64)


def _points(n: int, seed: int) -> Tensor:
    return randn((n, 2), seeded(seed))


def check_between(f: Callable[[Tensor, Tensor, int, int], tuple[Tensor, Tensor]]) -> None:
    """f(x_j, betas, j, k) → mean and variance of q(x_k | x_j), from one step at a time."""
    x_j = _points(5, 0)
    for j, k in ((0, 1), (0, 50), (3, 4), (10, 40)):
        mean, variance = x_j, torch.zeros(()).double()
        for beta in BETAS[j:k]:
            mean, variance = (1 - beta).sqrt() * mean, (1 - beta) * variance + beta
        yours = f(x_j, BETAS, j, k)
        same(f"mean from j = {j} to k = {k}", yours[0], mean)
        same(f"variance from j = {j} to k = {k}", yours[1], variance)
    print("Correct: single steps, taken one by one, give the same mean and variance.")


def check_snr_form(f: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]) -> None:
    """f(x0, guess, snr_before, snr_now) → the divergence of one step, posterior variance."""
    path = DiscretePath.from_betas(BETAS)
    x0, guess = _points(6, 1), _points(6, 2)
    for k in (2, 25, 50):
        before, now = path.snr((k - 1) / 50), path.snr(k / 50)
        right = step_kl(path, k, x0, guess, "posterior")
        same(f"divergence at k = {k}", f(x0, guess, before, now), right)
    print("Correct: half the loss of signal-to-noise ratio times the squared error.")


def check_score(f: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]) -> None:
    """f(x_t, x0_hat, alpha, sigma) → the score, from the exact posterior mean, by Tweedie."""
    mixture, path = trio_mixture(), VP()
    x = _points(8, 3)
    for t in (0.05, 0.4, 0.9):
        alpha, sigma = path.alpha(t), path.sigma(t)
        x0_hat = mixture.posterior_mean(x, alpha, sigma)
        points = x.clone().requires_grad_(True)
        (right,) = torch.autograd.grad(mixture.diffuse(alpha, sigma).log_prob(points).sum(), points)
        same(f"score at t = {t}", f(x, x0_hat, alpha, sigma), right)
    print("Correct: it is the gradient of the log density, which autograd confirms.")


def check_empirical(f: Callable[[Tensor, Tensor, float, float], Tensor]) -> None:
    """f(x_t, data, alpha, sigma) → E[x0 | x_t] for a finite data set, without overflow."""
    path, data, x = VP(), _points(30, 4), _points(9, 5)
    exact = EmpiricalDenoiser(data, path)
    for t in (0.9, 0.3, 1e-4):
        yours = f(x, data, float(path.alpha(t)), float(path.sigma(t)))
        same(f"posterior mean at t = {t}", yours, exact(x, t).x0)
    print("Correct, also at t = 0.0001, where a plain exp would underflow to 0 / 0.")


def check_lost(f: Callable[[int], float]) -> None:
    """f(n) → nats per dimension that steps 2 … n lose with the posterior variance."""
    same("the second step alone", f(2), (1 - math.log(2)) / 2)
    harmonic = [sum(1 / m for m in range(1, n)) for n in (3, 10, 1000)]
    for n, total in zip((3, 10, 1000), harmonic, strict=True):
        same(f"steps 2 … {n}", f(n), (total - math.log(n)) / 2)
    print(f"Correct: {f(2):.3f}, {f(10):.3f}, {f(1000):.3f}, … on the way to γ/2 = 0.289.")


def check_true_variance(f: Callable[[float, Tensor, Tensor], Tensor]) -> None:
    """f(data_std, alpha_bar_before, alpha_bar_now) → the variance of q(x_{k-1} | x_k).

    The judge is Bayes' rule on a Gaussian, by the package's conditioning.
    """
    bar = DiscretePath.from_betas(BETAS).log_alpha_bar.exp()
    for std in (0.3, 1.0, 5.0):
        for k in (1, 2, 25, 50):
            spread = (bar[k - 1] * std**2 + 1 - bar[k - 1]).reshape(1)
            before = GaussianMixture(torch.ones(1), torch.zeros(1, 1), spread)
            shrink = (bar[k] / bar[k - 1]).sqrt().reshape(1, 1)
            noise = float((1 - bar[k] / bar[k - 1]).sqrt())
            right = before.condition(shrink, torch.zeros(1), noise).cov()[0, 0]
            same(f"variance at k = {k} for data_std = {std}", f(std, bar[k - 1], bar[k]), right)
    print("Correct: Bayes' rule on a Gaussian gives the same variance.")
