"""Experiments: measurements that are too heavy for a page.

One module per experiment: ``experiments/spiral_chain.py`` is ``spiral-chain``. It holds

* ``SEEDS``, the training seeds;
* ``RECIPES``, the recipes it trains (their fields and data are recorded);
* ``measure(seed, device) → dict`` of named numbers, the same names for every seed;
* ``TINY``, values of constants that it reaches for a run of seconds, which is the same functions
  with less to do: tests watch it, and a reseal compares it.

A chapter runs the small version of the same functions live, and loads the numbers by
``results.load(name)``.
"""

import importlib
from types import ModuleType

from diffusionbook.evidence.catalogue import check_name, names_in

__all__ = ["find", "names"]


def names() -> list[str]:
    """The names of all experiments, sorted."""
    return names_in("experiments")


def find(name: str) -> ModuleType:
    """The module of an experiment.

    Raises:
        ValueError: there is none of this name; the message has the nearest.
    """
    check_name(name, names(), "an experiment")
    return importlib.import_module(f"{__name__}.{name.replace('-', '_')}")
