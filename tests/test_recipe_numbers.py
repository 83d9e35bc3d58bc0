"""No model is trained by a recipe with a number that cannot be meant."""

import dataclasses
import re
from collections.abc import Sequence

import pytest
import torch
from numbers_asked import BAD

from diffusionbook.zoo.make import train_recipe
from diffusionbook.zoo.recipe import SHARES, check_recipe, find, recipe_names


def _wrong(field: dataclasses.Field) -> Sequence[object]:
    """What the field of a recipe cannot be; nothing if it is a word."""
    usual = field.default
    if isinstance(usual, str):
        return ()
    if isinstance(usual, tuple):
        return [(*usual[:-1], value) for value in BAD["whole"]]
    if isinstance(usual, int):
        return [value for value in BAD["whole"] if value or field.name != "seed"]
    more = (-0.5, 1.5) if field.name in SHARES else (0, -1)
    return [*BAD["float"], *more]


@pytest.mark.parametrize("name", recipe_names())
def test_it_is_refused_before_a_file_is_written(name, tmp_path, without_shape_checks):
    recipe = find(name)
    for field in dataclasses.fields(recipe):
        for value in _wrong(field):
            bad = dataclasses.replace(recipe, **{field.name: value})
            number = value[-1] if isinstance(value, tuple) else value
            said = rf"^{field.name} must .*; it is {re.escape(str(number))}$"
            with pytest.raises(ValueError, match=said):
                train_recipe(bad, tmp_path / "new", torch.device("cpu"), None)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", recipe_names())
def test_the_recipes_of_the_book_can_be_meant(name):
    check_recipe(find(name))
