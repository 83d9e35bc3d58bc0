"""The training loss: its exact value, its minimiser, and each of its arguments."""

import math

import pytest
import torch
from models import each_path
from torch import nn

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.losses import denoising_loss
from diffusionbook.paths.gaussian import VE, Cosine, Linear
from diffusionbook.prediction import EDM, NAMES, Prediction, loss_weight
from diffusionbook.randomness import randn, seeded
from exact import f64, gauss_hermite

MEAN, STD = 0.7, 0.5
NODES, WEIGHTS = gauss_hermite(12)
Z = torch.cartesian_prod(NODES, NODES)  # data and noise, each standard normal
SHARES = torch.cartesian_prod(WEIGHTS, WEIGHTS).prod(1)
X0, EPS = MEAN + STD * Z[:, :1], Z[:, 1:]


def at_time(t: float):
    return lambda path, n, generator: torch.full((n,), t, dtype=torch.float64)


def expected_loss(denoiser, t: float, **options) -> float:
    """The loss averaged exactly over Gaussian data and noise, by Gauss-Hermite quadrature."""
    return float(
        denoising_loss(
            denoiser,
            X0,
            time=at_time(t),
            coupling=lambda x0, eps: (x0, EPS),
            weight=lambda t, path: len(SHARES) * SHARES,
            **options,
        )
    )


def posterior_variance(path, t: float) -> float:
    alpha, sigma = float(path.alpha(t)), float(path.sigma(t))
    return (STD * sigma) ** 2 / ((alpha * STD) ** 2 + sigma**2)


def exact(path) -> AnalyticDenoiser:
    return AnalyticDenoiser(GaussianMixture.normal(f64([MEAN]), STD**2), path)


@pytest.mark.equation("eq-simple-loss")
@pytest.mark.equation("eq-loss-weight")
@each_path
@pytest.mark.parametrize("t", [0.1, 0.5, 0.9])
def test_the_exact_model_loses_the_posterior_variance_times_the_weight(path, t: float) -> None:
    left = posterior_variance(path, t)
    assert expected_loss(exact(path), t) == pytest.approx(left, rel=1e-10)  # it answers in x0
    for row in [*NAMES, EDM(0.5)] if isinstance(path, VE) else NAMES:
        expected = left * float(loss_weight(row, t, path))
        assert expected_loss(exact(path), t, loss_in=row) == pytest.approx(expected, rel=1e-10)


class Perturbed:
    """The exact model with delta * bump(x_t) added to its x0."""

    def __init__(self, path, delta: float, bump) -> None:
        self.path, self.exact, self.delta, self.bump = path, exact(path), delta, bump

    def __call__(self, x_t, t, y=None) -> Prediction:
        x0 = self.exact(x_t, t).x0 + self.delta * self.bump(x_t)
        return Prediction(x0, "x0", x_t, t, self.path)


@pytest.mark.equation("eq-simple-loss")
@pytest.mark.parametrize("bump", [torch.ones_like, lambda x: x, lambda x: x**2 - x**3])
def test_the_exact_model_is_the_minimum_in_every_direction(bump) -> None:
    """Any change of the prediction adds exactly its mean square: the cross term is 0."""
    path, t = Cosine(), 0.4
    x_t = path.interpolate(X0, EPS, t)
    size = float((SHARES[:, None] * bump(x_t).square()).sum())
    least = expected_loss(exact(path), t)
    for delta in (-0.3, 0.01, 0.5):
        loss = expected_loss(Perturbed(path, delta, bump), t)
        assert loss - least == pytest.approx(delta**2 * size, rel=1e-8)


class Affine(nn.Module):
    """A net with something to differentiate."""

    def __init__(self) -> None:
        super().__init__()
        self.factor = nn.Parameter(f64(0.5))

    def forward(self, x, t):
        self.seen = (x.detach(), t)
        return self.factor * x + t[:, None]


@pytest.mark.equation("eq-simple-loss")
def test_the_loss_by_hand() -> None:
    """The mean over samples and dimensions of |net(x_t, t) - eps|^2, and its gradient."""
    net, x0, pairs = Affine(), randn((8, 3), seeded(1)), {}

    def keep(x0, eps):
        pairs.update(x0=x0, eps=eps)
        return x0, eps

    loss = denoising_loss(NetDenoiser(net, Cosine(), "eps"), x0, coupling=keep, generator=seeded(0))
    x_t, t = net.seen
    assert torch.equal(pairs["x0"], x0)
    angle = math.pi / 2 * t[:, None]
    assert (x_t - angle.cos() * x0 - angle.sin() * pairs["eps"]).abs().max() < 1e-12
    residual = 0.5 * x_t + t[:, None] - pairs["eps"]
    assert loss.item() == pytest.approx(float(residual.square().sum()) / 24, abs=1e-12)
    loss.backward()
    assert float(net.factor.grad) == pytest.approx(float(2 * (residual * x_t).mean()), abs=1e-12)
    assert t.unique().numel() == 8  # each sample has its own time


def test_the_generator_decides() -> None:
    model, x0 = exact(Linear()), X0
    one, same, other = (float(denoising_loss(model, x0, generator=seeded(s))) for s in (0, 0, 1))
    assert one == same != other


def test_the_noise_is_standard_normal() -> None:
    seen = {}
    x0 = torch.zeros(50_000, 2, dtype=torch.float64)
    model = AnalyticDenoiser(GaussianMixture.normal(f64([0, 0]), 1.0), Linear())
    denoising_loss(
        model, x0, coupling=lambda a, b: seen.update(eps=b) or (a, b), generator=seeded(0)
    )
    n = seen["eps"].numel()
    assert abs(seen["eps"].mean()) < 5 / math.sqrt(n)
    assert abs(seen["eps"].square().mean() - 1) < 5 * math.sqrt(2 / n)


def test_precision_of_the_data_is_kept() -> None:
    assert denoising_loss(exact(Linear()), X0.float(), generator=seeded(0)).dtype == torch.float32
