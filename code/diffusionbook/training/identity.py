"""What tells one training run from another, so that no run goes on from another's checkpoint.

Weights tell only their shapes. What they were taught lies in the loss, in the values that it holds,
in what the model's output means, and in the code that makes a step.
"""

import dataclasses
import hashlib
import inspect
import json
import math
import textwrap
from collections.abc import Callable, Mapping
from functools import partial
from types import FunctionType, MethodType

from torch import nn

from diffusionbook.evidence.closure import Closure, reach
from diffusionbook.evidence.keys import code_only
from diffusionbook.evidence.sources import Node, Package
from diffusionbook.files.tensors import tensor_digest

SHOWN = 16  # hexadecimal digits of a digest


def identity(trainer, of: Mapping[str, object]) -> dict[str, object]:
    """What a checkpoint must agree with, in values that JSON can hold.

    Args:
        trainer: the :class:`~diffusionbook.training.step.Trainer` of the run.
        of: what else the caller says of the run, such as the fields of its recipe.

    Raises:
        ValueError: ``of`` holds what JSON cannot.
    """
    values, functions, _ = _inside(trainer.loss)
    model, first = trainer.model, trainer.first_batch()
    shapes = {f"shape of {k}": list(x.shape) for k, x in model.state_dict().items()}
    means = {"param": getattr(model, "param", None),
             "path": type(getattr(model, "path", None)).__name__}
    found = {
        **values,
        **{key: value for key, value in means.items() if value not in (None, "NoneType")},
        **of,
        "steps": trainer.steps,
        "seed": trainer.seed,
        "lr at 1/8, 3/8, 5/8 and 7/8 of training": [trainer.rate((k + 0.5) / 4) for k in range(4)],
        "clip": trainer.clip,
        "decay of the ema": None if trainer.ema is None else trainer.ema.decay,
        "arithmetic": trainer.arithmetic,
        "loss": functions[0].__qualname__ if functions else type(trainer.loss).__name__,
        "text of the loss": _digest("\n".join(map(_text, functions))),
        **shapes,
        "first batch": tensor_digest({str(i): x for i, x in enumerate(first)})[:SHOWN],
    }
    try:
        return json.loads(json.dumps(found, allow_nan=False))  # so that a tuple is a list
    except (TypeError, ValueError) as error:
        raise ValueError(f"of must hold what JSON can: {error}") from None


def code(trainer, loop: Callable, package: Package | None = None) -> Closure:
    """The definitions of the package that this training reaches: of the loop, its step, the rate,
    the loss, the model's parts and the average. (The data are told by their first batch.)"""
    package = package or Package()
    _, functions, types = _inside(trainer.loss)
    parts = [trainer, trainer.ema, *trainer.model.modules()]
    parts += [held for part in trainer.model.modules() for held in vars(part).values()]
    definitions = [loop, *functions, trainer.rate, *types, *map(type, parts)]
    return reach(package, *sorted(_nodes(definitions, package)))


def _nodes(definitions: list, package: Package) -> set[Node]:
    """Where they stand in the package; of a function inside another, the outer one."""
    found = set()
    for one in definitions:
        module = getattr(one, "__module__", None) or ""
        name = getattr(one, "__qualname__", "").split(".")[0]
        ours = module.split(".")[0] == package.name and package.path(module) is not None
        if ours and name in package.module(module).units:
            found.add((module, name))
    return found


def _inside(loss) -> tuple[dict[str, object], list[FunctionType], set[type]]:
    """The plain values that a loss holds, by name, the functions it is made of, and the classes:
    through methods, ``functools.partial`` and the variables of an outer function."""
    values: dict[str, object] = {}
    functions: list[FunctionType] = []
    types: set[type] = set()
    todo, seen = [("", loss)], []
    while todo:
        name, thing = todo.pop(0)
        if _is_plain(thing):
            if name:
                values.setdefault(name, _plain(thing))
        elif any(thing is other for other in seen):
            continue
        else:
            seen.append(thing)
            if isinstance(thing, partial):
                todo += [("", thing.func), *thing.keywords.items(),
                         *((f"argument {k}", value) for k, value in enumerate(thing.args))]
            elif isinstance(thing, MethodType):
                todo += [("", thing.__func__), ("", thing.__self__)]
            elif isinstance(thing, FunctionType):
                functions.append(thing)
                todo += _held_by(thing)
            elif thing is loss or dataclasses.is_dataclass(thing) or not name:
                types.add(thing if isinstance(thing, type) else type(thing))
                if not isinstance(thing, type | nn.Module):
                    todo += [(k, v) for k, v in getattr(thing, "__dict__", {}).items()
                             if _is_plain(v)]
    return values, functions, types


def _held_by(function: FunctionType) -> list[tuple[str, object]]:
    """The variables of the outer function that it uses, and its default values."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    found = list((function.__kwdefaults__ or {}).items())
    names, defaults = function.__code__.co_varnames, function.__defaults__ or ()
    count = function.__code__.co_argcount
    found += zip(names[count - len(defaults) : count], defaults, strict=True)
    for name, cell in cells:
        try:
            found.append((name, cell.cell_contents))
        except ValueError:  # not bound yet
            continue
    return found


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return value is None or type(value) in (bool, int, float, str)


def _plain(value: object) -> object:
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return repr(value) if isinstance(value, float) and not math.isfinite(value) else value


def _text(function: FunctionType) -> str:
    """Its source without comments, its compiled code where there is no source, as in a console."""
    try:
        text = textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError, SyntaxError):
        return f"{function.__code__.co_code.hex()} {function.__code__.co_names}"
    try:
        return code_only(text)
    except (SyntaxError, ValueError):  # a lambda in the middle of a statement
        return text


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:SHOWN]
