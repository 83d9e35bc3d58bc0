"""What the commands of ``python -m diffusionbook`` do, one function each."""

import json
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from diffusionbook import experiment as experiments
from diffusionbook import grids, recipes, results, runs, zoo
from diffusionbook.denoise import NetDenoiser
from diffusionbook.environment import pick_device
from diffusionbook.files import write_json
from diffusionbook.samplers import DDIM, DPMpp2M, Euler, Heun, Stepper
from diffusionbook.samplers import sample as draw
from diffusionbook.shapes import randn, seeded

SAMPLERS: dict[str, Stepper] = {
    "ddpm": DDIM(eta=1.0),
    "ddim": DDIM(eta=0.0),
    "euler": Euler(),
    "heun": Heun(),
    "dpmpp": DPMpp2M(),
}


def train(options: Namespace) -> None:
    """Train a recipe, with another number of steps or another seed if these are given."""
    recipe = recipes.find(options.name)
    changes = {"steps": options.steps, "seed": options.seed}
    recipe = replace(recipe, **{k: v for k, v in changes.items() if v is not None})
    device = pick_device(options.device)
    weights = runs.train_recipe(recipe, options.out, device, options.data_root)
    if weights is not None:
        receipt = zoo.receipt(recipe.name, options.out)
        print(f"{weights}: {recipe.steps} steps in {receipt['seconds']} s; "
              + _measures(receipt["metrics"]))


def sample(options: Namespace) -> None:
    """Draw samples of a model in the plane; write numbers or a picture."""
    kinds = (".npy", ".png")
    if options.out.suffix not in kinds:
        raise ValueError(f"--out must end in {' or '.join(kinds)}; it is {options.out}")
    if options.sampler not in SAMPLERS:
        raise ValueError(f"--sampler must be {', '.join(SAMPLERS)}; it is {options.sampler!r}")
    device, (model, recipe) = pick_device(options.device), _load(options)
    shape = (options.n, *recipe.example()[0].shape[1:])
    stepper, generator = SAMPLERS[options.sampler], seeded(options.seed)
    grid = _grid(stepper, model, options.steps)
    noise = randn(shape, generator, torch.float32)
    with torch.no_grad():
        samples = draw(stepper, model.to(device), noise.to(device), grid,
                       generator=seeded(options.seed + 1, device)).cpu()
    if options.out.suffix == ".npy":
        with options.out.open("wb") as file:
            np.save(file, samples.numpy())
    else:
        _picture(samples, options.out)
    print(f"{options.out}: {options.n} samples, {options.sampler}, {len(grid) - 1} steps")


def evaluate(options: Namespace) -> None:
    """Measure a model anew, as its recipe says."""
    device, (model, recipe) = pick_device(options.device), _load(options)
    measured = runs.evaluate(recipe, model.to(device))
    if options.out:
        write_json(options.out, measured)
    else:
        print(json.dumps(measured, indent=1))


def experiment(options: Namespace) -> None:
    """Run an experiment and write its result."""
    folder = options.out or results.RESULTS
    folder.mkdir(parents=True, exist_ok=True)
    device = pick_device(options.device)
    print(experiments.run(options.name, folder, device, options.data_root))


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
        print(f"  {name}: {results.stale(name) or 'measured'}")


def _load(options: Namespace) -> tuple[NetDenoiser, recipes.Recipe]:
    """A shipped model must follow today's recipe; one from a folder, the recipe it came with."""
    if options.weights is None:
        return zoo.load(options.name), recipes.find(options.name)
    recipe = zoo.trained_recipe(options.name, options.weights)
    return zoo.load(options.name, options.weights, recipe), recipe


def _grid(stepper: Stepper, model: NetDenoiser, steps: int) -> Tensor:
    """Equal steps of log-SNR for the multistep method, which is built on it; else of time."""
    if isinstance(stepper, DPMpp2M):
        return grids.uniform_log_snr(steps, model.path)
    return grids.uniform(steps)


def _picture(samples: Tensor, path: Path) -> None:
    """A scatter plot of points in the plane."""
    if samples.ndim != 2 or samples.shape[1] != 2:
        raise ValueError(f"--out must be a .npy file: samples of shape {tuple(samples.shape[1:])} "
                         f"are not points in the plane")
    from diffusionbook.plots.points import scatter
    from diffusionbook.plots.style import WIDTH, canvas

    figure, (axes,) = canvas(height=WIDTH)
    scatter(axes, samples, "learned", extent=1.1 * float(samples.abs().quantile(0.999)))
    figure.savefig(path, dpi=150)


def _measures(metrics: dict) -> str:
    return ", ".join(f"{k} {v['mean']:.4f} ± {v['std']:.4f}" for k, v in metrics.items())
