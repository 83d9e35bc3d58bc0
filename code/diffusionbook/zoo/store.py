"""The shipped models: weights that arrive with the package, each with a receipt.

A model is two files. ``spiral-mlp.safetensors`` holds numbers and nothing that could be run.
``spiral-mlp.json`` is the receipt: the recipe, the SHA-256 of weights and data, how long training
took and where, its loss curve, and measured quality. :func:`load` believes neither unread.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import asdict, fields
from pathlib import Path
from types import UnionType
from typing import get_args, get_origin

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_parameter_registration_hook

from diffusionbook.evidence.receipts import WEIGHTS, cure, receipt, sealed
from diffusionbook.files.tensors import read_tensors, write_tensors
from diffusionbook.files.whole import DamagedFile, sha256, write_json
from diffusionbook.zoo.recipe import Recipe, find

MOST = 10**7  # of anything that a recipe counts, but steps and seeds


def trained_recipe(name: str, folder: Path | str = WEIGHTS) -> Recipe:
    """The recipe that the receipt records, which may differ from today's in some fields.

    Raises:
        ValueError: today's recipe has other fields, so the recorded one means nothing any more.
        DamagedFile: a field holds what it cannot mean.
    """
    recorded, today = receipt(name, folder)["recipe"], find(name)
    for field in fields(today):
        key, value = field.name, recorded.get(field.name, getattr(today, field.name))
        if key in recorded and not (_is(value, field.type) and _countable(key, value)):
            raise DamagedFile(f"the receipt of {name} is damaged: its {key} is {str(value):.60}, "
                              f"the recipe's is {getattr(today, key)}; {cure(name, Path(folder))}")
    try:
        return type(today)(**{k: tuple(v) if isinstance(v, list) else v  # JSON has no tuples
                              for k, v in recorded.items()})
    except TypeError:
        raise ValueError(f"{name}: {_difference(recorded, _plain(today))}; "
                         f"{cure(name, folder)}") from None


def load(name: str, folder: Path | str = WEIGHTS, recipe: Recipe | None = None) -> nn.Module:
    """A trained model, frozen and in evaluation mode, on the CPU in float32.

    Args:
        name: such as ``"mnist-unet"``.
        folder: where its two files are; default: those shipped with the package.
        recipe: what the receipt must record; default: today's recipe of that name.

    Raises:
        ValueError: no such model, or the recipe or the network's code is not what it was trained
            by.
        DamagedFile: a file is cut short, altered or missing; the message says what to do.
    """
    folder, recorded = Path(folder), receipt(name, folder)
    recipe = find(name) if recipe is None else recipe
    # Through JSON's types: a tuple is recorded as a list.
    if recorded["recipe"] != _plain(recipe):
        raise ValueError(
            f"{name}: its weights were trained by another recipe: "
            f"{_difference(recorded['recipe'], _plain(recipe))}; {cure(name, folder)}"
        )
    path = folder / f"{name}.safetensors"
    if sha256(path) != recorded["sha256"]:
        raise DamagedFile(
            f"{path} is damaged or was exchanged: its SHA-256 is not the one in its receipt; "
            f"{cure(name, folder)}"
        )
    tensors, _ = read_tensors(path)
    try:
        with _no_larger_than(tensors):
            model = recipe.model()
        model.load_state_dict({k: x.float() if x.is_floating_point() else x
                               for k, x in tensors.items()})
        moved = not torch.allclose(torch.tensor(recorded["answer"]), _answer(model, recipe),
                                   rtol=1e-3, atol=1e-3)
    except (RuntimeError, LookupError, ValueError, TypeError, ArithmeticError, AssertionError,
            MemoryError):
        moved = True
    if moved:
        raise ValueError(f"{name}: the code of its network has changed since these weights were "
                         f"trained, or its receipt is of other weights; {cure(name, folder)}")
    return model.eval().requires_grad_(False)


def record(name: str, folder: Path | str, measured: Mapping[str, object]) -> Path:
    """Put metrics that were measured anew, and their evidence, into a model's receipt.

    Args:
        name: of the model.
        folder: where its two files are.
        measured: ``metrics`` and ``evidence``, as :func:`diffusionbook.zoo.make.measured` gives
            them.

    Returns:
        The path of the receipt.
    """
    held = {key: value for key, value in receipt(name, folder).items() if key != "code"}
    path = Path(folder) / f"{name}.json"
    write_json(path, sealed({**held, **measured}))
    return path


def save(
    model: nn.Module,
    recipe: Recipe,
    folder: Path | str,
    facts: Mapping[str, object],
    dtype: torch.dtype = torch.float32,
) -> Path:
    """Write weights and receipt; the receipt last, so a model with a receipt is whole.

    Args:
        model: the trained model.
        recipe: how it was trained.
        folder: an existing folder.
        facts: what else the receipt shall record.
        dtype: of the stored weights; float16 halves the file.

    Returns:
        The path of the weights.
    """
    path = Path(folder) / f"{recipe.name}.safetensors"
    model = round_weights(deepcopy(model), dtype)
    state = {k: x.to(dtype) if x.is_floating_point() else x for k, x in model.state_dict().items()}
    path.with_suffix(".json").unlink(missing_ok=True)
    write_tensors(path, state, {"model": recipe.name})
    held = {
        "name": recipe.name,
        "title": recipe.title,
        "sha256": sha256(path),
        "bytes": path.stat().st_size,
        "parameters": sum(p.numel() for p in model.parameters()),
        "recipe": _plain(recipe),
        "answer": _answer(model, recipe).tolist(),
        **facts,
    }
    write_json(path.with_suffix(".json"), sealed(held) if "evidence" in held else held)
    return path


@torch.no_grad()
def round_weights(model: nn.Module, dtype: torch.dtype) -> nn.Module:
    """Give ``model`` the float32 weights that it will have when it is loaded from ``dtype``."""
    for x in model.state_dict().values():
        if x.is_floating_point():
            x.copy_(x.to(dtype))
    return model


@torch.no_grad()
def _answer(model: nn.Module, recipe: Recipe) -> torch.Tensor:
    """The first 16 numbers that the network returns for the recipe's example."""
    device = next(model.parameters()).device
    network = getattr(model, "net", model)  # a denoiser's, or the model is a network itself
    return network.eval()(*(x.to(device) for x in recipe.example())).flatten()[:16].cpu()


