"""Checks of the exercises of chapter 2. Each raises an AssertionError that says what is off."""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from diffusionbook.checks.answers import asked, numbers
from diffusionbook.checks.verdict import same
from diffusionbook.data.toy import ring_mixture, trio_mixture
from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.metrics.images import frechet_moments
from diffusionbook.paths.gaussian import Cosine, GaussianPath, Linear
from diffusionbook.prediction import Prediction
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.ode import DPMpp2M, Heun


def check_unfold(f: Callable[[Tensor], Tensor]) -> None:
    """f(x) → what folding 2 × 2 pixels has made x of."""
    f = asked(f)
    for shape in ((2, 1, 4, 6), (1, 3, 8, 2)):
        images = randn(shape, seeded(0))
        same(f"images of shape {shape}", f(F.pixel_unshuffle(images, 2)), images)
    print("Correct: folding and unfolding changes nothing.")


def check_frechet(f: Callable[[float, float, float, float], float]) -> None:
    """f(m, s, m2, s2) → the squared Fréchet distance of two Gaussians on a line."""
    f = asked(f)
    for m, s, m2, s2 in ((0.0, 1.0, 0.0, 1.0), (1.0, 0.5, -1.0, 2.0), (0.3, 0.0, 0.3, 1.5)):
        one, two = (torch.tensor([x]).double() for x in (m, m2))
        right = frechet_moments(one, torch.tensor([[s**2]]).double(), two,
                                torch.tensor([[s2**2]]).double())
        same(f"distance of N({m}, {s}²) and N({m2}, {s2}²)", f(m, s, m2, s2), right)
    print("Correct: squared differences of mean and of standard deviation.")


def check_v_error(f: Callable[[float, float, float], float]) -> None:
    """f(error, alpha, sigma) → the mean square error of v."""
    f = asked(f)
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
    f = asked(f)
    for n, m, k in ((2, 1, 1), (4, 3, 2), (50, 200, 3), (1_000, 1_000, 5)):
        right = 1 - math.comb(n - 1, k) / math.comb(n + m - 1, k)
        same(f"coverage at n = {n}, m = {m}, k = {k}", f(n, m, k), right)
    print("Correct: of all ways to choose the k nearest, it counts those that are all real.")


def check_six_looks(f: Callable[[int, GaussianPath], Tensor]) -> None:
    """f(n, path) → a grid of n steps on which DPM-Solver++ ends near the exact ODE."""
    path = Cosine()
    found = {"yours": _grid(asked(f)(6, path)), "equal steps of t": grids.uniform(6),
             "equal steps of log-SNR": grids.uniform_log_snr(6, path)}
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


def check_garments(f: Callable[[Tensor, Tensor, float], Tensor]) -> None:
    """f(data, x_t, t) → guesses of the clean images, learned from other images in 0 … 255."""
    f, path = asked(f), Cosine()
    data, clean = _cut_out(400, seed=0), _cut_out(50, seed=1)[:, None] / 127.5 - 1
    mean = data.double().mean(0) / 127.5 - 1
    least = float((clean - mean).square().mean())
    for t in (0.2, 0.5):
        x_t = path.interpolate(clean, randn(clean.shape, seeded(2), torch.float32), t)
        guess = numbers("your guess", f(data.clone(), x_t.clone(), t))
        if guess.shape != clean.shape:
            raise AssertionError(f"your guess: its shape should be {tuple(clean.shape)}, that of "
                                 f"x_t; it is {tuple(guess.shape)}")
        off = float((guess - clean).square().mean())
        said = f"error {off:.3f} at t = {t:g}, where the mean garment has {least:.3f}"
        assert off < least / 2, (
            f"your guess: {said}; it should be less than half. Do the data lie in [-1, 1], and "
            "does the guess use both the noisy image and the data?")
        print(said)
    print("Correct: another data set, the same mathematics.")


def _cut_out(n: int, seed: int) -> Tensor:
    """Garments out of paper: a body, with sleeves or with legs, in one grey; (n, 28, 28), uint8."""
    def whole(low: int, high: int) -> list[int]:
        return torch.randint(low, high, (n,), generator=generator).tolist()

    generator, paper = seeded(seed), torch.zeros(n, 28, 28, dtype=torch.uint8)
    parts = zip(paper, whole(5, 9), whole(3, 7), whole(20, 26), whole(120, 256), whole(0, 2),
                strict=True)
    for image, half, top, end, grey, legs in parts:
        image[top:end, 14 - half : 14 + half] = grey
        if legs:
            image[top + 8 : end, 13:15] = 0
        else:
            image[top : top + 7, 14 - half - 4 : 14 + half + 4] = grey
    return paper


def _grid(yours: object) -> Tensor:
    """Seven times that fall, as a sampler takes them."""
    grid = numbers("your grid", yours)
    if grid.shape != (7,):
        raise AssertionError("your grid: six steps have seven times, in one row; its shape is "
                             f"{tuple(grid.shape)}")
    if not bool(((grid >= 0) & (grid <= 1)).all()):
        raise AssertionError("your grid: times lie between 0 and 1; yours are "
                             f"{[round(t, 3) for t in grid.tolist()]}")
    if not bool((grid.diff() < 0).all()):
        raise AssertionError("your grid: each time should be smaller than the one before; yours "
                             f"are {[round(t, 3) for t in grid.tolist()]}")
    return grid
