"""Checks of the exercises of chapter 1. Each raises an AssertionError that says what is off."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from diffusionbook.checks.verdict import same
from diffusionbook.data.toy import trio_mixture
from diffusionbook.denoise import EmpiricalDenoiser
from diffusionbook.likelihood import posterior_variances, step_kl
from diffusionbook.paths import VP, DiscretePath
from diffusionbook.samplers import DDIM
from diffusionbook.shapes import randn, seeded

BETAS = torch.linspace(1e-3, 0.2, 50, dtype=torch.float64)


def _points(n: int, seed: int) -> Tensor:
    return randn((n, 2), seeded(seed))


def check_marginal(f: Callable[[Tensor, Tensor, int], tuple[Tensor, float]]) -> None:
    """f(x0, betas, k) → mean and variance of q(x_k | x0), :eq:`eq-ddpm-marginal`."""
    path, x0 = DiscretePath.from_betas(BETAS), _points(5, 0)
    for k in (1, 7, 50):
        mean, variance = f(x0, BETAS, k)
        same(f"mean at k = {k}", mean, path.alpha(k / 50) * x0)
        same(f"variance at k = {k}", variance, path.sigma(k / 50) ** 2)
    print("Correct: mean and variance agree with the package at k = 1, 7 and 50.")


def check_posterior(
    f: Callable[[Tensor, Tensor, Tensor, Tensor], tuple[Tensor, Tensor]],
) -> None:
    """f(x_k, x0, alpha_bar_k, alpha_bar_before) → mean and variance of q(x_{k-1} | x_k, x0).

    The answer is held against Bayes' rule itself, on a grid of x_{k-1}.
    """
    path = DiscretePath.from_betas(BETAS)
    bar = path.log_alpha_bar.exp()
    grid = torch.linspace(-8, 8, 40_001, dtype=torch.float64)
    for k, x_k, x0 in ((2, 0.3, -0.5), (20, 1.0, 0.4), (50, -1.2, 2.0)):
        beta = path.betas[k - 1]
        log = -((x_k - (1 - beta).sqrt() * grid) ** 2) / (2 * beta)
        log = log - (grid - bar[k - 1].sqrt() * x0) ** 2 / (2 * (1 - bar[k - 1]))
        weight = log.softmax(0)
        mean = weight @ grid
        variance = weight @ (grid - mean) ** 2
        yours = f(torch.tensor(x_k).double(), torch.tensor(x0).double(), bar[k], bar[k - 1])
        same(f"mean at k = {k}", yours[0], mean, 1e-5)
        same(f"variance at k = {k}", yours[1], variance, 1e-5)
    print("Correct: Bayes' rule on a grid gives the same mean and variance.")


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
    """f(x_t, eps, alpha, sigma) → the score, from the exact noise prediction, by Tweedie."""
    mixture, path = trio_mixture(), VP()
    x = _points(8, 3)
    for t in (0.05, 0.4, 0.9):
        alpha, sigma = path.alpha(t), path.sigma(t)
        eps = (x - alpha * mixture.posterior_mean(x, alpha, sigma)) / sigma
        points = x.clone().requires_grad_(True)
        (right,) = torch.autograd.grad(mixture.diffuse(alpha, sigma).log_prob(points).sum(), points)
        same(f"score at t = {t}", f(x, eps, alpha, sigma), right)
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


def check_strided(
    f: Callable[[Tensor, Tensor, Tensor, Tensor], tuple[Tensor, Tensor]],
) -> None:
    """f(x_t, x0, alpha_bar_t, alpha_bar_s) → mean and variance of q(x_s | x_t, x0), any s < t."""
    path = DiscretePath.from_betas(BETAS)
    x_t, x0 = _points(4, 6), _points(4, 7)
    for k, j in ((50, 25), (20, 4), (10, 9)):
        t, s = torch.tensor([k / 50, j / 50], dtype=torch.float64)
        mean, variance = f(x_t, x0, path.alpha(t) ** 2, path.alpha(s) ** 2)
        std = DDIM(1.0).noise_std(path, t, s)
        eps = (x_t - path.alpha(t) * x0) / path.sigma(t)
        right = path.alpha(s) * x0 + (path.sigma(s) ** 2 - std**2).sqrt() * eps
        same(f"mean from k = {k} to {j}", mean, right)
        same(f"variance from k = {k} to {j}", variance, std**2)
        if k - j == 1:
            same("variance of a single step", variance, posterior_variances(path)[k - 1])
    print("Correct: from 50 to 25, from 20 to 4, and for the single step from 10 to 9.")
