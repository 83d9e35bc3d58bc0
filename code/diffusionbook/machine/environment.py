"""Where a number was made: versions, device, threads. It is recorded next to the number."""

import importlib.metadata
import platform
from pathlib import Path

import torch

from diffusionbook.machine.devices import check_device

LIBRARIES = ("diffusionbook", "torch", "numpy", "scipy")


def versions() -> dict[str, str]:
    """The versions of Python and of the libraries that numbers depend on."""
    found = {name: importlib.metadata.version(name) for name in LIBRARIES}
    return {"python": platform.python_version(), **found}


def describe(device: torch.device | str) -> str:
    """A device in words, such as ``Intel Xeon 2.20GHz, 2 threads``."""
    device = torch.device(device)
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{processor()}, {threads()}"


def threads() -> str:
    """How many threads PyTorch computes with on the CPU, such as ``2 threads``."""
    number = torch.get_num_threads()
    return f"{number} thread{'s' if number > 1 else ''}"


def processor() -> str:
    """The name of this machine's CPU."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8", "replace").split("\n") if info.exists() else []
    names = [" ".join(x.split(":")[1].split()) for x in lines if "model name" in x]
    return names[0] if names else platform.processor() or platform.machine()


def pick_device(name: str | None) -> torch.device:
    """The device with this name; without one, a CUDA device if there is one, else the CPU.

    Raises:
        ValueError: there is no such device, or PyTorch cannot use it here.
    """
    if name is not None:
        check_device(name)
    name = name or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).split("\n")[0]
        raise ValueError(f"device {name!r} cannot be used here: {reason}") from None
    return device
