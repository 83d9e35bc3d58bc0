"""The four files of MNIST: where they are, how they get there, and whether they are the true ones.

No file is believed unread. What a file must hold is written down here as the SHA-256 of its
uncompressed content, so a copy that is cut short, altered, exchanged for another of the four, or
of another data set with the same file names (there are several) is refused. A missing file is
downloaded aside, verified, and given its name when it is whole.
"""

import gzip
import hashlib
import io
import os
import socket
import sys
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, redirect_stderr
from http.client import HTTPException
from pathlib import Path
from typing import NamedTuple

from diffusionbook.files.whole import DamagedFile, write_atomic
from diffusionbook.machine.watching import watched

PATIENCE = 30.0  # seconds that a mirror may be silent
CURE = "delete it and load again, which downloads it, or put a sound copy in its place"


class Contents(NamedTuple):
    """What a file holds when it is uncompressed."""

    size: int
    sha256: str


FILES = {
    "train-images-idx3-ubyte": Contents(
        47_040_016, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
    "train-labels-idx1-ubyte": Contents(
        60_008, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
    "t10k-images-idx3-ubyte": Contents(
        7_840_016, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
    "t10k-labels-idx1-ubyte": Contents(
        10_008, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
}


class MissingMnist(OSError):
    """MNIST is not where it was looked for, and could not be downloaded."""


def cache() -> Path:
    """The folder for downloads: ``diffusionbook`` in the place for caches of this system."""
    chosen = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(chosen):
        base = Path(chosen)
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path.home() / ".cache"
    return base / "diffusionbook"


def folder_in(root: Path) -> Path:
    """Where the files of ``root`` are, or belong: ``root`` itself if one of them lies there,
    else ``root/MNIST/raw``, as torchvision has it.

    Raises:
        NotADirectoryError: ``root`` is a file.
    """
    if root.is_file():
        raise NotADirectoryError(f"root {root} is a file; it should be a folder")
    return root if any(find(root, name) for name in FILES) else root / "MNIST" / "raw"


def find(folder: Path, name: str) -> Path | None:
    """The path of a file or of its ``.gz`` in ``folder``; None if there is neither.

    Raises:
        OSError: one cannot look, for want of permission or because ``folder`` is a file.
    """
    for path in (folder / name, folder / f"{name}.gz"):
        try:
            path.lstat()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise _unreadable(path, error) from None
        return path
    return None


def read(path: Path, name: str) -> bytes:
    """The content of a file, uncompressed and verified.

    Args:
        path: the file, compressed if its name ends in ``.gz``.
        name: which of :data:`FILES` it should be.

    Raises:
        DamagedFile: it holds something else; the message says what, and what to do.
        OSError: it cannot be read.
    """
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
            raw = file.read(1 + max(contents.size for contents in FILES.values()))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DamagedFile(f"{path} is damaged: it cannot be decompressed ({error}); {CURE}"
                          ) from None
    except OSError as error:
        raise _unreadable(path, error) from None
    digest = hashlib.sha256(raw).hexdigest()
    if digest != FILES[name].sha256:
        raise DamagedFile(f"{path} {_fault(len(raw), digest, name)}; {CURE}")
    return raw


def download(folder: Path) -> None:
    """Download MNIST through torchvision and write to ``folder`` the files that are not there.

    An interruption at any moment leaves whole files or none, so a later call starts over, and
    processes that do it at the same time do not disturb each other.

    Raises:
        MissingMnist: no network, or ``folder`` cannot be written; the message has the reason.
    """
    from diffusionbook.data.vision import torchvision

    silence = nullcontext() if watched() else redirect_stderr(io.StringIO())
    try:
        with tempfile.TemporaryDirectory() as aside:
            raw, source = Path(aside, "MNIST", "raw"), torchvision.datasets.MNIST.mirrors
            try:
                with silence, _patience(PATIENCE):
                    torchvision.datasets.MNIST(aside, download=True)
            except (OSError, RuntimeError, HTTPException) as error:
                absent = next((name for name in FILES if not (raw / name).exists()), "a file")
                said = f"{absent} did not arrive from {' or '.join(source)} ({_reason(error)})"
                raise MissingMnist(f"the download failed: {said}") from None
            folder.mkdir(parents=True, exist_ok=True)
            for name in FILES:
                if find(folder, name) is None:
                    write_atomic(folder / name, _arrived(raw, name, source))
    except (OSError, DamagedFile) as error:
        known = isinstance(error, MissingMnist)
        raise error if known else MissingMnist(f"the download failed: {_reason(error)}") from None


def _arrived(folder: Path, name: str, source: Sequence[str]) -> bytes:
    """A file that was downloaded, verified."""
    raw = (folder / name).read_bytes()
    digest = hashlib.sha256(raw).hexdigest()
    if digest != FILES[name].sha256:
        raise DamagedFile(f"{name} came damaged from {' or '.join(source)}: it "
                          f"{_fault(len(raw), digest, name)}; load again")
    return raw


def _reason(error: Exception) -> str:
    """What went wrong, in words that name no file that is gone by now."""
    place = tempfile.gettempdir()
    if isinstance(error, OSError) and str(error.filename or "").startswith(place):
        return f"{error.strerror} in {place}"
    return " ".join(str(error).split()) or type(error).__name__


def _fault(size: int, digest: str, name: str) -> str:
    """What is wrong with a file that should be ``name``, from what was read of it."""
    wanted = FILES[name]
    for other, contents in FILES.items():
        if digest == contents.sha256:
            return f"was exchanged: it holds what {other} should hold"
    if size < wanted.size:
        return f"is cut short: it has {size:,} bytes of {wanted.size:,}"
    if size > wanted.size:
        return f"is too long: it should have {wanted.size:,} bytes"
    return (f"is damaged or not MNIST's: its SHA-256 is {digest[:12]}…, "
            f"it should be {wanted.sha256[:12]}…")


def _unreadable(path: Path, error: OSError) -> OSError:
    """The same kind of error, with the file and the cure in words."""
    reason = error.strerror or str(error)
    return OSError(error.errno, f"{path} cannot be read: {reason}; make it readable, or {CURE}")


@contextmanager
def _patience(seconds: float) -> Iterator[None]:
    """Give up on connections that are silent; torchvision alone would wait for minutes."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
