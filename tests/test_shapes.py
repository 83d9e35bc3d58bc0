"""Times, broadcasting and seeded noise."""

import math

import pytest
import torch

from diffusionbook.randomness import randn, randn_like, seeded
from diffusionbook.shapes import as_time, expand


@pytest.mark.parametrize("t", [0, 1, 0.25, torch.tensor(0.25), torch.tensor([0.0, 0.5, 1.0])])
def test_as_time_keeps_values_in_float64(t) -> None:
    time = as_time(t)
    assert time.dtype == torch.float64
    assert torch.equal(time, torch.as_tensor(t, dtype=torch.float64))


@pytest.mark.parametrize(
    ("t", "shown"),
    [
        (-0.1, "[-0.1, -0.1]"),
        (1.5, "[1.5, 1.5]"),
        (torch.tensor([0.5, 1.25]), "[0.5, 1.25]"),
        (torch.tensor([-0.5, 0.5]), "[-0.5, 0.5]"),
        (math.nan, "[nan, nan]"),
    ],
)
def test_times_outside_the_unit_interval_are_refused(t, shown: str) -> None:
    with pytest.raises(ValueError, match=r"t must lie in \[0, 1\].*spans") as error:
        as_time(t)
    assert shown in str(error.value)


def test_one_time_for_the_batch_stays_a_scalar() -> None:
    assert expand(torch.tensor(0.5), torch.zeros(3, 2)).shape == ()


@pytest.mark.parametrize("shape", [(3,), (3, 2), (3, 1, 4, 4)])
def test_one_time_per_sample_multiplies_its_own_sample(shape: tuple[int, ...]) -> None:
    t = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
    product = expand(t, torch.ones(shape)) * torch.ones(shape)
    assert product.shape == shape
    for i in range(3):
        assert (product[i] == i + 1).all()


def test_times_take_the_dtype_of_the_samples() -> None:
    for t in (torch.tensor(0.5).double(), torch.tensor([0.5, 0.5]).double()):
        assert expand(t, torch.zeros(2, 2, dtype=torch.float32)).dtype == torch.float32


@pytest.mark.parametrize("shape", [(2,), (3, 1), (1,)])
def test_a_time_that_fits_no_sample_is_refused(shape, without_shape_checks) -> None:
    with pytest.raises(ValueError, match=r"t must have shape \(\) or \(3,\)") as error:
        expand(torch.zeros(shape), torch.zeros(3, 2))
    assert f"it has shape {shape}" in str(error.value)
    assert "x with shape (3, 2)" in str(error.value)


def test_noise_is_the_generators() -> None:
    expected = torch.randn(4, 3, generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    assert torch.equal(randn((4, 3), seeded(5)), expected)
    assert torch.equal(randn_like(expected, seeded(5)), expected)
    assert not torch.equal(randn((4, 3), seeded(6)), expected)


def test_noise_takes_the_dtype_asked_for() -> None:
    assert randn((2,), seeded(0)).dtype == torch.float64
    assert randn((2,), seeded(0), torch.float32).dtype == torch.float32
    assert randn_like(torch.zeros(2, dtype=torch.float32), seeded(0)).dtype == torch.float32


def test_without_a_generator_noise_still_varies() -> None:
    assert not torch.equal(randn((8,), None), randn((8,), None))
    assert not torch.equal(randn_like(torch.zeros(8), None), randn_like(torch.zeros(8), None))


def test_noise_is_standard_normal() -> None:
    n = 100_000
    z = randn((n,), seeded(0))
    assert abs(z.mean()) < 5 / math.sqrt(n)
    assert abs(z.var() - 1) < 5 * math.sqrt(2 / n)
    assert abs((z**4).mean() - 3) < 5 * math.sqrt(96 / n)
