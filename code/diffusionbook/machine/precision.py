"""Products in float32 or in bfloat16: whoever computes says which, and which is faster is measured.

A flag of the processor says that it has units for bfloat16, and not that they are faster; a GPU may
be without them; a processor without them works bfloat16 out in software, many times slower.
"""

import statistics
import time
from functools import cache
from typing import Literal

import torch
from torch import nn

from diffusionbook.randomness import torch_seeded

Arithmetic = Literal["float32", "bfloat16"]
ARITHMETICS = ("float32", "bfloat16")
PAIRS = 5  # at least, of timed passes
SECONDS = 0.2  # after which no further pair is begun


def computing_in(arithmetic: Arithmetic, device: torch.device | str) -> torch.autocast:
    """A context in which matrix products and convolutions are done in bfloat16, or in float32.

    Weights, sums and losses stay as they are; PyTorch's autocast decides what a product is.

    Args:
        arithmetic: "float32" or "bfloat16"; what holds outside does not hold inside.
        device: where the tensors are.

    Raises:
        ValueError: another word, or bfloat16 where PyTorch has no such context.
    """
    if arithmetic not in ARITHMETICS:
        raise ValueError(f"arithmetic must be {' or '.join(ARITHMETICS)}; it is {arithmetic!r}")
    kind, half = torch.device(device).type, arithmetic == "bfloat16"
    if not torch.amp.is_autocast_available(kind):
        if half:
            raise ValueError(f"arithmetic must be float32 on {kind}; it is {arithmetic!r}")
        kind = "cpu"  # nothing to switch there
    return torch.autocast(kind, torch.bfloat16, enabled=half)


def fastest(device: torch.device | str) -> Arithmetic:
    """In which arithmetic this machine trains convolutions faster: measured in a fifth of a second
    on the first call for a device, and remembered by the process.

    Args:
        device: where the training is going to be.
    """
    return _measured(str(torch.device(device)))


@cache
def _measured(device: str) -> Arithmetic:
    """The smaller median of passes that take turns, so that what else the machine does meets
    both."""
    # Whatever the caller computes: his random numbers, gradients and inference mode stay his.
    with torch_seeded(0, device), torch.inference_mode(False), torch.enable_grad():
        # On 14 × 14 places and on 7 × 7, as in the U-Net of the digits.
        net = nn.Sequential(*_block(48, 48), *_block(48, 48), *_block(48, 96, 2), *_block(96, 96))
        net, x = net.to(device), torch.randn(16, 48, 14, 14).to(device)
        taken: dict[Arithmetic, list[float]] = {name: [] for name in ARITHMETICS}
        try:
            for name in ARITHMETICS:
                _pass(name, net, x)  # the first of each kind also prepares
        except (RuntimeError, ValueError):
            return "float32"  # there is no bfloat16 on this device
        began = time.perf_counter()
        while len(taken["bfloat16"]) < PAIRS or time.perf_counter() - began < SECONDS:
            for name in ARITHMETICS:
                taken[name].append(_pass(name, net, x))
    return min(ARITHMETICS, key=lambda name: statistics.median(taken[name]))


def _block(entering: int, leaving: int, stride: int = 1) -> list[nn.Module]:
    convolution = nn.Conv2d(entering, leaving, 3, stride, padding=1)
    return [convolution, nn.GroupNorm(8, leaving), nn.SiLU()]


def _pass(arithmetic: Arithmetic, net: nn.Module, x: torch.Tensor) -> float:
    """Seconds of one pass forwards and backwards, with float32 weights as in training: of the
    processor, whatever else it does in between, or by the clock if another device computes."""
    clock = time.process_time if x.device.type == "cpu" else time.perf_counter
    began = clock()
    with computing_in(arithmetic, x.device):
        loss = net(x).float().square().mean()
    loss.backward()
    net[0].weight.grad[0, 0, 0, 0].item()  # waits for a device that is behind
    return clock() - began
