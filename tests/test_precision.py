"""bfloat16 where it is fast, float32 elsewhere."""

import pytest
import torch

from diffusionbook import precision


@pytest.mark.parametrize("fast", [True, False])
def test_a_processor_without_the_units_stays_in_float32(fast: bool, monkeypatch) -> None:
    monkeypatch.setattr(precision, "has_bfloat16", lambda: fast)
    a = torch.ones(2, 2)
    with precision.autocast("cpu"):
        assert (a @ a).dtype == (torch.bfloat16 if fast else torch.float32)


def test_a_gpu_counts_as_fast(monkeypatch) -> None:
    monkeypatch.setattr(precision, "has_bfloat16", lambda: False)

    class Asked(torch.autocast):
        def __init__(self, *arguments, enabled: bool) -> None:
            self.asked = (*arguments, enabled)

    monkeypatch.setattr(torch, "autocast", Asked)
    assert precision.autocast("cuda:1").asked == ("cuda", torch.bfloat16, True)
    assert precision.autocast("cpu").asked == ("cpu", torch.bfloat16, False)


@pytest.mark.parametrize(("avx", "amx"), [(True, False), (False, True), (False, False)])
def test_either_unit_will_do(avx: bool, amx: bool, monkeypatch) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: avx)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx)
    assert precision.has_bfloat16() is (avx or amx)
