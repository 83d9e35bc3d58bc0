"""Recipes: everything that decides what a shipped model is.

One module per model: ``recipes/spiral_mlp.py`` holds the frozen dataclass of ``spiral-mlp`` and
its instance ``RECIPE``. The fields are plain numbers and words, so a receipt can record them and
a reader can change one: ``dataclasses.replace(RECIPE, steps=100)``. ``TINY`` holds values that make
its evaluation a matter of seconds; see :mod:`diffusionbook.evidence.probe`.
"""

__all__: list[str] = []  # the zoo finds each by its name
