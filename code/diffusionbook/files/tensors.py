"""Tensors on disk without pickle, in files that are either whole or absent."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load as tensors_from_bytes
from safetensors.torch import save as tensors_to_bytes
from torch import Tensor

from diffusionbook.files.whole import DamagedFile, write_atomic


def tensor_digest(tensors: Mapping[str, Tensor]) -> str:
    """SHA-256 of named tensors: names, dtypes, shapes and every bit of their values."""
    total = hashlib.sha256()
    for name, x in sorted(tensors.items()):
        x = x.detach().cpu().contiguous()
        total.update(f"{name} {x.dtype} {tuple(x.shape)}\n".encode())
        total.update(x.flatten().view(torch.uint8).numpy().tobytes())
    return total.hexdigest()


def write_tensors(path: Path, tensors: Mapping[str, Tensor], header: Mapping[str, object]) -> None:
    """Write named tensors and a JSON header to one safetensors file, atomically.

    Equal tensors and headers make equal bytes. Safetensors writes its notes in random order, so
    there is one.
    """
    tensors = {name: x.detach().cpu().contiguous() for name, x in tensors.items()}
    text = json.dumps(header, allow_nan=False, sort_keys=True)
    notes = {"header": text, "sha256": _seal(tensors, text)}
    write_atomic(path, tensors_to_bytes(tensors, {"notes": json.dumps(notes, sort_keys=True)}))


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict]:
    """What :func:`write_tensors` wrote: (tensors on the CPU, header).

    Raises:
        DamagedFile: the file is cut short, altered, or no such file at all.
    """
    raw = Path(path).read_bytes()
    try:
        tensors = tensors_from_bytes(raw)
        notes = json.loads(raw[8 : 8 + int.from_bytes(raw[:8], "little")])["__metadata__"]
        if "notes" in notes:  # older files have them side by side
            notes = json.loads(notes["notes"])
        text, seal = notes["header"], notes["sha256"]
        header = json.loads(text)
    except (SafetensorError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise DamagedFile(f"{path} is damaged or of another kind: {error}") from None
    if _seal(tensors, text) != seal:
        raise DamagedFile(f"{path} is damaged: its contents do not have the SHA-256 it states")
    return tensors, header


def _seal(tensors: Mapping[str, Tensor], text: str) -> str:
    return hashlib.sha256(f"{tensor_digest(tensors)} {text}".encode()).hexdigest()
