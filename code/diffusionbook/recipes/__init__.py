"""Recipes: everything that decides what a shipped model is.

One module per model: ``recipes/spiral_mlp.py`` holds the frozen dataclass of ``spiral-mlp`` and
its instance ``RECIPE``. The fields are plain numbers and words, so a receipt can record them and
a reader can change one: ``dataclasses.replace(RECIPE, steps=100)``.
"""

import importlib
from difflib import get_close_matches
from pathlib import Path
from typing import Protocol, runtime_checkable

from torch import Tensor, nn

from diffusionbook.denoise import NetDenoiser


@runtime_checkable
class Recipe(Protocol):
    """What every recipe offers; each is a frozen dataclass of plain values."""

    name: str
    title: str
    steps: int
    batch: int
    lr: float
    warmup: float
    seed: int
    ema: float

    def model(self) -> NetDenoiser:
        """The untrained model; its initial weights come from ``seed``."""

    def example(self) -> tuple[Tensor, ...]:
        """A few fixed inputs (x_t, t) or (x_t, t, y): the network's answer to them is recorded,
        so that a change of its code that moves the answer is noticed."""

    def data(self, root: Path) -> tuple[Tensor, ...]:
        """The training set; files, where it has any, lie below ``root``."""

    def loss(self, model: nn.Module, *batch: Tensor, generator) -> Tensor:
        """The training loss of one batch."""

    def evaluate(self, model: NetDenoiser, seed: int) -> dict[str, float]:
        """Measured quality of a trained model, for one sampling seed."""


def names() -> list[str]:
    """The names of all recipes, sorted."""
    found = Path(__file__).parent.glob("[a-z]*.py")
    return sorted(path.stem.replace("_", "-") for path in found)


def find(name: str) -> Recipe:
    """The recipe with this name.

    Raises:
        ValueError: there is none; the message has the nearest names.
    """
    if name not in names():
        near = get_close_matches(name, names(), cutoff=0.3) or names()
        raise ValueError(f"name {name!r} is not a recipe; did you mean {' or '.join(near)}?")
    return importlib.import_module(f"diffusionbook.recipes.{name.replace('-', '_')}").RECIPE
