"""Checks of the exercises of chapter 3. Each raises an AssertionError that says what is off."""

import math
from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor

from diffusionbook.checks.answers import asked, number
from diffusionbook.checks.verdict import same
from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.exact.guided import guided_ode_std_at, tilted_std
from diffusionbook.guidance import autoguidance, cfg
from diffusionbook.paths.gaussian import VP, Cosine, GaussianPath, Linear
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.ode import Heun

S_C, S_U = 0.5, 1.0


def _gaussian(path: GaussianPath, mean: float, std: float) -> AnalyticDenoiser:
    law = GaussianMixture.normal(torch.tensor([mean]), std**2)
    return AnalyticDenoiser(law, path)


def _run(model: Denoiser, start: Tensor) -> Tensor:
    return sample(Heun(), model, start, grids.uniform(400))


def check_convention(f: Callable[[Tensor, Tensor, float], Tensor]) -> None:
    """f(with_label, without, their_w) → the guided answer, at Ho and Salimans' scale."""
    f = asked(f)
    with_label, without = randn((5, 2), seeded(0)), randn((5, 2), seeded(1))
    same("at their scale 0, which is no guidance", f(with_label, without, 0.0), with_label)
    for scale in (0.5, 3.0):
        right = with_label + scale * (with_label - without)
        same(f"at their scale {scale}", f(with_label, without, scale), right)
    print("Correct: 0 leaves the answer with the label as it is, 0.5 goes half as far again.")


def check_largest_w(f: Callable[[float, float], float]) -> None:
    """f(s_c, s_u) → the w below which the tilted law exists, for s_c > s_u."""
    f = asked(f)
    for s_c, s_u in ((1.0, 0.5), (2.0, 1.9)):
        w = number(f"largest w for s_c = {s_c}, s_u = {s_u}", f(s_c, s_u))
        if not math.isfinite(w):
            raise AssertionError(f"largest w: it should be a finite number for s_c = {s_c}, "
                                 f"s_u = {s_u}; it is {w}")
        same(f"inverse variance of the tilted law at your w, s_c = {s_c}, s_u = {s_u}",
             w / s_c**2 + (1 - w) / s_u**2, 0.0)
    print("Correct: there the inverse variance of the tilted law reaches 0.")


def check_guided_mean(f: Callable[[float, float, float], float]) -> None:
    """f(m_c, m_u, w) → the mean of the guided samples, from a run of Heun's method."""
    f = asked(f)
    for m_c, m_u, w in ((1.0, -1.0, 3.0), (0.5, 2.0, 1.5)):
        same(f"mean for m_c = {m_c}, m_u = {m_u}, w = {w}", f(m_c, m_u, w),
             _guided_mean(m_c, m_u, w), 1e-3)
    print("Correct: a run of the ODE from the middle of the noise ends there.")


@cache
def _guided_mean(m_c: float, m_u: float, w: float) -> float:
    strong, weak = (_gaussian(Cosine(), mean, S_C) for mean in (m_c, m_u))
    return float(_run(autoguidance(strong, weak, w), torch.zeros(1, 1).double()))


def check_overshoot_rate(f: Callable[[float, float, float, float], float]) -> None:
    """f(zeta, xi, w, share) → d zeta / d xi of the guided ODE, from the velocity of a mixture."""
    f = asked(f)
    for zeta, xi, w, share in ((0.3, 0.4, 3.0, 0.5), (0.3, 0.4, 3.0, 0.1), (-0.8, 1.1, 2.0, 0.1),
                               (1.2, 0.2, 4.0, 0.8)):
        same(f"rate at zeta = {zeta}, xi = {xi}, w = {w} and a share of {share}",
             f(zeta, xi, w, share), _overshoot_rate(zeta, xi, w, share))
    print("Correct: the guided velocity of the exact mixture moves zeta at this rate.")


def _overshoot_rate(zeta: float, xi: float, w: float, share: float) -> float:
    """By the chain rule: both numbers move in t, and so their ratio is the rate."""
    ell, s, path = 1.0, S_C, Linear()
    nu = (ell / xi) ** 2 - s**2  # of x_t / alpha, where the class is xi widths from the middle
    t = math.sqrt(nu) / (1 + math.sqrt(nu))
    alpha, sigma, d_alpha, d_sigma = (
        float(v(t)) for v in (path.alpha, path.sigma, path.d_alpha, path.d_sigma))
    width = math.sqrt(alpha**2 * s**2 + sigma**2)
    d_width = (alpha * d_alpha * s**2 + sigma * d_sigma) / width
    law = GaussianMixture([1 - share, share], [[-ell], [ell]], [s**2, s**2], torch.arange(2))
    x = torch.tensor([[alpha * ell + width * zeta]], dtype=torch.float64)
    u = float(cfg(AnalyticDenoiser(law, path), w)(x, t, torch.ones(1).long()).velocity)
    d_zeta = (u - d_alpha * ell - zeta * d_width) / width
    d_xi = (d_alpha * ell - xi * d_width) / width
    return d_zeta / d_xi


def check_std_after(
    f: Callable[[GaussianPath, float, float, float, float, float], float]
) -> None:
    """f(path, s_c, s_u, w, low, high) → the std at t = 0, guided for low <= t <= high."""
    f = asked(f)
    for path in (Cosine(), Linear()):
        for low, high, w in ((0.0, 1.0, 3.0), (0.2, 0.7, 3.0), (0.0, 0.5, 2.0)):
            at_high = guided_ode_std_at(path, high, S_C, S_U, 1.0)
            at_low = guided_ode_std_at(path, low, S_C, S_U, w, start=high,
                                       start_std=float(at_high))
            end = guided_ode_std_at(path, 0.0, S_C, S_U, 1.0, start=low, start_std=float(at_low))
            same(f"std on {path} with w = {w} for t in [{low}, {high}]",
                 f(path, S_C, S_U, w, low, high), end)
    print("Correct: three stretches of the way, chained.")


def check_promised_scale(f: Callable[[float, float, float, float], float]) -> None:
    """f(noise_to_signal, s_c, s_u, w) → w(t), with which the ODE makes the tilted law."""
    f = asked(f)
    path, w = VP(), 3.0
    strong, weak = (_gaussian(path, 0.0, std) for std in (S_C, S_U))

    def scale(t: float) -> float:
        if t == 0:
            return w
        yours = number(f"your scale at t = {t:.4g}", f(1 / float(path.snr(t)), S_C, S_U, w))
        if not math.isfinite(yours):
            raise AssertionError(f"your scale at t = {t:.4g}: it should be finite; it is {yours}")
        return yours

    ends = _run(autoguidance(strong, weak, scale), path.sigma(1.0) * torch.ones(1, 1).double())
    same("std of the samples with your scale", float(ends), tilted_std(S_C, S_U, w), 1e-3)
    print("Correct: with this scale the ODE makes the tilted law.")
