"""What functions ask of the numbers they are given: what cannot be meant is refused.

NaN slips through every comparison that is not written with care, an infinity through most, and
half a step would be cut off somewhere below without a word. Each check returns nothing, so a good
number goes on as it came.
"""

import math
from operator import index

from torch import Tensor


def finite(name: str, *values: float) -> None:
    """Refuse NaN and the infinities.

    Raises:
        ValueError: it names the argument and the value, as all errors of this module do.
    """
    for value in values:
        if not math.isfinite(value):
            raise ValueError(f"{name} must be finite; it is {value}")


def positive(name: str, value: float) -> None:
    """Refuse all but finite numbers above 0."""
    if not value > 0:
        raise ValueError(f"{name} must be positive; it is {value}")
    finite(name, value)


def inside(name: str, value: float, least: float, most: float) -> None:
    """Refuse all but the numbers from ``least`` to ``most``, both included."""
    if not least <= value <= most:
        raise ValueError(f"{name} must lie in [{least}, {most}]; it is {value}")


def whole(name: str, *values: int, least: int | None = None) -> None:
    """Refuse all but whole numbers, and those below ``least``; a fraction is never rounded."""
    for value in values:
        try:
            index(value)
        except TypeError:
            raise ValueError(f"{name} must be a whole number; it is {value}") from None
        if least is not None and value < least:
            raise ValueError(f"{name} must be at least {least}; it is {value}")


def all_finite(name: str, values: Tensor) -> None:
    """Refuse a tensor that holds NaN or an infinity."""
    ends = values.detach().aminmax() if values.numel() else ()
    for end in ends:  # nan and inf reach the extremes
        if not math.isfinite(end):
            raise ValueError(f"{name} must be finite; it holds {float(end)}")
