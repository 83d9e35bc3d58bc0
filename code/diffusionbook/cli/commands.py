"""What the commands of ``python -m diffusionbook`` do, one function each.

What can be refused before PyTorch is imported, :mod:`diffusionbook.cli.preflight` has refused.
"""

import gzip
import json
import shlex
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from diffusionbook import experiments, zoo
from diffusionbook.cli.drawing import load, sample
from diffusionbook.cli.listing import measures_of
from diffusionbook.data import mnist
from diffusionbook.evidence import measure as measuring
from diffusionbook.evidence import record, reseal, results
from diffusionbook.evidence.catalogue import outline
from diffusionbook.files.tensors import read_tensors
from diffusionbook.files.whole import DamagedFile, read_json, write_json
from diffusionbook.machine.environment import pick_device
from diffusionbook.zoo import make

__all__ = ["evaluate", "experiment", "export", "sample", "train"]


def train(options: Namespace) -> None:
    """Train a recipe, with another number of steps or another seed if these are given."""
    recipe = zoo.find(options.name)
    changes = {"steps": options.steps, "seed": options.seed}
    recipe = replace(recipe, **{k: v for k, v in changes.items() if v is not None})
    device = pick_device(options.device)
    _fetch(options)
    try:
        weights = make.train_recipe(recipe, options.out, device, options.data_root)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_saved(recipe, options.out)) from None
    if weights is not None:
        receipt = zoo.receipt(recipe.name, options.out)
        print(f"{weights}: {receipt['steps']} steps in {receipt['seconds']} s, "
              f"{receipt['training']['arithmetic']}")
        if "changed" in receipt["training"]:
            print(f"  while it was trained, {receipt['training']['changed']}; the digest of the "
                  "code in its receipt is that of the start")
        for line in measures_of(receipt["metrics"]):
            print(f"  {line}")
        print(_next(recipe.name, options.out))


def evaluate(options: Namespace) -> None:
    """Measure a model anew, as its recipe says; or show that its receipt holds for today's code."""
    if options.reseal:
        folder = options.weights or zoo.WEIGHTS
        held = zoo.receipt(options.name, folder)
        if "evidence" not in held:
            raise ValueError(f"--reseal: {options.name!r} has no record to renew; use --record")
        zoo.record(options.name, folder, {"evidence": _resealed(
            record.evaluation, options.name, held["evidence"], options.old_python)})
        return
    device, (model, recipe, _) = pick_device(options.device), load(options)
    _fetch(options)
    measured = make.measured(recipe, make.placed(recipe, model, device), options.data_root)
    if options.record:
        if "evidence" not in measured:
            raise ValueError(f"--record: {recipe.name!r} is no recipe of this package")
        print(zoo.record(options.name, options.weights or zoo.WEIGHTS, measured))
    elif options.out:
        write_json(options.out, measured["metrics"])
    else:
        print(json.dumps(measured["metrics"], indent=1))


def experiment(options: Namespace) -> None:
    """Run an experiment and write its result; or show that an older one holds for today's code."""
    folder = options.out or results.RESULTS
    if options.reseal:
        reason = results.damaged(options.name, folder)
        if reason:
            raise ValueError(reason)
        path = folder / f"{options.name}.json"
        held = read_json(path)
        renewed = _resealed(record.experiment, options.name, held["evidence"], options.old_python)
        held = {**held, "evidence": renewed}
        write_json(path, {**held, "sha256": results.seal(held)})
        return
    folder.mkdir(parents=True, exist_ok=True)
    device = pick_device(options.device)
    _fetch(options)
    print(measuring.run(experiments.find(options.name), folder, device, options.data_root))


def _fetch(options: Namespace) -> None:
    """What is measured reads MNIST where it lies; whoever asked for it sees that it is there."""
    if options.name.startswith(("mnist-", "canvas-")):
        mnist.fetch(options.data_root)


def _resealed(measures: record.Measures, name: str, evidence: dict, old_python: str | None) -> dict:
    """The renewed record; prints what was shown."""
    renewed = reseal.reseal(measures, name, evidence, zoo.WEIGHTS.parents[2], old_python)
    entry = renewed["reseals"][-1]
    units = ", ".join(f"{unit} {how}" for unit, how in entry["units"].items()) or "no unit changed"
    print(f"{name}: its tiny form gives the same numbers, bit for bit, as at commit "
          f"{entry['commit']}; {units}")
    if entry["unseen"]:
        print(f"  no longer reached, and not run by the older code: {', '.join(entry['unseen'])}")
    return renewed


def export(options: Namespace) -> None:
    """Write networks for the reader's browser."""
    if options.name == "digit":
        from diffusionbook.page.digit_export import write
    else:
        from diffusionbook.page.explorer_export import write

    folder = options.out or Path("book/static") / options.name
    for path in write(folder, options.weights or zoo.WEIGHTS):
        content = path.read_bytes()
        print(f"{path}: {len(content) / 1e3:.0f} kB, {len(gzip.compress(content)) / 1e3:.0f} kB "
              "gzipped")


def _saved(recipe: zoo.Recipe, folder: Path) -> str:
    """What an interrupted training left, in words."""
    try:
        _, header = read_tensors(folder / f"{recipe.name}.checkpoint")
    except (OSError, DamagedFile):
        return "; nothing was saved yet"
    run, step = header.get("run", {}), header.get("progress", {}).get("step")
    if step is None or (run.get("steps"), run.get("seed")) != (recipe.steps, recipe.seed):
        return "; nothing was saved"
    return f"; saved at step {step} of {recipe.steps}; the same command continues"


def _next(name: str, folder: Path) -> str:
    """What a model that was trained is good for."""
    where = f"{name} --weights {shlex.quote(str(folder))}"
    if "sampler" in outline(name):
        return f"draw from it: python -m diffusionbook sample {where} --out {name}.png"
    return f"measure it: python -m diffusionbook evaluate {where}"
