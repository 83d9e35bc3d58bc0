"""Checks of the exercises of chapter 1. Each raises an AssertionError that says what is off."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from diffusionbook.checks.answers import asked
from diffusionbook.checks.mistakes import NoSoftmax, in_every_coordinate, unlike
from diffusionbook.checks.verdict import same
from diffusionbook.data.toy import trio_mixture
from diffusionbook.denoisers.exact import EmpiricalDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.likelihood.bound import step_kl
from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import VP
from diffusionbook.randomness import randn, seeded

BETAS = torch.linspace(1e-3, 0.2, 50, dtype=torch.float64)


def _points(n: int, seed: int) -> Tensor:
    return randn((n, 2), seeded(seed))


def _wrong_factors(j: int, k: int) -> dict[str, Tensor]:
    """Wrong factors of x_j in the mean of x_k, for 0 < j, and what is wrong about them."""
    kept = 1 - BETAS
    return {
        "the factor is the square root of the product": kept[j:k].prod(),
        "step j is behind you; the entries are j to k - 1": kept[j - 1 : k].prod().sqrt(),
        "step k is missing; the entries are j to k - 1": kept[j : k - 1].prod().sqrt(),
        "the product starts after step j, not at step 1": kept[:k].prod().sqrt(),
    }


def check_between(f: Callable[[Tensor, Tensor, int, int], tuple[Tensor, Tensor]]) -> None:
    """f(x_j, betas, j, k) → mean and variance of q(x_k | x_j), from one step at a time.

    The variance is one number, a value for each coordinate, or that number times the identity.
    """
    f, x_j = asked(f, returns="mean and variance"), _points(5, 0)
    for j, k in ((10, 40), (3, 4), (0, 1), (0, 50)):
        mean, variance, way = x_j, torch.zeros(()).double(), f"from j = {j} to k = {k}"
        for beta in BETAS[j:k]:
            mean, variance = (1 - beta).sqrt() * mean, (1 - beta) * variance + beta
        yours = f(x_j, BETAS, j, k)
        if not isinstance(yours, tuple | list) or len(yours) != 2:
            raise AssertionError("your function should return two values: mean, variance")
        if j > 0:
            wrong = {name: a * x_j for name, a in _wrong_factors(j, k).items()}
            unlike(f"mean {way}", yours[0], wrong)
        same(f"mean {way}", yours[0], mean)
        spread = in_every_coordinate(f"variance {way}", yours[1], x_j)
        if k > j + 1:
            unlike(f"variance {way}", spread, {
                "this is its root, the standard deviation": variance.sqrt().expand(5, 2),
                "later steps shrink what earlier ones added, so the betas do not just add up":
                    BETAS[j:k].sum().expand(5, 2),
            })
        same(f"variance {way}", spread, variance.expand(5, 2))
    print("Correct: single steps, taken one by one, give the same mean and variance.")


def check_snr_form(f: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]) -> None:
    """f(x0, guess, snr_before, snr_now) → the divergence of one step, posterior variance."""
    f, path = asked(f, returns="a divergence"), Chain.from_betas(BETAS)
    x0, guess = _points(6, 1), _points(6, 2)
    for k in (2, 25, 50):
        before, now = path.snr((k - 1) / 50), path.snr(k / 50)
        right = step_kl(path, k, x0, guess, "posterior")
        same(f"divergence at k = {k}", f(x0, guess, before, now), right)
    print("Correct: half the loss of signal-to-noise ratio times the squared error.")


def check_score(f: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]) -> None:
    """f(x_t, x0_hat, alpha, sigma) → the score, from the exact posterior mean, by Tweedie."""
    f, mixture, path = asked(f, returns="a score"), trio_mixture(), VP()
    x = _points(8, 3)
    for t in (0.05, 0.4, 0.9):
        alpha, sigma = path.alpha(t), path.sigma(t)
        x0_hat = mixture.posterior_mean(x, alpha, sigma)
        points = x.clone().requires_grad_(True)
        (right,) = torch.autograd.grad(mixture.diffuse(alpha, sigma).log_prob(points).sum(), points)
        same(f"score at t = {t}", f(x, x0_hat, alpha, sigma), right)
    print("Correct: it is the gradient of the log density, which autograd confirms.")


def _wrong_means(x: Tensor, data: Tensor, path: VP, t: float) -> dict[str, Tensor]:
    """Wrong posterior means of a finite data set, and what is wrong about them."""
    alpha, sigma = path.alpha(t), path.sigma(t)
    weights = torch.exp(-torch.cdist(x, alpha * data) ** 2 / (2 * sigma**2))
    twice, bare = weights**2, torch.exp(-torch.cdist(x, data) ** 2 / (2 * sigma**2))
    return {
        "divide by the sum of the weights": weights @ data,
        "the exponent is divided by 2 sigma^2, not by sigma^2":
            twice @ data / twice.sum(1, keepdim=True),
        "alpha is missing: x_t lies near alpha times a data point":
            bare @ data / bare.sum(1, keepdim=True),
    }


def check_empirical(f: Callable[[Tensor, Tensor, float, float], Tensor]) -> None:
    """f(x_t, data, alpha, sigma) → E[x0 | x_t] for a finite data set, without overflow.

    It may not call torch's softmax or logsumexp.
    """
    f = asked(f, returns="a posterior mean")
    path, data, x = VP(), _points(30, 4), _points(9, 5)
    exact = EmpiricalDenoiser(data, path)

    def ask(points: Tensor, known: Tensor, t: float) -> Tensor:
        with NoSoftmax():
            return f(points, known, float(path.alpha(t)), float(path.sigma(t)))

    for t in (0.9, 0.3, 1e-4):
        yours = ask(x, data, t)
        if t > 0.1:
            unlike(f"posterior mean at t = {t}", yours, _wrong_means(x, data, path, t))
        same(f"posterior mean at t = {t}", yours, exact(x, t).x0)
    two = torch.tensor([[-1.0, 0.0], [1.0, 0.0], [0.0, 3.0]]).double()
    between = torch.tensor([[0.0, 0.0], [5e-6, 0.0]]).double()  # half way, and hardly off it
    same("a point as near to two data points at t = 0.0001 (the nearest is not the answer)",
         ask(between, two, 1e-4), EmpiricalDenoiser(two, path)(between, 1e-4).x0)
    print("Correct, also at t = 0.0001, where a plain exp would underflow to 0 / 0.")


HALF_GAMMA = 0.5772156649015329 / 2
STEP_2 = (1 - math.log(2)) / 2
LOST = {  # the right guess, and how near to it yours must come
    "nats in step 2": (STEP_2, 0.01),
    "share": (STEP_2 / HALF_GAMMA, 0.04),
    "nine tenths at k": (9, 1),
}


def _check_guess(guess: dict[str, float]) -> None:
    if not isinstance(guess, dict) or set(guess) != set(LOST):
        raise AssertionError(f"guess should be a dict with the keys {', '.join(LOST)}")
    for name, (right, near) in LOST.items():
        value = guess[name]
        if not isinstance(value, int | float):
            raise AssertionError(f"{name}: predict first; your guess is {value!r}, not a number")
        hint = "ask your function, and then where the guess went wrong"
        if name == "share" and abs(value / 100 - right) <= near:
            hint = "give the share as a fraction, between 0 and 1"
        if name == "nats in step 2" and abs(value - 2 * right) <= near:
            hint = "a divergence of two Gaussians has a factor ½"
        if not abs(value - right) <= near:
            raise AssertionError(f"{name}: your guess {value:g} is off; {hint}")


def check_lost(f: Callable[[int], float], guess: dict[str, float]) -> None:
    """f(n) → nats per dimension that steps 2 … n lose with the posterior variance.

    ``guess`` holds what was predicted: the nats of step 2 (to 0.01), its share of γ/2 (to 0.04),
    and the step up to which nine tenths are lost (to 1).
    """
    f = asked(f, returns="nats")
    _check_guess(guess)
    unlike("the second step alone", f(2), {
        "a divergence of two Gaussians has a factor ½": torch.tensor(2 * STEP_2),
        "the ratio in step k is k / (k - 1), so 2 in step 2":
            torch.tensor((1 / 2 - math.log(1.5)) / 2),
    })
    same("the second step alone", f(2), STEP_2)
    for n in (3, 10, 1000):
        same(f"steps 2 … {n}", f(n), (sum(1 / m for m in range(1, n)) - math.log(n)) / 2)
    print(f"Correct: {f(2):.3f}, {f(10):.3f}, {f(1000):.3f}, … on the way to γ/2 = 0.289.")


def check_true_variance(f: Callable[[float, Tensor, Tensor], Tensor]) -> None:
    """f(data_std, alpha_bar_before, alpha_bar_now) → the variance of q(x_{k-1} | x_k).

    The judge is Bayes' rule on a Gaussian, by the package's conditioning.
    """
    f, bar = asked(f, returns="a variance"), Chain.from_betas(BETAS).log_alpha_bar.exp()
    for std in (0.3, 1.0, 5.0):
        for k in (1, 2, 25, 50):
            spread = bar[k - 1] * std**2 + 1 - bar[k - 1]
            before = GaussianMixture.normal(torch.zeros(1), spread)
            shrink = (bar[k] / bar[k - 1]).sqrt().reshape(1, 1)
            noise = float((1 - bar[k] / bar[k - 1]).sqrt())
            right = before.condition(shrink, torch.zeros(1), noise).cov()[0, 0]
            same(f"variance at k = {k} for data_std = {std}", f(std, bar[k - 1], bar[k]), right)
    print("Correct: Bayes' rule on a Gaussian gives the same variance.")
