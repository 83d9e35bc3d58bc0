"""Train a recipe from start to receipt: what ``python -m diffusionbook train`` does."""

import statistics
from dataclasses import asdict
from pathlib import Path

import torch

from diffusionbook.evidence import record
from diffusionbook.evidence.closure import reach
from diffusionbook.evidence.sources import Package
from diffusionbook.files.tensors import tensor_digest
from diffusionbook.machine.environment import describe, versions
from diffusionbook.machine.precision import Arithmetic, fastest
from diffusionbook.machine.watching import long_work
from diffusionbook.training import processes
from diffusionbook.training.checkpoint import Checkpoint
from diffusionbook.zoo.by_recipe import trained
from diffusionbook.zoo.recipe import Finished, Recipe, Sampled, check_recipe, recipe_names
from diffusionbook.zoo.store import round_weights, save

RATES = "at the middle of each step"  # of the schedule; receipts without this: at its start


def train_recipe(
    recipe: Recipe,
    folder: Path,
    device: torch.device,
    data_root: Path | None,
) -> Path | None:
    """Train, average, evaluate; write weights and receipt. A run that was cut short goes on.

    The receipt's ``training`` says in which arithmetic it was trained, and the digest of the
    definitions that trained it, as they were at the start; if one of them changed underway, which.

    Args:
        recipe: what to train.
        folder: where the two files go; made if it is missing. The checkpoint lies there, too,
            until they are written.
        device: where to train, unless accelerate says it.
        data_root: where data files are; None for the usual places.

    Returns:
        The path of the weights; None in processes that accelerate started beside the main one.

    Raises:
        ValueError: the recipe holds a number that cannot be meant.
    """
    check_recipe(recipe)
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = Checkpoint(folder / f"{recipe.name}.checkpoint", asdict(recipe))
    model, loss, main, where = recipe.model().to(device), recipe.loss, True, describe(device)
    if processes.launched():
        shared = processes.share(model, loss)
        loss, main, where = shared.loss, shared.main, f"{where}, {shared.note}"
        arithmetic, device = shared.arithmetic, next(model.parameters()).device
    else:
        arithmetic = resolved(recipe.arithmetic, checkpoint, device)
    data = recipe.data(data_root)
    averaged, records = trained(
        recipe, model, data, loss,
        arithmetic=arithmetic,
        checkpoint=checkpoint,
        save_every=max(1, recipe.steps // 20) if main else None,
    )  # fmt: skip
    if not main:
        return None
    dtype = getattr(torch, recipe.precision)
    model = round_weights(averaged, dtype)  # what is measured is what is shipped
    if isinstance(recipe, Finished):
        recipe.finish(model.cpu(), *data)
        round_weights(model, dtype)
    facts = {
        **measured(recipe, placed(recipe, model, device), data_root),
        "data": {"sha256": tensor_digest({str(i): x for i, x in enumerate(data)}),
                 "examples": len(data[0])},
        "steps": records[-1].step,
        "seconds": round(records[-1].seconds, 1),
        "cpu_seconds": round(records[-1].cpu_seconds, 1),
        "training": {"arithmetic": arithmetic, "rates": RATES, **_code(checkpoint)},
        "device": where,
        "versions": versions(),
        "loss": [[r.step, round(r.loss, 6)] for r in records],
    }
    weights = save(model, recipe, folder, facts, dtype)
    checkpoint.path.unlink(missing_ok=True)
    return weights


def resolved(wanted: str, checkpoint: Checkpoint, device: torch.device) -> Arithmetic:
    """The arithmetic of a training: what its recipe says; for "fastest" what the checkpoint was
    begun with, and without one the faster on this machine."""
    if wanted != "fastest":
        return wanted
    return checkpoint.begun().get("run", {}).get("arithmetic") or fastest(device)


def _code(checkpoint: Checkpoint) -> dict[str, str]:
    """The digest of the definitions that a training was begun with, and which of them is another
    one by now, if one is."""
    held = checkpoint.begun()["code"]
    try:
        changed = record.difference(held, reach(Package(), *map(tuple, held["roots"])))
    except ValueError as error:
        changed = str(error)
    return {"code": held["digest"]} | ({"changed": changed} if changed else {})


def placed(recipe: Recipe, model: torch.nn.Module, device: torch.device) -> torch.nn.Module:
    """The model where it is measured: on the device if it draws samples, which takes long; what
    looks at data looks where they are, on the CPU."""
    return model.to(device if isinstance(recipe, Sampled) else "cpu")


def evaluate(
    recipe: Recipe, model: torch.nn.Module, data_root: Path | None
) -> dict[str, dict[str, float]]:
    """Each of the recipe's measures over its sampling seeds: mean and standard deviation."""
    runs = []
    with long_work("measuring", recipe.evaluations) as advance:
        for seed in range(1, recipe.evaluations + 1):
            runs.append(recipe.evaluate(model, seed, data_root))
            advance()
    values = {key: [run[key] for run in runs] for key in runs[0]}
    return {
        key: {"mean": statistics.fmean(v), "std": statistics.stdev(v) if len(v) > 1 else 0.0,
              "seeds": len(v)}
        for key, v in values.items()
    }


def measured(recipe: Recipe, model: torch.nn.Module, data_root: Path | None) -> dict[str, dict]:
    """What a receipt says of a model's quality: ``metrics`` and, for a recipe of the book,
    ``evidence``: what they depend on, and where they were measured.

    Raises:
        ValueError: a definition that the measures reach changed while they were taken.
    """
    ours = recipe.name in recipe_names()
    before = record.evaluation(recipe.name, Package()) if ours else None
    found = {"metrics": evaluate(recipe, model, data_root)}
    if before is None:
        return found
    held = record.bind(before)
    changed = record.difference(held, record.evaluation(recipe.name, Package()))
    if changed:
        raise ValueError(f"{changed} while {recipe.name} was measured; measure it again")
    device = describe(next(model.parameters()).device)
    return found | {"evidence": {**held, "device": device, "versions": versions()}}
