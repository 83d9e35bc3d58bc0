"""Chapter 5, "What breaks": each mistake it shows dies under one of these tests.

The rules are written out as on the page, so that the mistakes can be planted in them.
"""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.distributions import MultivariateNormal

from diffusionbook.exact.linear_vae import LinearVAE
from diffusionbook.exact.reductions import level_of
from diffusionbook.nets.latent_scale import LatentScale
from diffusionbook.nets.posterior import DiagonalGaussian
from diffusionbook.paths.shifts import shift
from diffusionbook.randomness import randn, seeded
from exact import f64

pytestmark = pytest.mark.usefixtures("without_shape_checks")
NOISE = 0.3  # the variance of the decoder's noise
VARIANCES = f64([9.0, 4.0, 2.0, 1.0, 0.5, 0.2])


def both_summed(error: Tensor, divergence: Tensor) -> Tensor:
    return -(error / NOISE + (2 * torch.pi * f64(NOISE)).log()).sum(1) / 2 - divergence.sum(1)


def divergence_averaged(error: Tensor, divergence: Tensor) -> Tensor:
    return both_summed(error, divergence.mean(1, keepdim=True))


def error_averaged(error: Tensor, divergence: Tensor) -> Tensor:
    return both_summed(error.mean(1, keepdim=True), divergence)


@pytest.mark.equation("eq-elbo-vae")
def test_with_the_exact_posterior_the_bound_is_the_log_likelihood(
    bound: Callable = both_summed,
) -> None:
    """For every x, not on average: only then is there nothing that a mistake can hide behind.

    The best linear model at beta = 1 holds the exact posterior of its own decoder. The error of a
    draw has the mean (x - W m)² + W D W', coordinate by coordinate.
    """
    model, x = LinearVAE(torch.diag(VARIANCES), 4, NOISE), 2 * randn((20, 6), seeded(0))
    variances = model.posterior_variances.expand(20, 4)
    posterior = DiagonalGaussian(x @ model.encoder.T, variances.log())
    error = (x - posterior.mean @ model.decoder.T).square() + variances @ model.decoder.square().T
    exact = MultivariateNormal(torch.zeros(6).double(), model.samples_cov()).log_prob(x)
    assert (bound(error, posterior.kl()) - exact).abs().max() < 1e-10


@pytest.mark.parametrize("mutant", [divergence_averaged, error_averaged])
def test_a_mean_in_the_place_of_a_sum_fails(mutant: Callable) -> None:
    with pytest.raises(AssertionError):
        test_with_the_exact_posterior_the_bound_is_the_log_likelihood(mutant)


@pytest.mark.equation("eq-reductions")
def test_both_divided_by_one_number_is_no_mistake() -> None:
    """As in a public example that was reported twice: it trains at the level of both summed."""
    pixels, latents = 784, 20
    summed = level_of(2.0, pixels, latents)
    divided = level_of(2.0 / pixels, pixels, latents, error="mean")
    assert divided == pytest.approx(summed, rel=1e-12)


class Measured:
    """The package's own units, as a rule with two sides."""

    def __init__(self, mean: Tensor, std: Tensor) -> None:
        self.scale = LatentScale(len(mean)).double()
        self.scale.mean.copy_(mean)
        self.scale.std.copy_(std)

    def standard(self, z: Tensor) -> Tensor:
        return self.scale.standard(DiagonalGaussian(z, torch.zeros_like(z))).mean

    def restore(self, z: Tensor) -> Tensor:
        return self.scale.restore(z)


class Rule(Measured):
    """The same by hand, where a mistake can be planted."""

    def __init__(self, mean: Tensor, std: Tensor) -> None:
        self.mean, self.std = (v[:, None, None] for v in (mean, std))

    def standard(self, z: Tensor) -> Tensor:
        return (z - self.mean) / self.std

    def restore(self, z: Tensor) -> Tensor:
        return self.mean + self.std * z


class NothingRestored(Rule):
    def restore(self, z: Tensor) -> Tensor:
        return z


class MeanNotTakenOff(Rule):
    def standard(self, z: Tensor) -> Tensor:
        return z / self.std


class Swapped(Rule):
    def restore(self, z: Tensor) -> Tensor:
        return (z + self.mean) * self.std


class Borrowed(Rule):
    """The constant of another autoencoder, in both directions: what goes round comes back."""

    def __init__(self, mean: Tensor, std: Tensor) -> None:
        super().__init__(mean, std)
        self.std = self.std * 0.13025 / 0.18215


@pytest.mark.equation("eq-latent-scale")
@pytest.mark.parametrize("rule", [Measured, Rule])
def test_a_perfect_latent_model_makes_the_latents_of_the_encoder(rule: type) -> None:
    """What it is trained on is standard, and what it draws is restored: each end by itself.

    Round and back alone would pass a constant that is wrong in both directions.
    """
    mean, std = f64([3.0, -0.5, 0.0, 0.1]), f64([5.0, 0.2, 1.3, 0.9])
    noise = randn((7, 4, 3, 3), seeded(1))
    latents, units = mean[:, None, None] + std[:, None, None] * noise, rule(mean, std)
    assert (units.standard(latents) - noise).abs().max() < 1e-12
    assert (units.restore(noise) - latents).abs().max() < 1e-12


