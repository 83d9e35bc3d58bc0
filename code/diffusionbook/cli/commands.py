"""What the commands of ``python -m diffusionbook`` do, one function each.

What can be refused before PyTorch is imported, :mod:`diffusionbook.cli.preflight` has refused.
"""

import gzip
import io
import json
import shlex
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from diffusionbook import experiments, zoo
from diffusionbook.cli.listing import measures_of
from diffusionbook.cli.sheet import sheet
from diffusionbook.data import mnist
from diffusionbook.data.mnist import all_labels
from diffusionbook.denoisers.wrapped import Counted
from diffusionbook.evidence import measure as measuring
from diffusionbook.evidence import record, reseal, results
from diffusionbook.evidence.catalogue import outline
from diffusionbook.files.tensors import read_tensors
from diffusionbook.files.whole import DamagedFile, read_json, write_atomic, write_json
from diffusionbook.guidance import cfg, interval
from diffusionbook.machine.environment import pick_device
from diffusionbook.samplers.named import sample_many
from diffusionbook.zoo import make


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


def sample(options: Namespace) -> None:
    """Draw samples of a model; write numbers or a picture. What is not asked for is the recipe's
    best."""
    device, (model, recipe) = pick_device(options.device), _load(options)
    sampler, steps = options.sampler or recipe.sampler, options.steps or recipe.sampler_steps
    n, labels, how = options.n or 2000, None, f"{sampler}, {steps} steps"
    model = network = Counted(model.to(device))
    if isinstance(recipe, zoo.Guided):
        n = options.n or 100
        labels = all_labels(n)
        if options.label is not None:
            labels = torch.full_like(labels, options.label)
        scale = recipe.guidance if options.guidance is None else options.guidance
        low, high = options.interval or (recipe.low, recipe.high)
        if scale == 0 and options.interval is None:  # the label is ignored, at every time
            low, high = 0.0, 1.0
        model, how = cfg(model, interval(scale, low, high)), f"{how}, guidance {scale:g}"
        if scale != 1 and (low, high) != (0, 1):
            how += f" at times {low:g} to {high:g}"
    try:
        samples = sample_many(model, recipe.example()[0].shape[1:], n, labels, sampler=sampler,
                              steps=steps, seed=options.seed, device=device)
    except FloatingPointError:
        said = f"the samples are not finite ({how}); nothing is written"
        raise FloatingPointError(said) from None
    if labels is not None:
        samples = mnist.to_unit(samples)
    stream = io.BytesIO()
    if options.out.suffix == ".npy":
        np.save(stream, samples.numpy())
    elif labels is not None:
        stream.write(sheet(samples))
    else:
        _scatter(samples).savefig(stream, format="png", dpi=150)
    write_atomic(options.out, stream.getvalue())
    each = network.samples / n
    print(f"{options.out}: {n} samples, {how} ({each:g} evaluations a sample)")


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
    device, (model, recipe) = pick_device(options.device), _load(options)
    _fetch(options)
    measured = make.measured(recipe, model.to(device), options.data_root)
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
    if options.name.startswith("mnist-"):
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


def _load(options: Namespace) -> tuple[nn.Module, zoo.Recipe]:
    """A shipped model must follow today's recipe; one from a folder, the recipe it came with."""
    if options.weights is None:
        return zoo.load(options.name), zoo.find(options.name)
    recipe = zoo.trained_recipe(options.name, options.weights)
    return zoo.load(options.name, options.weights, recipe), recipe


def _scatter(samples: Tensor):
    """Points in the plane."""
    from diffusionbook.plots.points import scatter
    from diffusionbook.plots.style import WIDTH, canvas

    figure, (axes,) = canvas(height=WIDTH)
    scatter(axes, samples, "learned", extent=1.1 * float(samples.abs().quantile(0.999)))
    return figure


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
