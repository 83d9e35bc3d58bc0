"""Files that are either whole or absent, and tensors on disk without pickle.

A file is written under another name in the same folder and renamed when every byte of it is on
the disk, so a reader (or a run that is killed at any moment) finds the old file or the new one,
never half of one.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load as tensors_from_bytes
from safetensors.torch import save as tensors_to_bytes
from torch import Tensor


class DamagedFile(ValueError):
    """A file exists but does not hold what it should."""


def write_atomic(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` so that no reader ever sees a part of it.

    Raises:
        OSError: the folder is missing or cannot be written; an older file at ``path`` is intact.
    """
    path = Path(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def write_json(path: Path, value: object) -> None:
    """Write ``value`` as readable JSON, atomically. NaN and infinity raise ValueError."""
    text = json.dumps(value, indent=1, allow_nan=False, ensure_ascii=False) + "\n"
    write_atomic(path, text.encode())


def read_json(path: Path) -> dict:
    """The object in a JSON file.

    Raises:
        DamagedFile: it does not hold a JSON object.
    """
    try:
        value = json.loads(Path(path).read_bytes())
    except ValueError as error:
        raise DamagedFile(f"{path} is damaged: it should hold JSON, but {error}") from None
    if not isinstance(value, dict):
        raise DamagedFile(f"{path} should hold a JSON object; it holds a {type(value).__name__}")
    return value


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, 64 hex digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def tensor_digest(tensors: Mapping[str, Tensor]) -> str:
    """SHA-256 of named tensors: names, dtypes, shapes and every bit of their values."""
    total = hashlib.sha256()
    for name, x in sorted(tensors.items()):
        x = x.detach().cpu().contiguous()
        total.update(f"{name} {x.dtype} {tuple(x.shape)}\n".encode())
        total.update(x.flatten().view(torch.uint8).numpy().tobytes())
    return total.hexdigest()


def write_tensors(path: Path, tensors: Mapping[str, Tensor], header: Mapping[str, object]) -> None:
    """Write named tensors and a JSON header to one safetensors file, atomically."""
    tensors = {name: x.detach().cpu().contiguous() for name, x in tensors.items()}
    text = json.dumps(header, allow_nan=False)
    notes = {"header": text, "sha256": _seal(tensors, text)}
    write_atomic(path, tensors_to_bytes(tensors, notes))


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict]:
    """What :func:`write_tensors` wrote: (tensors on the CPU, header).

    Raises:
        DamagedFile: the file is cut short, altered, or no such file at all.
    """
    raw = Path(path).read_bytes()
    try:
        tensors = tensors_from_bytes(raw)
        notes = json.loads(raw[8 : 8 + int.from_bytes(raw[:8], "little")])["__metadata__"]
        text, seal = notes["header"], notes["sha256"]
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise DamagedFile(f"{path} is damaged or of another kind: {error}") from None
    if _seal(tensors, text) != seal:
        raise DamagedFile(f"{path} is damaged: its contents do not have the SHA-256 it states")
    return tensors, json.loads(text)


def _seal(tensors: Mapping[str, Tensor], text: str) -> str:
    return hashlib.sha256(f"{tensor_digest(tensors)} {text}".encode()).hexdigest()