@pytest.mark.parametrize("mutant", [NothingRestored, MeanNotTakenOff, Swapped, Borrowed])
def test_units_lost_on_the_way_fail(mutant: type) -> None:
    with pytest.raises(AssertionError):
        test_a_perfect_latent_model_makes_the_latents_of_the_encoder(mutant)


def nearest(z: Tensor, codes: Tensor) -> Tensor:
    return codes[torch.cdist(z, codes).argmin(1)]


def right(z: Tensor, codes: Tensor, beta: float) -> Tensor:
    e = nearest(z, codes)
    of_codes, of_encoder = (e - z.detach()).square().sum(), (e.detach() - z).square().sum()
    return of_codes + beta * of_encoder


def other_term(z: Tensor, codes: Tensor, beta: float) -> Tensor:
    e = nearest(z, codes)
    of_codes, of_encoder = (e - z.detach()).square().sum(), (e.detach() - z).square().sum()
    return beta * of_codes + of_encoder


def copied_too_early(z: Tensor, codes: Tensor, beta: float) -> Tensor:
    """The gradient is copied past the codes before the loss, so nothing moves them."""
    e = z + (nearest(z, codes) - z).detach()
    return (e - z.detach()).square().sum() + beta * (e.detach() - z).square().sum()


def nothing_held(z: Tensor, codes: Tensor, beta: float) -> Tensor:
    return (1 + beta) * (nearest(z, codes) - z).square().sum()


def test_beta_pulls_at_the_encoder_and_leaves_the_codes_alone(loss: Callable = right) -> None:
    """What each code feels is 2 (e - z), summed over its own; what each z feels is 2 beta (z - e).
    """
    for beta in (0.25, 1.0, 3.0):
        z, codes = (randn((n, 2), seeded(n)).requires_grad_() for n in (9, 4))
        of_z, of_codes = torch.autograd.grad(loss(z, codes, beta), (z, codes), allow_unused=True,
                                             materialize_grads=True)
        away = (z - nearest(z, codes)).detach()
        pull = torch.zeros_like(codes).index_add(0, torch.cdist(z, codes).argmin(1), 2 * away)
        assert (of_z - 2 * beta * away).abs().max() < 1e-12
        assert (of_codes + pull).abs().max() < 1e-12


@pytest.mark.parametrize("mutant", [other_term, copied_too_early, nothing_held])
def test_a_loss_that_pulls_at_the_wrong_side_fails(mutant: Callable) -> None:
    with pytest.raises(AssertionError):
        test_beta_pulls_at_the_encoder_and_leaves_the_codes_alone(mutant)


@pytest.mark.parametrize(("loss", "share"), [(right, 0.2), (other_term, 0.8)])
def test_they_meet_where_the_page_says(loss: Callable, share: float) -> None:
    """z / beta + code stays as it is while both walk: the meeting point needs no time."""
    z, code = f64([[0.0, 0.0]]).requires_grad_(), f64([[1.0, 1.0]]).requires_grad_()
    for _ in range(200):
        of_z, of_code = torch.autograd.grad(loss(z, code, 0.25), (z, code))
        with torch.no_grad():
            z -= 0.1 * of_z
            code -= 0.1 * of_code
    assert (z - share).abs().max() < 1e-9 and (code - share).abs().max() < 1e-9


def shifted_once(steps: int, ratio: float) -> Tensor:
    return shift(torch.linspace(1, 1e-3, steps, dtype=torch.float64), ratio)


def shifted_twice(steps: int, ratio: float) -> Tensor:
    """The last time was shifted when it was stored, and is shifted again when it is used."""
    last = float(shift(1e-3, ratio))
    return shift(torch.linspace(1, last, steps, dtype=torch.float64), ratio)


@pytest.mark.equation("eq-shift")
def test_a_grid_that_is_shifted_back_has_equal_steps(grid: Callable = shifted_once) -> None:
    """Shifts are a group: that by 1 / ratio leaves the grid before the shift."""
    for steps, ratio in ((5, 3.0), (20, 3.0), (20, 0.5)):
        before = shift(grid(steps, ratio), 1 / ratio)
        assert (before.diff().diff()).abs().max() < 1e-12
        assert float(before[-1]) == pytest.approx(1e-3, abs=1e-12)


def test_a_grid_that_is_shifted_twice_fails() -> None:
    with pytest.raises(AssertionError):
        test_a_grid_that_is_shifted_back_has_equal_steps(shifted_twice)
    theirs = [1.0, 0.90036, 0.75112, 0.50299, 0.00893]  # printed by diffusers 0.42.1
    assert shifted_twice(5, 3.0).tolist() == pytest.approx(theirs, abs=6e-6)
