"""Which arithmetic is faster is measured, and a context computes in the one that it is told."""

import time

import pytest
import torch

from diffusionbook.machine import precision
from diffusionbook.machine.precision import ARITHMETICS, computing_in, fastest

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


@pytest.fixture(autouse=True)
def measured_anew():
    precision._measured.cache_clear()
    yield
    precision._measured.cache_clear()


@pytest.mark.parametrize("outside", ARITHMETICS)
@pytest.mark.parametrize("arithmetic", ARITHMETICS)
def test_products_are_done_as_the_context_says_whatever_holds_outside(arithmetic, outside):
    a = torch.ones(2, 2)
    with computing_in(outside, "cpu"):
        with computing_in(arithmetic, a.device):
            assert (a @ a).dtype == DTYPES[arithmetic]
        assert (a @ a).dtype == DTYPES[outside]
    assert (a @ a).dtype == torch.float32


def test_another_word_is_refused(without_shape_checks):
    with pytest.raises(ValueError, match="arithmetic must be float32 or bfloat16; it is 'half'"):
        computing_in("half", "cpu")


def test_a_device_without_such_a_context_computes_in_float32_alone():
    with computing_in("float32", "meta"):
        assert torch.ones(1, device="meta").dtype == torch.float32
    with pytest.raises(ValueError, match="arithmetic must be float32 on meta; it is 'bfloat16'"):
        computing_in("bfloat16", "meta")


def timed(monkeypatch, seconds):
    """Passes that take, in turn, what ``seconds`` has for each arithmetic; what was asked for."""
    asked = []

    def one(arithmetic, net, x):
        asked.append(arithmetic)
        value = seconds[arithmetic]
        return value[(asked.count(arithmetic) - 1) % len(value)]

    monkeypatch.setattr(precision, "_pass", one)
    return asked


@pytest.mark.parametrize("faster", ARITHMETICS)
def test_the_smaller_median_wins_and_is_remembered(faster, monkeypatch):
    # The slower one has the smallest time and the faster one the largest.
    seconds = {name: [1.0, 2.0, 2.0, 2.0, 9.0, 2.0] if name == faster else [0.1, 3, 3, 3, 3, 3]
               for name in ARITHMETICS}
    asked = timed(monkeypatch, seconds)
    monkeypatch.setattr(precision, "SECONDS", 0.0)
    assert fastest("cpu") == faster
    # One of each unmeasured, then pairs, so that what else the machine does meets both.
    assert asked == list(ARITHMETICS) * (1 + precision.PAIRS)
    assert fastest(torch.device("cpu")) == faster and len(asked) == 2 * (1 + precision.PAIRS)


def test_what_the_processor_says_of_itself_plays_no_part(monkeypatch):
    asked = []
    for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        monkeypatch.setattr(torch.cpu, name, lambda: asked.append(1), raising=False)
    assert fastest("cpu") in ARITHMETICS and not asked


def test_a_device_that_cannot_do_bfloat16_takes_float32(monkeypatch):
    def one(arithmetic, net, x):
        if arithmetic == "bfloat16":
            raise RuntimeError("not implemented for 'BFloat16'")
        return 1.0

    monkeypatch.setattr(precision, "_pass", one)
    assert fastest("cpu") == "float32"


def test_measuring_leaves_the_callers_random_numbers_and_modes_alone():
    torch.manual_seed(1)
    state = torch.get_rng_state()
    with torch.inference_mode():
        assert fastest("cpu") in ARITHMETICS
        assert torch.is_inference_mode_enabled()
    assert torch.equal(torch.get_rng_state(), state)


def test_a_pass_is_a_pass_and_takes_the_time_it_says(monkeypatch):
    monkeypatch.setattr(time, "process_time", iter([1.0, 4.0]).__next__)
    net = torch.nn.Sequential(*precision._block(1, 8))
    assert precision._pass("float32", net, torch.ones(2, 1, 4, 4)) == 3.0
    assert all(p.grad is not None for p in net.parameters())
