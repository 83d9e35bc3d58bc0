"""Files that are either whole or absent, without PyTorch.

A file is written under another name in the same folder and renamed when every byte of it is on
the disk, so a reader (or a run that is killed at any moment) finds the old file or the new one,
never half of one. What a killed run left under the other name, the next write of the file removes:
a part that is being written is locked, and a lock ends with its process.
"""

import errno
import hashlib
import json
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows, where nobody can remove a file that is open
    fcntl = None

SETTLED = 60.0  # seconds after which an empty part is nobody's, too


class DamagedFile(ValueError):
    """A file exists but does not hold what it should."""


def write_atomic(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` so that no reader ever sees a part of it.

    Raises:
        OSError: the folder is missing or cannot be written; an older file at ``path`` is intact.
    """
    path, name = Path(path), None
    try:
        _sweep(path)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=_prefix(path), suffix=".part")
        with _locked(name):
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, 0o644)
            os.replace(name, path)
    except BaseException as error:
        if name is not None:
            with suppress(OSError):
                os.unlink(name)
        if isinstance(error, OSError):
            said = f"{path} cannot be written: {error.strerror or error}"
            raise OSError(error.errno or errno.EIO, said) from None
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
    except RecursionError:
        raise DamagedFile(f"{path} is damaged: its brackets are nested too deeply") from None
    if not isinstance(value, dict):
        raise DamagedFile(f"{path} should hold a JSON object; it holds a {type(value).__name__}")
    return value


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, 64 hex digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _prefix(path: Path) -> str:
    """What the names of a file's parts begin with; short enough for every file system."""
    return f".{path.name.encode(errors='ignore')[:200].decode(errors='ignore')}."


def _sweep(path: Path) -> None:
    """Remove the parts of a file at which no process is at work."""
    part = re.compile(rf"{re.escape(_prefix(path))}[a-z0-9_]{{8}}\.part")
    for name in filter(part.fullmatch, os.listdir(path.parent)):
        with suppress(OSError), _locked(path.parent / name, wait=False):
            found = os.stat(path.parent / name)
            if found.st_size or time.time() - found.st_mtime > SETTLED:
                os.unlink(path.parent / name)


@contextmanager
def _locked(name: Path | str, wait: bool = True) -> Iterator[None]:
    """Hold the lock of a part, where the file system has locks; OSError if one should not wait
    for it and somebody else holds it."""
    if fcntl is None:
        yield
        return
    lock = os.open(name, os.O_RDONLY)
    try:
        with suppress(OSError) if wait else nullcontext():
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(lock)
