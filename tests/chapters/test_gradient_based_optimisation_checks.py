"""The checks of chapter 6: plausible wrong answers are told why."""

import math

import pytest
import torch
from checked import checks_of, each_wrong_answer, sentence
from torch import Tensor

from diffusionbook.checks import gradient_based_optimisation as checks
from diffusionbook.denoisers import AnalyticDenoiser
from diffusionbook.exact import GaussianMixture, dps_ode, dps_sde
from diffusionbook.paths import Cosine
from diffusionbook.prediction import Prediction
from diffusionbook.randomness import seeded
from diffusionbook.samplers import DDIM, grids, push_forward

pytestmark = pytest.mark.usefixtures("without_shape_checks")
CHECKS = checks_of(checks)


def test_wrong_answers_are_tried_with_each_check() -> None:
    assert set(WRONG) == set(CHECKS)


def rise(push, moved=lambda b: b, of=lambda average: average):
    """log cosh(push + b) − log cosh(push), or another function of its parts."""

    def f(x: Tensor, alpha: float, sigma: float, b: float) -> Tensor:
        a = push(x, alpha, sigma)
        return of(a.add(moved(b)).cosh() / a.cosh()).log()

    return f


def plug_in(second: float):
    def f(x: Tensor, alpha: float, sigma: float, b: float) -> Tensor:
        mean = (alpha * x / sigma**2).tanh()
        return b * mean + second * b**2 * (1 - mean**2)

    return f


def ratios(of=lambda n, kappa: n * kappa, seen=lambda n, kappa: n * kappa, turn=lambda r: r):
    """Exact over DPS's variance; DPS counts the photos as ``of``, the posterior as ``seen``."""

    def f(n: int, kappa: float):
        laws = (law(1.0, of(n, kappa) ** -0.5, 0.3) for law in (dps_ode, dps_sde))
        return turn([1 / ((1 + seen(n, kappa)) * law.variance) for law in laws])

    return f


def adjoint(turn=lambda a: a):
    def f(y: Tensor) -> Tensor:
        y = torch.nn.functional.pad(y, (1, 1))
        return turn(y[:, :-1] - y[:, 1:])

    return f


def summed(y: Tensor) -> Tensor:
    return torch.cat([torch.zeros(len(y), 1), y.cumsum(1)], 1)


def no_ends(first: int, last: int):
    """The adjoint with 0 for its first or last numbers."""
    return adjoint(lambda a: torch.nn.functional.pad(
        a[:, first:a.shape[1] - last], (first, last)))


def survivors(teeth=lambda u, each: (u + each) / len(each), heights=lambda w: w.cumsum(0),
              turn=lambda taken: taken, right=True):
    def f(weights: Tensor, u: float) -> Tensor:
        each = torch.arange(len(weights)).double()
        return turn(torch.searchsorted(heights(weights), teeth(u, each), right=right))

    return f


def pull(turn=lambda g: g, reduce=torch.sum, at=lambda guess, x: guess(x), shown=lambda x0: x0):
    def f(guess, reward, x: Tensor) -> Tensor:
        x = x.requires_grad_()
        return turn(torch.autograd.grad(reduce(reward(shown(at(guess, x)))), x)[0])

    return f


def cut(reduce):
    def f(guess, reward, x: Tensor) -> Tensor:
        x0 = guess(x).detach().requires_grad_()
        return torch.autograd.grad(reduce(reward(x0)), x0)[0]

    return f


def untransposed(guess, reward, x: Tensor) -> Tensor:
    slopes = [torch.autograd.functional.jacobian(lambda p: guess(p[None])[0], p) for p in x]
    gradients = cut(torch.sum)(guess, reward, x)
    return torch.stack([j @ g for j, g in zip(slopes, gradients, strict=True)])


def projected(share):
    return lambda x, rows: x + share(rows - x.sum(2), x)


def one_pixel(x: Tensor, rows: Tensor) -> Tensor:
    x[:, :, 0] += rows - x.sum(2)
    return x


