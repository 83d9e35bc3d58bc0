"""Files that are either whole or absent, without PyTorch.

A file is written under another name in the same folder and renamed when every byte of it is on
the disk, so a reader (or a run that is killed at any moment) finds the old file or the new one,
never half of one.
"""

import hashlib
import json
import os
import tempfile
from pathlib import Path


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
