"""Every number that the package's public functions, classes and methods ask for, found by reading
their signatures."""

import dataclasses
import importlib
import inspect
import math
import pkgutil
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import NamedTuple, Union

import torch

import diffusionbook
from diffusionbook.shapes import Times

BAD = {
    "float": (math.nan, math.inf, -math.inf),
    "whole": (2.5, math.nan, 0, -1),
    "time": (math.nan, -0.25, 1.25),
}


class Argument(NamedTuple):
    """A number that somebody may pass.

    Attributes:
        of: the function, as its module and name below the package.
        name: of the argument.
        kind: "whole", "float", "time", "tensor"; "several whole" or "several float" in one tuple;
            "nested" for numbers somewhere in tables; "unread" for an argument without a type.
    """

    of: str
    name: str
    kind: str


def functions(module: types.ModuleType) -> Iterator[tuple[str, object]]:
    """Name and object of each public function, class (its constructor) and method of a module."""
    for name, value in vars(module).items():
        if name.startswith("_") or getattr(value, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(value):
            yield name, value
        elif inspect.isclass(value) and not getattr(value, "_is_protocol", False):
            yield name, value
            for method, held in vars(value).items():
                public = method == "__call__" or not method.startswith("_")
                if public and _is_method(held):
                    yield f"{name}.{method}", getattr(value, method)


def _is_method(held: object) -> bool:
    """Whether it can be called; what is abstract is called in the classes that are made of it."""
    there = not getattr(held, "__isabstractmethod__", False)
    return there and (inspect.isfunction(held) or isinstance(held, classmethod | staticmethod))


def modules(left_out: Sequence[str]) -> Iterator[types.ModuleType]:
    """The public modules of the package, without those that are named, and what is below them."""
    for found in pkgutil.walk_packages(diffusionbook.__path__, "diffusionbook."):
        short = found.name.removeprefix("diffusionbook.")
        private = any(part.startswith("_") for part in short.split("."))
        if not private and not any(f"{short}.".startswith(f"{name}.") for name in left_out):
            yield importlib.import_module(found.name)


def asked(left_out: Sequence[str], constant: str) -> Iterator[Argument]:
    """All numbers that are asked for, in the order of modules and signatures.

    Args:
        left_out: modules that are not read.
        constant: a package of which only the classes are read.
    """
    for module in modules(left_out):
        for name, function in functions(module):
            if inspect.isclass(function) and _is_result(function):
                continue
            short = module.__name__.removeprefix("diffusionbook.")
            if short.startswith(f"{constant}.") and not inspect.isclass(function):
                continue
            for argument, kind in numbers(function):
                yield Argument(f"{short}.{name}", argument, kind)


def numbers(function: Callable) -> Iterator[tuple[str, str]]:
    """Name and kind of each number that a function asks for."""
    hints = _hints(function)
    for parameter in inspect.signature(function).parameters:
        kind = _kind(hints[parameter]) if parameter in hints else "unread"
        if kind and parameter != "self":
            yield parameter, kind


def _is_result(value: type) -> bool:
    """Tuples with names and errors are what functions give back; nobody makes one to compute."""
    return issubclass(value, tuple | BaseException)


def _hints(function: object) -> dict[str, object]:
    if inspect.isclass(function) and not dataclasses.is_dataclass(function):
        function = function.__init__
    return typing.get_type_hints(function)


def _kind(hint: object) -> str:
    """What an annotation says of numbers; "" where it asks for none."""
    if hint == Times:
        return "time"
    options = [option for option in _options(hint) if not _is_function(option)]
    if float in options or int in options:
        return "float" if float in options else "whole"  # a float may be whole
    if any(_is_tensor(option) for option in options):
        return "tensor"
    for option in options:
        each = {_kind(inner) for inner in typing.get_args(option)}
        for kind in ("float", "whole"):
            if kind in each and each <= {kind, ""}:
                return f"several {kind}"
        if each - {""}:
            return "nested"
    return ""


def _options(hint: object) -> tuple:
    is_union = typing.get_origin(hint) in (Union, types.UnionType)
    return typing.get_args(hint) if is_union else (hint,)


def _is_function(hint: object) -> bool:
    return typing.get_origin(hint) is Callable


def _is_tensor(hint: object) -> bool:
    """Whether it is a tensor that may hold fractions, with or without a shape by jaxtyping."""
    if getattr(hint, "array_type", None) is torch.Tensor:
        return "float64" in hint.dtypes
    return inspect.isclass(hint) and issubclass(hint, torch.Tensor)


def spoilt(argument: Argument, good: object) -> list[tuple[object, str]]:
    """Values in the place of a good one that no function can take, each with how it is written."""
    if argument.kind in BAD:
        return [(value, str(value)) for value in BAD[argument.kind]]
    values = BAD["whole" if argument.kind == "several whole" else "float"]
    return [(_with(good, value), str(value)) for value in values]


def found(of: str) -> Callable:
    """The function of that name."""
    value = diffusionbook
    for part in of.split("."):
        below = f"{value.__name__}.{part}"
        if hasattr(value, "__path__") and find_spec(below):  # a face may name a namesake, too
            value = importlib.import_module(below)
        else:
            value = getattr(value, part)
    return value


def _with(good: object, value: float) -> object:
    """A copy whose last number is another one."""
    if isinstance(good, torch.Tensor):
        bad = good.double().clone()
        bad.view(-1)[-1] = value
        return bad
    if isinstance(good, Mapping):
        *_, last = good
        return {**good, last: _with(good[last], value)}
    if isinstance(good, tuple | list):
        return type(good)((*good[:-1], _with(good[-1], value)))
    assert isinstance(good, int | float), good
    return value
