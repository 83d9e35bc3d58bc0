"""Checks of the exercises of chapter 4. Each raises an AssertionError that says what is off."""

from collections.abc import Callable
from itertools import product

import torch
from torch import Tensor

from diffusionbook.checks.answers import asked, number, numbers
from diffusionbook.checks.verdict import same
from diffusionbook.data.toy import trio_mixture
from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.likelihood.ode import divergence
from diffusionbook.paths.gaussian import Cosine, GaussianPath, Linear
from diffusionbook.randomness import randn, seeded

LINE = Linear()
Field = Callable[[Tensor, float], Tensor]


def _gaussian(*stds: float) -> AnalyticDenoiser:
    variances = torch.tensor(stds, dtype=torch.float64) ** 2
    law = GaussianMixture.normal(torch.zeros(len(stds)), torch.diag(variances))
    return AnalyticDenoiser(law, LINE)


def check_their_time(f: Callable[[Field], Field]) -> None:
    """f(their_field) → our guess of the data, where theirs has noise at time 0, data at 1."""
    f = asked(f, returns="a function of x and t")
    exact = AnalyticDenoiser(trio_mixture(), LINE)

    def theirs(x: Tensor, s: float) -> Tensor:  # E[data - noise | x at their time s]
        answer = exact(x, 1 - s)
        return answer.x0 - answer.eps

    ours = asked(f(theirs), "the function that yours returned", "a guess of the data")
    x = randn((6, 2), seeded(0))
    for t in (0.2, 0.5, 0.9):
        same(f"your guess at t = {t}", ours(x, t), exact(x, t).x0)
    print("Correct: it is the mean of the data at three times.")


def check_stretch(f: Callable[[float, float], float]) -> None:
    """f(s, t) → the divergence, a dimension, of the velocity of N(0, s^2) on the linear path."""
    f = asked(f)
    for s in (0.3, 1.0, 2.0):
        model, x = _gaussian(s), torch.ones(1, 1).double()
        for t in (0.1, 0.5, 0.9):
            right = divergence(lambda x, m=model, t=t: m(x, t).velocity, x)[1]
            same(f"divergence for s = {s} at t = {t}", f(s, t), float(right))
    print("Correct: it is what autograd finds, negative before t = s²/(1 + s²) and positive after.")


def check_probe_variance(f: Callable[[Tensor], float]) -> None:
    """f(J) → the variance of z . J z over z of random signs, for a symmetric J."""
    f = asked(f)
    for k, d in ((0, 2), (1, 3), (2, 4)):
        j = randn((d, d), seeded(k))
        j = j + j.T
        z = torch.tensor(list(product((-1.0, 1.0), repeat=d)), dtype=torch.float64)
        right = torch.einsum("ni,ij,nj->n", z, j, z).var(correction=0)
        same(f"variance in {d} dimensions", f(j), right)
    print("Correct: it is the variance over all vectors of signs.")


def check_least_loss(f: Callable[[list[float]], float]) -> None:
    """f(stds) → the least flow-matching loss for a Gaussian, summed over dimensions."""
    f = asked(f)
    for stds in ([1.0], [0.5, 2.0]):
        # a thousandth: the exercise turns on 3.95 against 3.93, five times as much
        same(f"least loss for stds {stds}", number(f"least loss for stds {stds}", f(stds)),
             _least_loss(stds), 1e-3)
    print("Correct: it is E|eps - x0|² - E|u|² of the exact velocity u, averaged over the times "
          "and summed over dimensions.")


def _least_loss(stds: list[float]) -> float:
    """E |eps - x0|^2 - E |u|^2, with the model's own u, which is linear in x, by midpoints."""
    t = (torch.arange(2_000).double() + 0.5) / 2_000
    variances = torch.tensor(stds, dtype=torch.float64) ** 2
    slope = _gaussian(*stds)(torch.ones(len(t), len(stds)).double(), t).velocity
    spread = (LINE.alpha(t) ** 2)[:, None] * variances + (LINE.sigma(t) ** 2)[:, None]
    return float((1 + variances - slope.square() * spread).sum(1).mean())


def check_shift(f: Callable[[Tensor, float], Tensor]) -> None:
    """f(grid, shift) → the times at which sigma / alpha is ``shift`` times as large."""
    f = asked(f)
    grid = torch.linspace(1, 0, 9, dtype=torch.float64)
    for shift in (1.0, 3.0):
        new = numbers("your grid", f(grid, shift))
        if new.shape != grid.shape:
            raise AssertionError("your grid: it should have as many times as the one it was given, "
                                 f"{len(grid)}; its shape is {tuple(new.shape)}")
        same(f"ends of your grid for shift {shift}", new[[0, -1]], grid[[0, -1]])
        inside = slice(1, -1)
        same(f"noise over signal on your grid for shift {shift}",
             (new / (1 - new))[inside], shift * (grid / (1 - grid))[inside])
    print("Correct: at every time there is three times as much noise for the signal.")


def check_flow_score(f: Callable[[Tensor, Tensor, GaussianPath, float], Tensor]) -> None:
    """f(u, x, path, t) → the score at x, from the velocity there.

    On the linear path it is :eq:`eq-flow-score`.
    """
    f, law = asked(f), trio_mixture()
    x = randn((6, 2), seeded(1))
    for path in (Linear(), Cosine()):
        for t in (0.2, 0.5, 0.9):
            u = AnalyticDenoiser(law, path)(x, t).velocity
            same(f"your score on {path} at t = {t}", f(u, x, path, t),
                 law.score(x, path.alpha(t), path.sigma(t)))
    print("Correct: it is the exact score of a mixture, on two paths at three times.")
