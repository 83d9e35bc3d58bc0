"""What the commands of ``python -m diffusionbook`` do, one function each."""

import gzip
import io
import json
import math
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from diffusionbook import experiment as experiments
from diffusionbook import recipes, results, runs, zoo
from diffusionbook.counted import Counted
from diffusionbook.data import mnist
from diffusionbook.digits import all_labels, guided
from diffusionbook.drawing import SAMPLERS, draw
from diffusionbook.environment import pick_device
from diffusionbook.evidence import record, reseal
from diffusionbook.files import read_json, write_atomic, write_json
from diffusionbook.vision import torchvision


def train(options: Namespace) -> None:
    """Train a recipe, with another number of steps or another seed if these are given."""
    recipe = recipes.find(options.name)
    changes = {"steps": options.steps, "seed": options.seed}
    recipe = replace(recipe, **{k: v for k, v in changes.items() if v is not None})
    device = pick_device(options.device)
    weights = runs.train_recipe(recipe, options.out, device, options.data_root)
    if weights is not None:
        receipt = zoo.receipt(recipe.name, options.out)
        print(f"{weights}: {receipt['steps']} steps in {receipt['seconds']} s; "
              + _measures(receipt["metrics"]))


def sample(options: Namespace) -> None:
    """Draw samples of a model; write numbers or a picture. What is not asked for is the recipe's
    best."""
    kinds = (".npy", ".png")
    if options.out.suffix not in kinds:
        raise ValueError(f"--out must end in {' or '.join(kinds)}; it is {options.out}")
    _there(options.out.parent)
    sampler = options.sampler
    if sampler is not None and sampler not in SAMPLERS:
        raise ValueError(f"--sampler must be {', '.join(SAMPLERS)}; it is {sampler!r}")
    device, (model, recipe) = pick_device(options.device), _load(options)
    if hasattr(model, "pairs"):
        raise ValueError(f"name {recipe.name!r} is several networks; the book's explorer draws "
                         "their samples")
    if not hasattr(recipe, "sampler"):
        raise ValueError(f"name {recipe.name!r} is a classifier; there are no samples to draw")
    sampler, steps = sampler or recipe.sampler, options.steps or recipe.looks
    model, labels, how = model.to(device), None, f"{sampler}, {steps} steps"
    model = network = Counted(model)
    if hasattr(recipe, "guidance"):
        labels = all_labels(options.n)
        if options.label is not None:
            if not -1 <= options.label <= 9:
                raise ValueError(f"--label must be 0 … 9, or -1 for none; it is {options.label}")
            labels = torch.full_like(labels, options.label)
        scale = recipe.guidance if options.guidance is None else options.guidance
        low, high = options.interval or (recipe.low, recipe.high)
        if scale == 0 and options.interval is None:  # the label is ignored, at every time
            low, high = 0.0, 1.0
        if not 0 <= low < high <= 1:
            raise ValueError(f"--interval must be two times, 0 <= LOW < HIGH <= 1; it is "
                             f"{low:g} {high:g}")
        model, how = guided(model, scale, low, high), f"{how}, guidance {scale:g}"
        if scale != 1 and (low, high) != (0, 1):
            how += f" at times {low:g} to {high:g}"
    for name in ("label", "guidance", "interval"):
        if getattr(options, name) is not None and labels is None:
            raise ValueError(f"--{name} is given, but {recipe.name} was trained without labels")
    samples = draw(model, recipe.example()[0].shape[1:], options.n, labels, sampler=sampler,
                   steps=steps, seed=options.seed, device=device)
    if labels is not None:
        samples = mnist.to_unit(samples)
    stream = io.BytesIO()
    if options.out.suffix == ".npy":
        np.save(stream, samples.numpy())
    elif labels is not None:
        columns = math.ceil(len(samples) ** 0.5)
        torchvision.utils.save_image(samples, stream, format="png", nrow=columns)
    else:
        _scatter(samples).savefig(stream, format="png", dpi=150)
    write_atomic(options.out, stream.getvalue())
    each = network.samples / options.n
    print(f"{options.out}: {options.n} samples, {how} ({each:g} evaluations a sample)")


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
    if options.out:
        _there(options.out.parent)
    device, (model, recipe) = pick_device(options.device), _load(options)
    measured = runs.measured(recipe, model.to(device), options.data_root)
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
    print(experiments.run(options.name, folder, device, options.data_root))


def _resealed(measures: record.Measures, name: str, evidence: dict, old_python: str | None) -> dict:
    """The renewed record; prints what was shown."""
    renewed = reseal.reseal(measures, name, evidence, zoo.WEIGHTS.parents[2], old_python)
    entry = renewed["reseals"][-1]
    units = ", ".join(f"{unit} {how}" for unit, how in entry["units"].items()) or "no unit changed"
    print(f"{name}: its tiny form gives the same numbers, bit for bit, as at commit "
          f"{entry['commit']}; {units}")
    return renewed


def export(options: Namespace) -> None:
    """Write networks for the reader's browser."""
    if options.name == "digit":
        from diffusionbook.onnx_export import write
    else:
        from diffusionbook.explorer.export import write

    folder = options.out or Path("book/static") / options.name
    _there(folder)
    for path in write(folder, options.weights or zoo.WEIGHTS):
        content = path.read_bytes()
        print(f"{path}: {len(content) / 1e3:.0f} kB, {len(gzip.compress(content)) / 1e3:.0f} kB "
              "gzipped")


def info(options: Namespace) -> None:
    """List everything there is, or print one receipt."""
    folder = options.weights or zoo.WEIGHTS
    if options.name:
        print(json.dumps(zoo.receipt(options.name, folder), indent=1, ensure_ascii=False))
        return
    print(f"models in {folder}:")
    for name in zoo.names(folder):
        facts = zoo.receipt(name, folder)
        print(f"  {name}: {facts['title']}; {facts['parameters']:,} weights, "
              f"{facts['bytes'] / 1e6:.1f} MB; {_measures(facts.get('metrics', {}))}")
    print("recipes:", *(f"  {name}: {recipes.find(name).title}" for name in recipes.names()),
          sep="\n")
    print("experiments:")
    for name in experiments.names():
        print(f"  {name}: {results.stale(name) or 'measured with the code as it is'}")


def _there(folder: Path) -> None:
    """Before the work is done, not after it."""
    if not folder.is_dir():
        raise ValueError(f"--out: there is no folder {folder}")


def _load(options: Namespace) -> tuple[nn.Module, recipes.Recipe]:
    """A shipped model must follow today's recipe; one from a folder, the recipe it came with."""
    if options.weights is None:
        return zoo.load(options.name), recipes.find(options.name)
    recipe = zoo.trained_recipe(options.name, options.weights)
    return zoo.load(options.name, options.weights, recipe), recipe


def _scatter(samples: Tensor):
    """Points in the plane."""
    from diffusionbook.plots.points import scatter
    from diffusionbook.plots.style import WIDTH, canvas

    figure, (axes,) = canvas(height=WIDTH)
    scatter(axes, samples, "learned", extent=1.1 * float(samples.abs().quantile(0.999)))
    return figure


def _measures(metrics: dict) -> str:
    return ", ".join(f"{k} {v['mean']:.4f}" + (f" ± {v['std']:.4f}" if v["seeds"] > 1 else "")
                     for k, v in metrics.items())
