"""Names of devices, asked without PyTorch."""

import re

DEVICES = ("cpu", "cuda", "mps", "xpu")


def check_device(name: str, argument: str = "device") -> None:
    """Raise ValueError if no device that computes has this name, whatever machine this is."""
    if not re.fullmatch(rf"({'|'.join(DEVICES)})(:\d{{1,3}})?", name):
        hint = " (a GPU of NVIDIA or AMD is cuda)" if name.lower().startswith("gpu") else ""
        raise ValueError(f"{argument} must be {', '.join(DEVICES)}, or one of these with a number, "
                         f"such as cuda:1; it is {name!r}{hint}")
