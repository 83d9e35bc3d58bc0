"""Every number that the package's public functions, classes and methods ask for, found by reading
their signatures."""

import dataclasses
import importlib
import inspect
import math
import pkgutil
import types
import typing
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Union

import torch

import diffusionbook
from diffusionbook.shapes import Times

BAD = {"float": (math.nan, math.inf, -math.inf), "whole": (2.5, math.nan, 0, -1)}


class Argument(NamedTuple):
    """A number that somebody may pass.

    Attributes:
        of: the function, as its module and name below the package.
        name: of the argument.
        kind: "whole", "float", "time", "tensor", or "several" of one of the first two.
        each: for several: the kind of each.
    """

    of: str
    name: str
    kind: str
    each: str = ""


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


def asked(left_out: Sequence[str]) -> Iterator[Argument]:
    """All numbers that are asked for, in the order of modules and signatures."""
    for module in modules(left_out):
        for name, function in functions(module):
            if inspect.isclass(function) and _is_result(function):
                continue
            hints = _hints(function)
            for parameter in inspect.signature(function).parameters:
                kind, each = _kind(hints.get(parameter))
                if kind:
                    short = module.__name__.removeprefix("diffusionbook.")
                    yield Argument(f"{short}.{name}", parameter, kind, each)


def _is_result(value: type) -> bool:
    """Tuples with names and errors are what functions give back; nobody makes one to compute."""
    return issubclass(value, tuple | BaseException)


def _hints(function: object) -> dict[str, object]:
    if inspect.isclass(function) and not dataclasses.is_dataclass(function):
        function = function.__init__
    return typing.get_type_hints(function)


def _kind(hint: object) -> tuple[str, str]:
    if hint == Times:
        return "time", ""
    options = typing.get_args(hint) if _is_union(hint) else (hint,)
    for option in options:
        if option is int or option is float:
            # float | int is a float, which may be whole
            return ("float" if float in options else "whole"), ""
    for option in options:
        if inspect.isclass(option) and issubclass(option, torch.Tensor):
            return "tensor", ""
        if getattr(option, "array_type", None) is torch.Tensor:  # jaxtyping's Float[Tensor, …]
            return ("tensor" if "float64" in option.dtypes else ""), ""
        if typing.get_origin(option) in (tuple, list) or _is_sequence(option):
            each = {_kind(inner)[0] for inner in typing.get_args(option)} - {""}
            if each and each <= {"whole", "float"}:
                return "several", min(each)
    return "", ""


def _is_union(hint: object) -> bool:
    return typing.get_origin(hint) in (Union, types.UnionType)


def _is_sequence(hint: object) -> bool:
    origin = typing.get_origin(hint)
    return inspect.isclass(origin) and issubclass(origin, typing.Iterable)


def spoilt(argument: Argument, good: object) -> list[tuple[object, str]]:
    """Values in the place of a good one that no function can take, each with how it is written."""
    match argument.kind:
        case "float" | "whole":
            return [(value, str(value)) for value in BAD[argument.kind]]
        case "time":
            return [(math.nan, "nan"), (-0.25, "-0.25"), (1.25, "1.25")]
        case "tensor":
            return [(_with(good, value), str(value)) for value in (math.nan, math.inf, -math.inf)]
        case "several":
            items = list(good)
            return [((*items[:k], value, *items[k + 1 :]), str(value))
                    for k, item in enumerate(items) if isinstance(item, int | float)
                    for value in BAD[argument.each]]
    raise AssertionError(argument)


def found(of: str) -> typing.Callable:
    """The function of that name."""
    module, _, rest = "diffusionbook", "", of
    value = importlib.import_module(module)
    for part in rest.split("."):
        if not hasattr(value, part):
            importlib.import_module(f"{value.__name__}.{part}")
        value = getattr(value, part)
    return value


def _with(good: torch.Tensor, value: float) -> torch.Tensor:
    """A copy whose last number is another one."""
    bad = torch.as_tensor(good, dtype=torch.float64).clone()
    bad.view(-1)[-1] = value
    return bad
