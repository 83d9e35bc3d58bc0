"""Chains of noising steps: their moments by induction, and their limit."""

import math

import pytest
import torch

from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import VP, Cosine, Linear
from diffusionbook.randomness import randn, seeded
from exact import slopes

BETAS = torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64)
CHAIN = Chain.from_betas(BETAS)


@pytest.mark.equation("eq-alpha-bar")
@pytest.mark.equation("eq-ddpm-marginal")
def test_one_step_after_another_gives_the_closed_form() -> None:
    """Each step x <- sqrt(1 - beta) x + sqrt(beta) eps acts on the factor and the variance."""
    factor, variance = 1.0, 0.0
    assert float(CHAIN.alpha(0)) == 1
    assert float(CHAIN.sigma(0)) == 0
    for k, beta in enumerate(BETAS.tolist(), start=1):
        factor, variance = math.sqrt(1 - beta) * factor, (1 - beta) * variance + beta
        if k in (1, 2, 3, 10, 500, 999, 1000):
            assert float(CHAIN.alpha(k / 1000)) == pytest.approx(factor, abs=1e-12)
            assert float(CHAIN.sigma(k / 1000)) == pytest.approx(math.sqrt(variance), abs=1e-12)


def test_steps_and_betas_are_given_back() -> None:
    assert CHAIN.steps == 1000
    assert CHAIN.betas.shape == (1000,)
    assert (CHAIN.betas - BETAS).abs().max() < 1e-12
    assert CHAIN.betas.dtype == torch.float64


def test_times_are_multiples_of_a_step() -> None:
    t = torch.arange(1001, dtype=torch.float64) / 1000
    assert torch.equal(CHAIN.index(t), torch.arange(1001))
    assert torch.equal(CHAIN.index(t.float()), torch.arange(1001))  # float32 times are near enough
    assert CHAIN.index(0.25).dtype == torch.int64
    assert int(CHAIN.index(0.5 + 0.9e-7)) == 500  # a ten-thousandth of a step


@pytest.mark.parametrize("t", [0.0005, 0.5 + 1.1e-7, 0.5 - 1.1e-7])
def test_times_between_steps_are_refused(t: float) -> None:
    with pytest.raises(ValueError, match="multiple of 1/1000 on a chain of 1000 steps; it is"):
        CHAIN.alpha(t)


@pytest.mark.parametrize("path", [Cosine(), VP()], ids=str)
def test_a_chain_read_off_a_path_agrees_with_it_at_its_times(path) -> None:
    chain = Chain.from_path(path, 40)
    t = torch.arange(41, dtype=torch.float64) / 40
    assert chain.steps == 40
    assert (chain.alpha(t) - path.alpha(t)).abs().max() < 1e-12
    assert (chain.sigma(t) - path.sigma(t)).abs().max() < 1e-12
    alpha_bar = path.alpha(t) ** 2
    assert (chain.betas - (1 - alpha_bar[1:] / alpha_bar[:-1])).abs().max() < 1e-12


def test_the_last_beta_of_the_cosine_chain_is_one() -> None:
    assert float(Chain.from_path(Cosine(), 10).betas[-1]) == 1


def test_betas_become_the_rate_as_steps_shrink() -> None:
    """T beta_k -> beta(k / T), with an error that halves when T doubles."""
    path, errors, counts = VP(), [], [200, 400, 800]
    for steps in counts:
        chain = Chain.from_path(path, steps)
        t = torch.arange(1, steps + 1, dtype=torch.float64) / steps
        errors.append(float((steps * chain.betas - path.beta(t)).abs().max()))
    assert slopes(counts, errors) == pytest.approx([1, 1], abs=0.1)


def test_rescaled_linear_betas_have_the_vp_path_as_limit() -> None:
    """betas (b0 + (b1 - b0) k / T) / T multiply to alpha_bar = exp(-integral), as 1 / T."""
    errors, counts = [], [250, 500, 1000]
    for steps in counts:
        k = torch.arange(1, steps + 1, dtype=torch.float64)
        chain = Chain.from_betas((0.1 + 19.9 * k / steps) / steps)
        errors.append(float((chain.alpha(k / steps) - VP().alpha(k / steps)).abs().max()))
    assert slopes(counts, errors) == pytest.approx([1, 1], abs=0.1)


def test_a_batch_gets_its_own_coefficients_and_no_derivative() -> None:
    x0, eps = randn((3, 2, 2), seeded(0)), randn((3, 2, 2), seeded(1))
    t = torch.tensor([0.001, 0.5, 1.0])
    c = CHAIN.at(t, x0)
    assert c.alpha.shape == c.sigma.shape == c.d_alpha.shape == (3, 1, 1)
    assert c.d_alpha.isnan().all() and c.d_sigma.isnan().all()
    x_t = CHAIN.interpolate(x0, eps, t)
    for i, k in enumerate((1, 500, 1000)):
        alpha_bar = float((1 - BETAS[:k]).prod())
        expected = math.sqrt(alpha_bar) * x0[i] + math.sqrt(1 - alpha_bar) * eps[i]
        assert (x_t[i] - expected).abs().max() < 1e-12


def test_a_chain_has_no_derivative_and_no_inverse() -> None:
    for call in (CHAIN.d_alpha, CHAIN.d_sigma):
        with pytest.raises(ValueError, match="Chain has no time derivative; use"):
            call(0.5)
    with pytest.raises(ValueError, match="Chain has no inverse; use"):
        CHAIN.t_from_half_log_snr(torch.tensor(0.0))


def test_a_chain_of_one_step() -> None:
    chain = Chain.from_path(VP(), 1)
    assert chain.steps == 1
    assert float(chain.alpha(1)) == pytest.approx(float(VP().alpha(1)), abs=1e-14)
    assert Chain.from_betas(torch.tensor([0.5])).steps == 1


@pytest.mark.parametrize(
    ("betas", "message"),
    [
        (torch.tensor([]), r"betas must be 1-D and not empty; its shape is \(0,\)"),
        (torch.full((2, 2), 0.1), r"betas must be 1-D and not empty; its shape is \(2, 2\)"),
        (torch.tensor([0.0, 0.5]), r"betas must lie inside \(0, 1\); they span \[0, 0.5\]"),
        (torch.tensor([0.5, 1.0]), r"betas must lie inside \(0, 1\); they span \[0.5, 1\]"),
    ],
)
def test_bad_betas_are_refused(betas, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Chain.from_betas(betas)


def test_chains_need_a_step_and_a_variance_preserving_path() -> None:
    with pytest.raises(ValueError, match="steps must be at least 1; it is 0"):
        Chain.from_path(VP(), 0)
    with pytest.raises(ValueError, match=r"path must keep alpha\^2 \+ sigma\^2 = 1; Linear"):
        Chain.from_path(Linear(), 10)


def test_a_chain_is_named_in_messages_without_its_thousand_numbers() -> None:
    assert repr(CHAIN) == "Chain()"
