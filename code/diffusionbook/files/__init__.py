"""Files that are either whole or absent. This face needs no PyTorch; tensors are in
:mod:`diffusionbook.files.tensors`."""

from diffusionbook.files.whole import DamagedFile, read_json, sha256, write_atomic, write_json

__all__ = ["DamagedFile", "read_json", "sha256", "write_atomic", "write_json"]
