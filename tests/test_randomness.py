"""Seeds by counting: one-to-one, well mixed, and nobody else's generator is disturbed."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from diffusionbook.randomness import step_seed, torch_seeded


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1001))
def test_no_two_steps_of_a_run_share_a_seed(seed, first):
    seeds = {step_seed(seed, step) for step in range(first, first + 300)}
    assert len(seeds) == 300 and all(0 <= s < 2**32 for s in seeds)


@pytest.mark.parametrize("argument", ["seed", "step"])
@pytest.mark.parametrize("bit", [0, 1, 7, 15, 16, 31])
def test_one_bit_of_input_flips_half_of_the_output(argument, bit):
    n, flips = 2000, torch.zeros(32)
    for k in range(n):
        seed, step = k % 40, k // 40
        a = step_seed(seed, step)
        flip = 1 << bit
        b = step_seed(seed ^ flip, step) if argument == "seed" else step_seed(seed, step ^ flip)
        flips += torch.tensor([(a ^ b) >> i & 1 for i in range(32)])
    # Each output bit is a coin with standard error 0.5 / sqrt(n); inputs repeat in pairs, so the
    # effective n is half of it.
    assert ((flips / n - 0.5).abs() < 5 * 0.5 / (n / 2) ** 0.5).all()


def test_high_bits_of_the_seed_count():
    assert step_seed(1, 0) != step_seed(1 + 2**32, 0) != step_seed(1 + 2**63, 0)


def test_noise_of_neighbouring_steps_is_uncorrelated():
    n = 4000
    x, y, z = (
        torch.randn(n, generator=torch.Generator().manual_seed(step_seed(*pair)))
        for pair in ((0, 0), (0, 1), (1, 0))
    )
    for a, b in ((x, y), (x, z), (y, z)):
        assert (a * b).mean().abs() < 5 / n**0.5


def test_pytorchs_cpu_generator_reads_32_bits_of_its_seed():
    """The reason for 32-bit seeds. Should this ever fail, wider ones are possible."""
    a, b = (torch.rand(4, generator=torch.Generator().manual_seed(s)) for s in (5, 5 + 2**32))
    assert torch.equal(a, b)


@pytest.mark.parametrize("arguments", [(-1, 0), (2**64, 0), (0, -1), (0, 2**32)])
def test_numbers_out_of_range_are_refused(arguments):
    with pytest.raises(ValueError, match="must be a whole number from 0 to"):
        step_seed(*arguments)


def test_torch_seeded_seeds_and_restores_even_after_an_error():
    torch.manual_seed(9)
    expected = torch.rand(3)
    torch.manual_seed(9)
    with torch_seeded(4):
        a = torch.rand(3)
    with pytest.raises(KeyError), torch_seeded(4):
        assert torch.equal(torch.rand(3), a)
        raise KeyError
    assert torch.equal(torch.rand(3), expected)
