"""What runs here, and who watches. This face needs no PyTorch; versions and devices are in
:mod:`diffusionbook.machine.environment`."""

from diffusionbook.machine.watching import always_shown_by, long_work, shown_by, watched

__all__ = ["always_shown_by", "long_work", "shown_by", "watched"]
