"""Run an experiment and write its result with everything the numbers depend on."""

import importlib
import time
from collections.abc import Callable
from dataclasses import asdict
from difflib import get_close_matches
from pathlib import Path

import torch

from diffusionbook import results
from diffusionbook.environment import describe, versions
from diffusionbook.files import tensor_digest, write_json

FOLDER = Path(__file__).parent / "experiments"


def names() -> list[str]:
    """The names of all experiments, sorted."""
    return sorted(path.stem.replace("_", "-") for path in FOLDER.glob("[a-z]*.py"))


def run(
    name: str,
    folder: Path,
    device: torch.device,
    data_root: Path | None,
    tell: Callable[[str], None] = print,
) -> Path:
    """Measure for every training seed and write ``folder/NAME.json``.

    Args:
        name: of the experiment.
        folder: an existing folder.
        device: where to train.
        data_root: where data files are; None for the usual places.
        tell: called with a line after each seed.

    Raises:
        ValueError: there is no such experiment, its seeds measured different things, or a file
            it depends on changed while it ran.
    """
    if name not in names():
        near = get_close_matches(name, names(), cutoff=0.3) or names()
        raise ValueError(f"name {name!r} is not an experiment; did you mean {' or '.join(near)}?")
    module = importlib.import_module(f"diffusionbook.experiments.{name.replace('-', '_')}")
    before, started, runs = results.dependencies(name), time.perf_counter(), []
    for seed in module.SEEDS:
        runs.append(module.measure(seed, device))
        if runs[-1].keys() != runs[0].keys():
            raise ValueError(f"measure({seed}) of {name} returned other names than the first seed")
        tell(f"{name}: seed {seed} measured, {time.perf_counter() - started:.0f} s")
    if results.dependencies(name) != before:
        raise ValueError(f"a file that {name} depends on changed while it ran; run it again")
    held = {
        "experiment": name,
        "seeds": list(module.SEEDS),
        "numbers": {key: [measured[key] for measured in runs] for key in runs[0]},
        "facts": {
            "recipes": {recipe.name: asdict(recipe) for recipe in module.RECIPES},
            "data": {recipe.name: _data(recipe, data_root) for recipe in module.RECIPES},
            "device": describe(device),
            "versions": versions(),
            "seconds": round(time.perf_counter() - started, 1),
        },
        "files": before,
    }
    path = Path(folder) / f"{name}.json"
    write_json(path, {**held, "sha256": results.seal(held)})
    return path


def _data(recipe, root: Path) -> str:
    return tensor_digest({str(i): x for i, x in enumerate(recipe.data(root))})
