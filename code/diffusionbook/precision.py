"""Lower precision where a machine is fast at it, and only there."""

import torch


def autocast(device: torch.device | str) -> torch.autocast:
    """A context in which products are done in bfloat16, if this device has units for them.

    A processor without them works bfloat16 out in software, at a twentieth of the speed of float32;
    there the context changes nothing. Every GPU counts as fast.

    Args:
        device: where the tensors are.
    """
    kind = torch.device(device).type
    return torch.autocast(kind, torch.bfloat16, enabled=kind != "cpu" or has_bfloat16())


def has_bfloat16() -> bool:
    """Whether this processor multiplies in bfloat16 (AVX512-BF16 or AMX; not on ARM)."""
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
