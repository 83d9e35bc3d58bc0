"""Checks of the exercises of chapter 2. Each raises an AssertionError that says what is off."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from diffusionbook import grids
from diffusionbook.checks.verdict import same
from diffusionbook.data.toy import ring_mixture, trio_mixture
from diffusionbook.denoise import AnalyticDenoiser
from diffusionbook.image_metrics import frechet_moments
from diffusionbook.paths import Cosine, GaussianPath, Linear
from diffusionbook.prediction import Prediction
from diffusionbook.samplers import DPMpp2M, Heun, sample
from diffusionbook.shapes import randn, seeded


def check_unfold(f: Callable[[Tensor], Tensor]) -> None:
    """f(x) → what folding 2 × 2 pixels has made x of."""
    for shape in ((2, 1, 4, 6), (1, 3, 8, 2)):
        images = randn(shape, seeded(0))
        same(f"images of shape {shape}", f(F.pixel_unshuffle(images, 2)), images)
    print("Correct: folding and unfolding changes nothing.")


def check_frechet(f: Callable[[float, float, float, float], float]) -> None:
    """f(m, s, m2, s2) → the squared Fréchet distance of two Gaussians on a line."""
    for m, s, m2, s2 in ((0.0, 1.0, 0.0, 1.0), (1.0, 0.5, -1.0, 2.0), (0.3, 0.0, 0.3, 1.5)):
        one, two = (torch.tensor([x]).double() for x in (m, m2))
        right = frechet_moments(one, torch.tensor([[s**2]]).double(), two,
                                torch.tensor([[s2**2]]).double())
        same(f"distance of N({m}, {s}²) and N({m2}, {s2}²)", f(m, s, m2, s2), right)
    print("Correct: squared differences of mean and of standard deviation.")


def check_v_error(f: Callable[[float, float, float], float]) -> None:
    """f(error, alpha, sigma) → the mean square error of v."""
    x0, eps, off = (randn((4, 3), seeded(k)) for k in range(3))
    for path in (Cosine(), Linear()):
        for t in (0.2, 0.7):
            alpha, sigma = float(path.alpha(t)), float(path.sigma(t))
            guess = Prediction(x0 + off, "x0", path.interpolate(x0, eps, t), t, path)
            right = (guess.v - (alpha * eps - sigma * x0)).square().mean()
            error = float(off.square().mean())
            same(f"error of v on {path} at t = {t}", f(error, alpha, sigma), right)
    print("Correct: on both paths, and over sigma² where alpha² + sigma² = 1.")


def check_coverage(f: Callable[[int, int, int], float]) -> None:
    """f(n, m, k) → the mean coverage if n real points and m samples have one law."""
    for n, m, k in ((2, 1, 1), (4, 3, 2), (1_000, 1_000, 5)):
        others = torch.arange(n + m - 1) < n - 1  # the others in a row: real, or sample
        orders = torch.stack([others[torch.randperm(n + m - 1, generator=seeded(i))[:k]]
                              for i in range(4_000)])
        covered = 1 - float(orders.all(1).double().mean())
        deviation = (covered * (1 - covered) / 4_000) ** 0.5
        same(f"coverage at n = {n}, m = {m}, k = {k}", f(n, m, k), covered,
             5 * max(deviation, 1e-3))
    print("Correct: shuffled points agree.")


def check_six_looks(f: Callable[[int, GaussianPath], Tensor]) -> None:
    """f(n, path) → a grid of n steps on which DPM-Solver++ ends near the exact ODE."""
    path = Cosine()
    found = {"yours": f(6, path), "equal steps of t": grids.uniform(6),
             "equal steps of log-SNR": grids.uniform_log_snr(6, path)}
    same("number of times on your grid", len(found["yours"]), 7)
    for name, law in (("three Gaussians", trio_mixture()), ("a ring", ring_mixture())):
        model, noise = AnalyticDenoiser(law, path), randn((200, 2), seeded(0))
        exact = sample(Heun(), model, noise, grids.uniform(200, 1 - 1e-6, 1e-4))
        off = {key: float((sample(DPMpp2M(), model, noise, grid) - exact).square().mean().sqrt())
               for key, grid in found.items()}
        said = ", ".join(f"{key} {value:.3f}" for key, value in off.items())
        assert off["yours"] < 0.9 * min(list(off.values())[1:]), (
            f"on {name} your grid is not a tenth better than both others: RMS error {said}")
        print(f"{name}: RMS error {said}")
    print("Correct: six looks, better spent.")
