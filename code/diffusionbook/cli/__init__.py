"""The command line, ``python -m diffusionbook``."""

from diffusionbook.cli.arguments import main

__all__ = ["main"]
