"""MNIST: 70,000 handwritten digits, 28 × 28 pixels each (LeCun, Cortes & Burges, 1998).

:func:`load` looks for the files in the folder that it is given, else in the folder that the
environment variable ``MNIST_ROOT`` names, else in the user's cache, and downloads them to the
first of these if they are not there. Files are verified whenever they are read. A machine without
network gets a stand-in, loudly; the book's build never does. What is measured is measured on MNIST
or not at all: :func:`real` reads the same files, fetches nothing and lets nothing stand in.
"""

import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from diffusionbook.arguments import whole
from diffusionbook.data import digits_standin
from diffusionbook.data.mnist_files import (
    FILES,
    MissingMnist,
    cache,
    download,
    find,
    folder_in,
    read,
)
from diffusionbook.shapes import Labels

SIZE = (1, 28, 28)  # of an image
PREFIX = {"train": "train", "test": "t10k"}  # what the names of the files begin with
CACHE = "the user's cache"
CONNECT = ("To have MNIST, connect to the network and load again, or set MNIST_ROOT to a folder "
           "with a copy")
CURE = ("diffusionbook.data.mnist.fetch() downloads them; or set MNIST_ROOT to a folder with a "
        "copy")


class StandInWarning(UserWarning):
    """The digits that were loaded are not MNIST's."""


@dataclass(frozen=True, eq=False)
class Digits:
    """Images of digits with their labels.

    Attributes:
        images: float32 in [-1, 1]; -1 is the background, 1 is ink.
        labels: int64, the digit that each image shows.
        source: which digits these are, for the footer of a page; it names no place on the machine.
    """

    images: Float[Tensor, "n 1 28 28"]
    labels: Int[Tensor, " n"]
    source: str


def load(
    split: Literal["train", "test"] = "train",
    root: Path | str | None = None,
    *,
    stand_in: bool = True,
) -> Digits:
    """MNIST's 60,000 training images or its 10,000 test images, verified.

    Args:
        split: "train" or "test".
        root: a folder with ``MNIST/raw/train-images-idx3-ubyte`` and so on, as torchvision lays
            them out; or the folder with these files itself. Each may be compressed (``.gz``).
            Default: the environment variable ``MNIST_ROOT``; without it, ``diffusionbook`` in the
            user's cache. Absent files are downloaded to this folder, and to no other.
        stand_in: whether scikit-learn's digits may stand in, with a :class:`StandInWarning`, where
            there is neither a copy nor a network. They never do for a folder that was named by
            `root` or ``MNIST_ROOT``, nor while the book is built (``BOOK_BUILD`` is set).

    Raises:
        ValueError: an unknown `split`.
        DamagedFile: a file is cut short, altered, or another one; the message names it.
        MissingMnist: an OSError: the files are not there and could not be downloaded.
        OSError: a file cannot be read; the message names it.
    """
    names = _names(split)
    asked, place = _place(root)
    folder = folder_in(place)
    try:
        if any(find(folder, name) is None for name in names):
            download(folder)
    except MissingMnist as error:
        missing = f"MNIST's {split} files are not in {folder} ({asked}) and {error}"
        refusal = _refusal(asked, stand_in)
        if refusal:
            raise MissingMnist(f"{missing}; {refusal}. {CONNECT}") from None
        warnings.warn(
            f"THESE DIGITS ARE NOT MNIST. {missing}. scikit-learn's 8×8 digits stand in, enlarged: "
            f"numbers and pictures will differ from the book's. {CONNECT}",
            StandInWarning, stacklevel=2)
        return Digits(*digits_standin.load(split), f"{digits_standin.SOURCE} ({split} part)")
    return _read(folder, names, split)


def real(
    split: Literal["train", "test"] = "train", root: Path | str | None = None
) -> Digits:
    """The same images from files that are there; nothing is downloaded and nothing stands in.

    Args:
        split, root: as for :func:`load`.

    Raises:
        ValueError: an unknown `split`.
        DamagedFile: a file is cut short, altered, or another one; the message names it.
        MissingMnist: an OSError: the files are not there.
        OSError: a file cannot be read; the message names it.
    """
    names = _names(split)
    asked, place = _place(root)
    folder = folder_in(place)
    if any(find(folder, name) is None for name in names):
        raise MissingMnist(f"MNIST's {split} files are not in {folder} ({asked}). {CURE}")
    return _read(folder, names, split)


def fetch(root: Path | str | None = None) -> None:
    """See to it that all four files are there, for a measurement that will read them.

    Raises:
        MissingMnist: an OSError: they are not, and could not be downloaded.
    """
    asked, place = _place(root)
    folder = folder_in(place)
    try:
        if any(find(folder, name) is None for name in FILES):
            download(folder)
    except MissingMnist as error:
        raise MissingMnist(f"MNIST's files are not in {folder} ({asked}) and {error}. {CONNECT}"
                           ) from None


def _names(split: str) -> list[str]:
    """The files of a split: images, then labels."""
    if split not in PREFIX:
        raise ValueError(f"split must be 'train' or 'test'; it is {split!r}")
    return [f"{PREFIX[split]}-{kind}-ubyte" for kind in ("images-idx3", "labels-idx1")]


def _read(folder: Path, names: list[str], split: str) -> Digits:
    pixels, labels = (np.frombuffer(read(find(folder, name) or folder / name, name), np.uint8)
                      for name in names)
    images = torch.from_numpy(pixels[16:].astype(np.float32).reshape(-1, 1, 28, 28))
    images.div_(127.5).sub_(1)  # in place: Binder has 2 GB
    source = f"MNIST, {split} images, SHA-256 {FILES[names[0]].sha256[:12]}"
    return Digits(images, torch.from_numpy(labels[8:].astype(np.int64)), source)


def to_unit(x: Float[Tensor, "*d"]) -> Float[Tensor, "*d"]:
    """From [-1, 1] to [0, 1], where a picture's greys are; what is outside is clamped."""
    return ((x + 1) / 2).clamp(0, 1)


def _place(root: Path | str | None) -> tuple[str, Path]:
    """Who named the folder to look in, and the folder."""
    if root is not None:
        return "root", Path(root).expanduser()
    named = os.environ.get("MNIST_ROOT")
    return ("MNIST_ROOT", Path(named).expanduser()) if named else (CACHE, cache())


def _refusal(asked: str, stand_in: bool) -> str | None:
    """Why other digits must not stand in for MNIST; None if they may."""
    if asked != CACHE:
        return f"{asked} should name a folder that holds them, or that can be filled"
    if os.environ.get("BOOK_BUILD"):
        return "while the book is built (BOOK_BUILD is set) no other digits may stand in"
    return None if stand_in else "stand_in=False: no other digits may stand in"


def all_labels(n: int) -> Labels:
    """0, 1, …, 9, 0, 1, …: (n,)."""
    whole("n", n, least=0)
    return torch.arange(n) % 10
