"""What is handed to the check of an exercise, and what it answers."""

import inspect
from collections.abc import Callable
from types import ModuleType

import pytest


def checks_of(module: ModuleType) -> dict[str, Callable]:
    """The checks of a chapter by their names."""
    return {name: check for name, check in inspect.getmembers(module, inspect.isfunction)
            if name.startswith("check_")}


def raises(*_: object) -> None:
    raise ValueError("no idea")


def constant(value: object) -> Callable:
    """What returns ``value`` whatever it is asked; of a field, a field that does."""
    return lambda *_: value


def sentence(check: Callable, f: object) -> str:
    """What a check says of a wrong answer, which is a sentence."""
    with pytest.raises(AssertionError) as caught:
        check(f)
    said = str(caught.value)
    assert said.count(" ") > 3 and len(said) < 250, said
    return said
