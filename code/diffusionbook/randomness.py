"""Randomness that is counted instead of carried along.

A random generator has a hidden state that every draw moves on, so whoever stops a run and takes
it up again must save that state, for each device. Here the state is a function instead: step k of
the run with a given seed always starts from ``step_seed(seed, k)``. Nothing is saved, no step
depends on how many numbers the steps before it drew, and a run that was killed goes on bit for
bit as if it had not been.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

from diffusionbook.arguments import whole

_MASK = 0xFFFFFFFF


def step_seed(seed: int, step: int) -> int:
    """A well-mixed 32-bit number for one step of one run.

    Neighbouring steps and seeds give unrelated numbers: one bit changed in the input flips each
    bit of the output half of the time. For one seed the map from steps to numbers is one-to-one,
    so no two of the first 2^32 steps of a run share their randomness. 32 bits, because PyTorch's
    CPU generator reads no more of its seed than that.

    Args:
        seed: 0 … 2^64 - 1.
        step: 0 … 2^32 - 1.

    Raises:
        ValueError: an argument is outside its range.
    """
    whole("seed", seed)
    whole("step", step)
    if not 0 <= seed < 2**64:
        raise ValueError(f"seed must be a whole number from 0 to 2^64 - 1; it is {seed}")
    if not 0 <= step < 2**32:
        raise ValueError(f"step must be a whole number from 0 to 2^32 - 1; it is {step}")
    x = _mix(step ^ _mix(seed & _MASK ^ 0x9E3779B9))
    return _mix(x ^ _mix((seed >> 32) ^ (seed & _MASK) * 3 & _MASK ^ 0x7F4A7C15))


def _mix(x: int) -> int:
    """Appleby's 32-bit finaliser of MurmurHash3: one-to-one, every bit reaches every bit."""
    x = (x ^ x >> 16) * 0x85EBCA6B & _MASK
    x = (x ^ x >> 13) * 0xC2B2AE35 & _MASK
    return x ^ x >> 16


@contextmanager
def torch_seeded(seed: int, device: torch.device | str = "cpu") -> Iterator[None]:
    """Seed PyTorch's own generators inside a ``with`` block and put them back after it.

    Some of PyTorch draws from them whatever we pass around: the initial weights of layers, and
    dropout. The caller's random state is as before afterwards.

    Raises:
        ValueError: ``seed`` is not whole or below 0.
    """
    whole("seed", seed, least=0)
    generators = [torch.default_generator]
    device = torch.device(device)
    if device.type == "cuda":
        generators.append(torch.cuda.default_generators[device.index or 0])
    states = [generator.get_state() for generator in generators]
    try:
        for generator in generators:
            generator.manual_seed(seed)
        yield
    finally:
        for generator, state in zip(generators, states, strict=True):
            generator.set_state(state)


def randn(
    shape: Sequence[int], generator: torch.Generator | None, dtype: torch.dtype = torch.float64
) -> Tensor:
    """Standard normal noise of ``shape`` from ``generator``, on the generator's device.

    Raises:
        ValueError: ``shape`` holds a number that is not whole or below 0.
    """
    whole("shape", *shape, least=0)
    device = None if generator is None else generator.device
    return torch.randn(*shape, generator=generator, dtype=dtype, device=device)


def randn_like(x: Tensor, generator: torch.Generator | None) -> Tensor:
    """Standard normal noise with the shape, dtype and device of ``x``."""
    return torch.randn(x.shape, generator=generator, dtype=x.dtype, device=x.device)


def seeded(seed: int, device: torch.device | str = "cpu") -> torch.Generator:
    """A fresh random generator: the same ``seed`` always gives the same numbers.

    Raises:
        ValueError: ``seed`` is not whole or below 0.
    """
    whole("seed", seed, least=0)
    return torch.Generator(device=device).manual_seed(seed)
