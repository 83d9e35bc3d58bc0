"""Hashes of the files that a measurement depends on, and of the texts of its definitions."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path


def leaf(path: Path) -> str:
    """The hash of a file of the package, as far as a number can depend on it.

    Of weights, the file, the recorded recipe and the recorded answer; of a result, seeds and
    numbers. Metrics and records of evidence may be renewed while these stand.
    """
    if path.suffix == ".safetensors":
        receipt = path.with_suffix(".json")
        trained = _part(receipt, ("recipe", "answer")) if receipt.is_file() else ""
        return hashed(trained, _file(path))
    if path.parent.name == "results":
        return hashed(_part(path, ("seeds", "numbers")))
    return hashed(_file(path))


def hashed(*parts: str, size: int = 16) -> str:
    """``size`` hex digits of the SHA-256 of some texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:size]


@lru_cache(maxsize=256)
def _digest(path: Path, stamp: tuple[int, int]) -> str:
    raw = path.read_bytes()
    return hashlib.sha256(raw if b"\0" in raw else raw.replace(b"\r\n", b"\n")).hexdigest()


def _file(path: Path) -> str:
    """SHA-256 of a file; of a text, whatever its line endings are."""
    stat = path.stat()
    return _digest(path, (stat.st_mtime_ns, stat.st_size))


def _part(path: Path, keys: tuple[str, ...]) -> str:
    """These fields of a JSON file, as one text; of a damaged file, all of it."""
    try:
        held = json.loads(path.read_bytes())
        return json.dumps([held.get(key) for key in keys], sort_keys=True)
    except (ValueError, AttributeError, RecursionError):
        return _file(path)