WRONG = {
    "check_log_mean_reward": [
        (plug_in(0.0), "the plug-in"),
        (plug_in(0.5), "not for two points"),
        (rise(lambda x, a, s: 0 * x), "what x says of x0 is missing"),
        (rise(lambda x, a, s: a * x / s**2, of=torch.exp), "the logarithm is of the average"),
        (lambda x, a, s, b: (a * x / s**2 + b).cosh().log(), "probabilities add up to 1"),
        (rise(lambda x, a, s: a * x / s), "not by its standard deviation"),
        (rise(lambda x, a, s: x / s**2), "at plus and minus alpha"),
        (rise(lambda x, a, s: a * x / s**2, lambda b: -b), "the sign of b is turned"),
        (rise(lambda x, a, s: a * x / s**2, lambda b: b / 2), "off by"),
        (lambda x, a, s, b: plug_in(0.0)(x, a, s, b).sum(), "shape"),
    ],
    "check_too_sure": [
        (ratios(lambda n, k: k, lambda n, k: k), "this is for one photo"),
        (ratios(lambda n, k: n**0.5 * k, lambda n, k: n**0.5 * k), "not its root"),
        (ratios(seen=lambda n, k: k), "has seen all photos, too"),
        (ratios(turn=lambda r: [1 / v for v in r]), "upside down"),
        (ratios(turn=lambda r: [v**0.5 for v in r]), "ratios of standard deviations"),
        (ratios(turn=lambda r: r[::-1]), "the SDE's comes second"),
        (lambda n, k: [dps_ode(1.0, (n * k) ** -0.5, 0).variance,
                       dps_sde(1.0, (n * k) ** -0.5, 0).variance], "variances themselves"),
        (ratios(of=lambda n, k: k), "off by"),
        (ratios(turn=lambda r: [r[0], 2.0]), "by SDE"),
        (ratios(turn=lambda r: [r[0] * (1 + 1e-5), r[1]]), "by ODE"),
        (ratios(turn=lambda r: r[0]), "two numbers"),
    ],
    "check_adjoint": [
        (summed, "this undoes A"),
        (lambda y: summed(y) - summed(y).mean(1, keepdim=True), "the pseudo-inverse"),
        (adjoint(torch.neg), "the sign is turned"),
        (no_ends(1, 0), "the first number enters one slope, too, with a minus"),
        (no_ends(0, 1), "the last number enters one slope, too"),
        (no_ends(1, 1), "enter one slope each"),
        (adjoint(lambda a: a.abs()), "off by"),
        (lambda y: torch.nn.functional.pad(y, (1, 0)) + torch.nn.functional.pad(y, (0, 1)),
         "with different signs"),
        (lambda y: y[:, :-1] - y[:, 1:], "shape"),  # A once more, with its sign turned
        (adjoint(lambda a: a / 2), "off by"),
    ],
    "check_systematic": [
        (survivors(turn=lambda taken: torch.bincount(taken, minlength=len(taken))),
         "return indices"),
        (survivors(heights=lambda w: w), "the cumulated weights"),
        (survivors(lambda u, each: (u + each / len(each)) % 1), "at u / n, not at u"),
        (survivors(lambda u, each: u + each / len(each)), "leave the comb"),
        (survivors(lambda u, each: each / len(each)), "do not move with u"),
        (survivors(right=False), "a particle of weight 0 survives"),
        (lambda w, u: torch.arange(len(w)), "whatever their weights"),
        (survivors(turn=lambda taken: taken + 1), "count from 0"),
        (survivors(lambda u, each: (1 - u + each) / len(each)), "off by"),
        (survivors(turn=lambda taken: taken.float().mean() + 0 * taken), "whole numbers"),
        (lambda w, u: w.argmax().expand(len(w)), "less than one away"),
        (survivors(turn=lambda taken: taken[:2]), "as many as weights"),
    ],
    "check_pull": [
        (cut(torch.sum), "the way through the model is missing: this"),
        (cut(torch.mean), "the way through the model is missing"),
        (pull(at=lambda guess, x: x), "ask it about the guess"),
        (pull(reduce=torch.mean), "an average pulls each sample b times less"),
        (pull(turn=lambda g: g.sum(0).expand_as(g)), "a pull of its own"),
        (pull(turn=torch.neg), "the sign is turned"),
        (untransposed, "meets the gradient transposed"),
        (pull(shown=lambda x0: x0.detach()), "stopped with RuntimeError"),
        (pull(turn=lambda g: 2 * g), "off by"),
        (pull(turn=lambda g: g.sum(1)), "shape"),
    ],
    "check_project": [
        (lambda x, rows: x * (rows / x.sum(2))[:, :, None], "not the nearest"),
        (projected(lambda missing, x: missing[:, :, None]), "divide it by their number"),
        (projected(lambda missing, x: -missing[:, :, None] / x.shape[2]), "minus what is there"),
        (lambda x, rows: x + (rows - x.sum(1))[:, None, :] / x.shape[1], "the columns' sums"),
        (projected(lambda missing, x: missing[:, None, :] / x.shape[2]), "over a column"),
        (one_pixel, "off by"),
        (lambda x, rows: (rows[:, None] / x.shape[2]).expand(x.shape), "off by"),
        (lambda x, rows: rows - x.sum(2), "shape"),
    ],
}  # fmt: skip


