"""What the words on a command line may be; whoever gave another word is told so in one line."""

import math
import re
from argparse import ArgumentTypeError
from collections.abc import Callable
from pathlib import Path


def whole(least: int, most: int, note: str = "") -> Callable[[str], int]:
    """An argument type: a whole number from `least` to `most`; `note` says more about them."""

    def number(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if not least <= value <= most:
            raise ArgumentTypeError(
                f"it must be a whole number from {least} to {most}{note}; it is {_short(text)}")
        return value

    return number


def label(text: str) -> int:
    """An argument type: a digit, a number of two digits, or -1 for none; 7 and 07 are the same."""
    if not re.fullmatch("-1|[0-9]{1,2}", text):
        raise ArgumentTypeError("it must be a digit, a number of two digits, or -1 for none; it is "
                                f"{_short(text)}")
    return int(text)


def finite(text: str) -> float:
    """An argument type: a number that is neither infinite nor NaN."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ArgumentTypeError(f"it must be a finite number; it is {_short(text)}")
    return value


def place(text: str) -> Path:
    """An argument type: the path of a file or a folder."""
    if not text.strip() or "\0" in text:
        raise ArgumentTypeError(f"it must be a path; it is {_short(text)}")
    return Path(text)


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:40]}…")
