"""What makes a training step fast? The U-Net's step as it is, and with one thing changed at a time.

Each setting runs in a process of its own, because threads and the memory allocator are settings of
a process. The numbers belong to the machine that the result names; read the ratios.
"""

import ctypes
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from multiprocessing import get_context

import torch
from torch import nn

from diffusionbook.arguments import whole
from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.losses import denoising_loss
from diffusionbook.nets.blocks import Attention, conv3
from diffusionbook.nets.unet import UNet
from diffusionbook.paths.gaussian import Cosine
from diffusionbook.randomness import randn, seeded
from diffusionbook.recipes.mnist_unet import RECIPE

SEEDS = (0, 1, 2)  # repeats
RECIPES = ()
STEPS = 6  # timed, after one that is not
SIDES = (7, 14, 28)
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # of mallopt
TINY = {"STEPS": 1, "SIDES": (7,), "Setting.batch": 2}


@dataclass(frozen=True)
class Setting:
    """One way to make the training step."""

    bfloat16: bool = True
    channels_last: bool = False
    keep_memory: bool = False
    fused: bool = True
    threads: int = 1
    patch: int = 2
    attention: bool = True
    batch: int = RECIPE.batch

    def __post_init__(self) -> None:
        for name in ("threads", "patch", "batch"):
            whole(name, getattr(self, name), least=1)


SETTINGS = {
    "as trained": Setting(),
    "float32": Setting(bfloat16=False),
    "channels last": Setting(channels_last=True),
    "kept memory": Setting(keep_memory=True),
    "optimiser not fused": Setting(fused=False),
    "two threads": Setting(threads=2),
    "no attention": Setting(attention=False),
    "full resolution": Setting(patch=1),
}


def keep_memory() -> None:
    """Tell the C library not to hand freed memory back to the system, which zeroes it each time.

    Raises:
        OSError: the C library is not glibc, or refuses.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None or not (mallopt(TRIM_THRESHOLD, 2**30) and mallopt(MMAP_THRESHOLD, 2**25)):
        raise OSError("the thresholds of the allocator cannot be set: this needs glibc's mallopt")


def training_step(setting: Setting) -> Callable[[], None]:
    """One optimiser step on random images: what training does, without the data set."""
    net = UNet(RECIPE.channels, RECIPE.blocks, patch=setting.patch, attention=setting.attention)
    x0 = randn((setting.batch, 1, 28, 28), seeded(0), torch.float32)
    y = torch.arange(setting.batch) % 10
    if setting.channels_last:
        net, x0 = net.to(memory_format=torch.channels_last), x0.to(
            memory_format=torch.channels_last)
    model, generator = NetDenoiser(net, Cosine(), RECIPE.param), seeded(1)
    adam = torch.optim.Adam(net.parameters(), lr=1e-3, fused=setting.fused)

    def step() -> None:
        with torch.autocast("cpu", torch.bfloat16) if setting.bfloat16 else nullcontext():
            loss = denoising_loss(model, x0, y, generator=generator)
        adam.zero_grad()
        loss.backward()
        adam.step()

    return step


def timed(step: Callable[[], object], times: int) -> tuple[float, float]:
    """(processor seconds, seconds) that one call takes, the first not counted."""
    step()
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(times):
        step()
    return (time.process_time() - cpu) / times, (time.perf_counter() - wall) / times


def rates(setting: Setting, steps: int = STEPS) -> tuple[float, float]:
    """Images per processor second and per second, in this process."""
    torch.set_num_threads(setting.threads)
    if setting.keep_memory:
        keep_memory()
    cpu, wall = timed(training_step(setting), steps)
    return setting.batch / cpu, setting.batch / wall


def layer(part: type[Attention] | Callable[..., nn.Module], side: int, times: int = 20) -> float:
    """Milliseconds per image of one layer of the coarse width on side × side places, forwards."""
    channels, batch = RECIPE.channels[1], 8
    module = part(channels) if part is Attention else part(channels, channels)
    x = randn((batch, channels, side, side), seeded(0), torch.float32)
    with torch.no_grad():
        return 1000 * timed(lambda: module(x), times)[0] / batch


def _alone(function: Callable, *arguments: object) -> object:
    """The function's value, worked out in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """Keys like ``float32 per cpu second`` and ``float32 per second``, in images; and
    ``attention side=14``, ``convolution side=14``, in milliseconds of processor time per image."""
    numbers = {}
    for name, setting in SETTINGS.items():
        per_cpu, per_second = _alone(rates, setting)
        numbers |= {f"{name} per cpu second": per_cpu, f"{name} per second": per_second}
    for side in SIDES:
        numbers[f"attention side={side}"] = layer(Attention, side)
        numbers[f"convolution side={side}"] = layer(conv3, side)
    return numbers