def _is(value: object, kind: object) -> bool:
    """Whether a value from JSON is of the type that a recipe's field has."""
    if get_origin(kind) is UnionType:
        return any(_is(value, one) for one in get_args(kind))
    if get_origin(kind) is tuple:
        kinds = get_args(kind)
        return isinstance(value, list) and len(value) == len(kinds) and all(map(_is, value, kinds))
    return type(value) in ((int, float) if kind is float else (kind,))


def _countable(key: str, value: object) -> bool:
    """Whether a field asks for no more of anything than a network or a data set could have."""
    if isinstance(value, list):
        return all(_countable(key, part) for part in value)
    return key in ("steps", "seed") or not isinstance(value, int) or value <= MOST


@contextmanager
def _no_larger_than(tensors: Mapping[str, Tensor]) -> Iterator[None]:
    """Stop, with a ValueError, the making of a network that has more weights than ``tensors``.

    A damaged receipt may ask for a network that no memory holds; its file of weights is small.
    """
    room = [len(tensors), sum(x.numel() for x in tensors.values())]

    def count(module: nn.Module, name: str, weight: nn.Parameter | None) -> None:
        if weight is not None:
            room[0], room[1] = room[0] - 1, room[1] - weight.numel()
            if min(room) < 0:
                raise ValueError("the network has more weights than the file")

    hook = register_module_parameter_registration_hook(count)
    try:
        yield
    finally:
        hook.remove()


def _plain(recipe: Recipe) -> dict[str, object]:
    return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(recipe).items()}


def _difference(recorded: Mapping[str, object], today: Mapping[str, object]) -> str:
    for key in sorted({*recorded, *today}):
        if key not in recorded or key not in today or recorded[key] != today[key]:
            then, now = (d.get(key, "absent") for d in (recorded, today))
            return f"the receipt's {key} is {then!r}, the recipe's is {now!r}"
    return "no field differs"