@each_wrong_answer(WRONG)
def test_a_plausible_wrong_answer_is_told_why(name: str, f, says: str) -> None:
    assert says in sentence(CHECKS[name], f)


def test_survivors_may_stand_in_any_order_and_teeth_in_single_precision() -> None:
    checks.check_systematic(survivors(turn=lambda taken: taken.flip(0)))
    checks.check_systematic(survivors(heights=lambda w: w.float().cumsum(0),
                                      teeth=lambda u, each: ((u + each) / len(each)).float()))


def test_survivors_drawn_one_by_one_are_told_from_a_comb() -> None:
    torch.manual_seed(0)
    said = sentence(checks.check_systematic,
                    lambda w, u: torch.multinomial(w, len(w), replacement=True))
    assert "less than one away" in said


def test_a_pull_is_asked_of_models_whose_samples_stay_as_they_are() -> None:
    """A reader's function may work in place, and may use torch's own Jacobian products."""
    checks.check_pull(lambda guess, reward, x: torch.autograd.functional.vjp(
        lambda p: reward(guess(p)).sum(), x)[1])
    checks.check_project(
        lambda x, rows: x.add_(((rows - x.sum(2)) / x.shape[2])[:, :, None]))


class Cut:
    """DPS on N(0, 1) with the gradient in the guess where that in the noisy point belongs."""

    path = Cosine()

    def __init__(self, observed: float, kappa: float) -> None:
        self.law = AnalyticDenoiser(GaussianMixture.normal(torch.zeros(1), 1.0), self.path)
        self.observed, self.kappa = observed, kappa

    def __call__(self, x: Tensor, t: Tensor, y: object = None) -> Prediction:
        plain = self.law(x, t)
        pull = self.kappa * (self.observed - plain.x0)
        return Prediction(plain.eps - self.path.at(t, x).sigma * pull, "eps", x, t, self.path)


def test_without_the_way_through_the_model_the_prior_counts_less() -> None:
    """The solution's claim. With q = sqrt(chi) the variance obeys dV/dq = 2 q - 4 kappa V. The
    errors of DDPM's steps halve with the steps; at 500 they are 0.0013 and 0.0075."""
    kappa = 2.0
    law = push_forward(DDIM(1.0), Cut(1.0, kappa), grids.uniform_log_snr(500, Cosine()),
                       torch.zeros(1), 1.0)
    variance = 1 / (2 * kappa) - (1 - math.exp(-4 * kappa)) / (8 * kappa**2)
    assert float(law.mean) == pytest.approx(1 - math.exp(-2 * kappa), abs=0.004)
    assert float(law.cov) == pytest.approx(variance, abs=0.01)
    assert float(law.mean) > dps_sde(1.0, kappa**-0.5, 1.0).mean + 0.1
    assert float(law.cov) < dps_sde(1.0, kappa**-0.5, 1.0).variance - 0.01


def test_one_by_one_a_third_dies() -> None:
    n, generator = 1000, seeded(0)
    alive = [len(torch.multinomial(torch.ones(n), n, replacement=True,
                                   generator=generator).unique()) for _ in range(50)]
    dead = 1 - sum(alive) / (50 * n)
    assert dead == pytest.approx(math.exp(-1), abs=0.01)  # 15 standard errors
    assert len(survivors()(torch.ones(n).double() / n, 0.5).unique()) == n
