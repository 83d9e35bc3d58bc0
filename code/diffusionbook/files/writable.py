"""Can it be written there? Asked before the work, without PyTorch."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

ENOUGH = 1 << 16  # bytes that a full disk has no place for


def check_file(option: str, path: Path, kinds: tuple[str, ...]) -> None:
    """Raise ValueError, in words about ``path``, unless it can become a file of one of ``kinds``.

    Args:
        option: that named it, such as ``--out``.
        path: of a file that is there or not; its folder must be there.
        kinds: of its name's endings, such as ``.png``.
    """
    if path.suffix not in kinds:
        raise ValueError(f"{option} must end in {' or '.join(kinds)}; it is {path}")
    if not path.parent.exists():
        raise ValueError(f"{option}: there is no folder {path.parent}")
    if not path.parent.is_dir():
        raise ValueError(f"{option}: {path.parent} is a file; it should be a folder")
    _check_replaceable(option, path)
    _try(option, path, path.parent)


def check_folder(option: str, folder: Path, files: Iterable[str], made: bool = True) -> None:
    """Raise ValueError, in words about ``folder``, unless ``files`` can be written into it.

    Args:
        option: that named it.
        folder: that is there, or is to be made.
        files: names of files that are there or not.
        made: whether the folder is made if it is missing.
    """
    there = folder
    while not os.path.lexists(there) and there != there.parent:
        there = there.parent
    if there != folder and not made:
        raise ValueError(f"{option}: there is no folder {folder}")
    if not there.is_dir():
        raise ValueError(f"{option}: {there} is a file; it should be a folder")
    for name in files:
        _check_replaceable(option, folder / name)
    _try(option, folder, there)


def _check_replaceable(option: str, path: Path) -> None:
    if path.is_dir():
        raise ValueError(f"{option}: {path} is a folder; it should be a file")
    if path.exists() and not path.is_file():
        raise ValueError(f"{option}: {path} is a device; it should be a file")


def _try(option: str, path: Path, folder: Path) -> None:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(ENOUGH))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise ValueError(f"{option}: {path} cannot be written: {error.strerror}") from None
