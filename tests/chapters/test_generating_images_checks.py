"""The checks of chapter 2: plausible wrong answers are told why."""

import math

import numpy as np
import pytest
import torch
from checked import checks_of, sentence

from diffusionbook.checks import generating_images as checks
from diffusionbook.denoisers.linear import LinearDenoiser
from diffusionbook.metrics.regions import coverage
from diffusionbook.paths.gaussian import Cosine
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids

pytestmark = pytest.mark.usefixtures("without_shape_checks")
CHECKS = checks_of(checks)


def test_wrong_answers_are_tried_with_each_check() -> None:
    assert set(WRONG) == set(CHECKS)


def unfold(x, order=(0, 1, 4, 2, 5, 3)):
    b, c, h, w = x.shape
    return x.reshape(b, c // 4, 2, 2, h, w).permute(order).reshape(b, c // 4, 2 * h, 2 * w)


def missed(n: int, m: int, k: int, of: float) -> float:
    return math.prod((n - j) / of for j in range(1, k + 1))


def linear(scaled):
    """The linear denoiser of data that are brought to the range of pixels by a rule."""
    return lambda data, x_t, t: LinearDenoiser(scaled(data[:, None].float()), Cosine())(x_t, t).x0


def spend(low: float, high: float):
    return lambda n, path: grids.uniform_log_snr(n, path, t_max=high, t_min=low)


WRONG = {
    "check_unfold": [
        lambda x: unfold(x, (0, 1, 4, 3, 5, 2)), lambda x: unfold(x, (0, 1, 2, 4, 3, 5)),
        lambda x: unfold(x, (0, 1, 4, 2, 5, 3)).mT, lambda x: -unfold(x), lambda x: x,
        lambda x: unfold(x)[:, :1]],
    "check_frechet": [
        lambda m, s, m2, s2: abs(m - m2) + abs(s - s2),
        lambda m, s, m2, s2: ((m - m2) ** 2 + (s - s2) ** 2) ** 0.5,
        lambda m, s, m2, s2: (m - m2) ** 2 + (s**2 - s2**2) ** 2,
        lambda m, s, m2, s2: (m - m2) ** 2 + s**2 + s2**2 - s * s2,
        lambda m, s, m2, s2: (m - m2) ** 2, lambda m, s, m2, s2: (s - s2) ** 2],
    "check_v_error": [
        lambda e, a, s: e / s**2, lambda e, a, s: e * (a**2 + s**2) / s**2,
        lambda e, a, s: e * (a**2 + s**2) / s, lambda e, a, s: e * (a / s) ** 2,
        lambda e, a, s: e * s**2, lambda e, a, s: e * ((a**2 + s**2) / a) ** 2],
    "check_coverage": [
        lambda n, m, k: 1 - missed(n, m, k, n + m - 1), lambda n, m, k: 1 - (n / (n + m)) ** k,
        lambda n, m, k: 1 - ((n - 1) / (n + m - 1)) ** k,
        lambda n, m, k: 1 - math.comb(n, k) / math.comb(n + m, k),
        lambda n, m, k: 1 - math.comb(m, k) / math.comb(n + m - 1, k),
        lambda n, m, k: math.comb(n - 1, k) / math.comb(n + m - 1, k),
        lambda n, m, k: 0.97],
    "check_six_looks": [
        lambda n, path: grids.uniform(n), grids.uniform_log_snr, lambda n, path: grids.uniform(7),
        lambda n, path: grids.uniform(n).flip(0), lambda n, path: grids.uniform(n)[:, None],
        lambda n, path: 2 * grids.uniform(n), lambda n, path: 0.5 * grids.uniform(n),
        lambda n, path: [1.0, 0.5, 0.5, 0.4, 0.3, 0.2, 0.0], spend(0.3, 0.7)],
    "check_garments": [
        linear(lambda data: data / 255), linear(lambda data: data),
        linear(lambda data: 1 - data / 127.5), lambda data, x_t, t: x_t,
        lambda data, x_t, t: x_t / Cosine().alpha(t).float(),
        lambda data, x_t, t: torch.zeros_like(x_t), lambda data, x_t, t: data[:50, None],
        lambda data, x_t, t: (data / 127.5 - 1).mean(0).expand(x_t.shape),
        lambda data, x_t, t: linear(lambda data: data / 127.5 - 1)(data, x_t, t)[:, 0]],
}


@pytest.mark.parametrize(("name", "f"), [(name, f) for name in CHECKS for f in WRONG[name]])
def test_plausible_wrong_answers_fail(name: str, f) -> None:
    sentence(CHECKS[name], f)


def test_the_coverage_asked_for_is_the_mean_of_real_coverages() -> None:
    """Of 400 pairs of draws of one law, within five standard errors."""
    n, m, k = 12, 9, 2
    found = np.array([float(coverage(randn((n, 3), seeded(2 * i)), randn((m, 3), seeded(2 * i + 1)),
                                     k)) for i in range(400)])
    right = 1 - math.comb(n - 1, k) / math.comb(n + m - 1, k)
    assert abs(found.mean() - right) < 5 * found.std() / 20
    checks.check_coverage(lambda n, m, k: 1 - math.comb(n - 1, k) / math.comb(n + m - 1, k))
