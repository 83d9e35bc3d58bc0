"""What a model draws, told from the fields of its recipe, without PyTorch."""

from collections.abc import Mapping
from typing import NamedTuple


class Kind(NamedTuple):
    """A kind of samples: its name, in the plural; how many labels there are, from 0 on, or 0 if
    there are none; how many samples are drawn if nobody says; and how many fit one picture, or 0
    if any number does."""

    name: str
    labels: int
    usual: int
    sheet: int


POINTS = Kind("points", 0, 2_000, 0)
DIGITS = Kind("digits", 10, 100, 10_000)
CANVASES = Kind("canvases", 100, 100, 2_000)


def kind_of(says: Mapping[str, object]) -> Kind:
    """What a model draws whose recipe has these fields, as
    :func:`~diffusionbook.evidence.catalogue.outline` tells them."""
    if "canvases" in says:  # how many it was trained on
        return CANVASES
    return DIGITS if "guidance" in says else POINTS
