"""Chapter 2, "What breaks": each mistake it shows dies under one of these tests.

The rules are written out as on the page, so that the mistakes can be planted in them.
"""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from diffusionbook.data import mnist
from diffusionbook.nets.blocks import attend
from diffusionbook.randomness import randn, seeded
from diffusionbook.zoo.judge import as_seen


def turned(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    logits = q @ k.mT / q.shape[-1] ** 0.5
    return torch.softmax(logits, -2) @ v


def whole_clip(x_t: Tensor, x0: Tensor, alpha: float, sigma: float) -> tuple[Tensor, Tensor]:
    """x0 clipped, and eps read anew from it."""
    x0 = x0.clamp(-1, 1)
    return x0, (x_t - alpha * x0) / sigma


def half_a_clip(x_t: Tensor, x0: Tensor, alpha: float, sigma: float) -> tuple[Tensor, Tensor]:
    return x0.clamp(-1, 1), (x_t - alpha * x0) / sigma


@pytest.mark.equation("eq-attention")
def test_equal_values_stay_what_they_are(rule: Callable = attend) -> None:
    """An average of equal values is that value, whatever the weights are."""
    q, k = randn((2, 3, 2, 49, 8), seeded(0))
    values = randn((3, 2, 1, 8), seeded(1)).expand(3, 2, 49, 8)
    assert torch.allclose(rule(q, k, values), values, atol=1e-12)


def test_a_real_image_is_judged_as_it_is(judged: Callable = as_seen) -> None:
    """An image of 256 levels in [-1, 1] is one already: nothing may happen to it."""
    levels = torch.arange(256) / 127.5 - 1
    assert torch.allclose(judged(levels), levels, atol=1e-6)


def test_a_clipped_guess_still_explains_the_sample(clip: Callable = whole_clip) -> None:
    """Data and noise stay two readings of one x_t = alpha x0 + sigma eps."""
    x_t, guess = 2 * randn((2, 5, 1, 28, 28), seeded(0))
    x0, eps = clip(x_t, guess, 0.8, 0.6)
    assert x0.abs().max() <= 1 < guess.abs().max()
    assert torch.allclose(0.8 * x0 + 0.6 * eps, x_t, atol=1e-12)


def test_the_wrong_axis_fails() -> None:
    with pytest.raises(AssertionError):
        test_equal_values_stay_what_they_are(turned)


def test_the_wrong_range_fails() -> None:
    with pytest.raises(AssertionError):
        test_a_real_image_is_judged_as_it_is(mnist.to_unit)


def test_half_a_clip_fails() -> None:
    with pytest.raises(AssertionError):
        test_a_clipped_guess_still_explains_the_sample(half_a_clip)
