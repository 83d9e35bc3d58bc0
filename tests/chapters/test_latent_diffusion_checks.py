"""The checks of chapter 5: plausible wrong answers are told why."""

import math

import pytest
import torch
from checked import checks_of, each_wrong_answer, sentence
from torch import Tensor

from diffusionbook.checks import latent_diffusion as checks
from diffusionbook.paths.shifts import shift

pytestmark = pytest.mark.usefixtures("without_shape_checks")
CHECKS = checks_of(checks)


def test_wrong_answers_are_tried_with_each_check() -> None:
    assert set(WRONG) == set(CHECKS)


def rates(variances: Tensor, level: Tensor) -> Tensor:
    return (variances / level).log().clamp(min=0) / 2


def drawn(std=lambda l: (l / 2).exp(), kl=lambda each: each.sum(1), of=lambda a: a):
    """The right answer with another standard deviation, reduction, or way to take the arguments."""

    def f(mean: Tensor, log_variance: Tensor, eps: Tensor):
        m, l = of(mean), of(log_variance)
        return m + std(l) * eps, kl((m**2 + l.exp() - 1 - l) / 2)

    return f


def restored(axes, rule=lambda z, m, s: m + s * z):
    return lambda z, mean, std: rule(z, mean[axes], std[axes])


COLUMNS, ROWS, CHANNELS = (..., ), (slice(None), None), (slice(None), None, None)
WRONG = {
    "check_rates": [
        (lambda v, s, beta: (v / (beta * s)).log() / 2, "it collapses"),
        (lambda v, s, beta: rates(v, s), "has a beta in it"),
        (lambda v, s, beta: rates(v, beta * s.mean()), "a threshold of its own"),
        (lambda v, s, beta: 2 * rates(v, beta * s), "half a logarithm"),
        (lambda v, s, beta: rates(v, beta * s) / math.log(2), "bits"),
        (lambda v, s, beta: (1 + v / (beta * s)).log() / 2, "capacity of a channel"),
        (lambda v, s, beta: rates(v, beta * s.sqrt()), "off by"),
        (lambda v, s, beta: rates(v, beta * s).sum(), "shape"),
    ],
    "check_draw_and_kl": [
        (drawn(std=torch.exp), "the variance for the standard deviation"),
        (drawn(std=lambda l: l), "the log-variance for the standard deviation"),
        (drawn(std=torch.ones_like), "the noise has no size"),
        (drawn(std=torch.zeros_like), "the mean, without any noise"),
        (drawn(of=Tensor.detach), "no gradient reaches mean"),
        (lambda m, l, e: drawn()(m, l.detach(), e), "no gradient reaches log_variance"),
        (drawn(kl=lambda each: each.mean(1)), "not averaged"),
        (drawn(kl=torch.sum), "do not sum over the batch"),
        (drawn(kl=lambda each: each.sum(1).mean()), "do not average over the batch"),
        (drawn(kl=lambda each: each), "sum over its latents"),
        (drawn(kl=lambda each: -each.sum(1)), "the sign is turned"),
        (drawn(kl=lambda each: (each + 0.5).sum(1)), "a 1 is missing"),
        (drawn(kl=lambda each: 2 * each.sum(1)), "off by"),
        (lambda m, l, e: drawn()(m, l, e)[0], "two values"),
    ],
    "check_dead_axes": [
        (lambda v, w: (v <= w / 2).sum(), "raises the level by the number of pixels"),
        (lambda v, w: (v > len(v) * w / 2).sum(), "these are the axes that live"),
        (lambda v, w: (v <= len(v) * w).sum(), "the level is half of this"),
        (lambda v, w: (v < len(v) * w / 2).sum(), "an axis at the level is dead"),
        (lambda v, w: (v <= len(v) * w / 4).sum(), "off by"),  # halved twice
        (lambda v, w: v <= len(v) * w / 2, "one number"),
    ],
    "check_blend": [
        (lambda z, w: w @ z / w.sum(), "the straight mix"),
        (lambda z, w: (w / w.sum()).sqrt() @ z, "their roots are other weights"),
        (lambda z, w: w @ z / w.sum() * len(w) ** 0.5, "where all weights are equal"),
        (lambda z, w: w @ z, "off by"),
        (lambda z, w: w @ z / (w @ z).norm(), "off by"),  # of length 1, as the factors are
        (lambda z, w: w @ z / w.square().sum(), "off by"),
        (lambda z, w: z.mean(0), "off by"),
    ],
    "check_restore": [
        (restored(COLUMNS), "the last axis of z, the columns"),
        (restored(ROWS), "the third axis of z, the rows"),
        (restored(CHANNELS, lambda z, m, s: (z - m) / s), "they are standard already"),
        (restored(CHANNELS, lambda z, m, s: m + z / s), "multiply by std"),
        (restored(CHANNELS, lambda z, m, s: s * (z + m)), "comes back after the std"),
        (restored(CHANNELS, lambda z, m, s: s * z), "the mean is missing"),
        (restored(CHANNELS, lambda z, m, s: m + z), "the std is missing"),
        (lambda z, mean, std: mean.mean() + std.mean() * z, "of its own"),
        (restored(CHANNELS, lambda z, m, s: m + s**2 * z), "off by"),
        (restored(CHANNELS, lambda z, m, s: (m + s * z).mean(0)), "shape"),
    ],
    "check_times_for": [
        (lambda t, a, b: shift(t, (b / a) ** 2), "take its root"),
        (lambda t, a, b: shift(t, a / b), "shifted the other way"),
        (lambda t, a, b: shift(t, (b / a) ** 0.5), "the sides for numbers of pixels"),
        (lambda t, a, b: t * b / a, "between 0 and 1"),
        (lambda t, a, b: t, "off by"),
        (lambda t, a, b: t ** (a / b), "off by"),
        (lambda t, a, b: shift(t, b / a)[:3], "as many as in the grid"),
    ],
}


@each_wrong_answer(WRONG)
def test_a_plausible_wrong_answer_is_told_why(name: str, f, says: str) -> None:
    assert says in sentence(CHECKS[name], f)


def test_a_check_leaves_what_it_asks_about_as_it_is() -> None:
    """A reader's function may work in place."""

    def in_place(z: Tensor, mean: Tensor, std: Tensor) -> Tensor:
        return z.mul_(std[:, None, None]).add_(mean[:, None, None])

    checks.check_restore(in_place)
    checks.check_dead_axes(lambda v, w: (v.mul_(2 / w) <= len(v)).sum())
