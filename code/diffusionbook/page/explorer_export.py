"""Trained networks as JavaScript: ``python -m diffusionbook export explorer``.

One file for each data set, a classic script that a page opened as a file may load, too. It adds an
entry to ``DiffusionExplorer.data``: sizes and waves of the networks, their weights in half
precision, the mixture that is the exact law, and some points of the data.
"""

import base64
import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from diffusionbook import zoo
from diffusionbook.data.toy import SETS, toy
from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.files.whole import write_atomic
from diffusionbook.nets.bundle import METHODS
from diffusionbook.nets.mlp import MLP
from diffusionbook.paths.gaussian import VP, GaussianPath, Linear
from diffusionbook.randomness import seeded

POINTS = 400  # of the data, drawn as the goal


def models(folder: Path = zoo.WEIGHTS) -> dict[tuple[str, str], NetDenoiser]:
    """Every trained model of the explorer by (data set, method).

    Args:
        folder: where they are. Those shipped must follow today's recipes; others, the recipes that
            they came with.

    Raises:
        ValueError: a model is not in ``folder``, or was trained by another recipe.
        DamagedFile: a file is altered or missing.
    """
    found = {}
    for name in ("explorer", "explorer-reflow"):
        recipe = None if folder == zoo.WEIGHTS else zoo.trained_recipe(name, folder)
        bundle = zoo.load(name, folder, recipe)
        found |= {pair: bundle[pair] for pair in bundle}
    return found


def write(folder: Path, weights: Path = zoo.WEIGHTS) -> list[Path]:
    """Write ``NAME.js`` for each data set into an existing folder; the paths written.

    Args:
        folder: where they go.
        weights: where the trained models are.
    """
    trained, written = models(weights), []
    for name in SETS:
        path = folder / f"{name}.js"
        nets = {method: trained[name, method] for method in METHODS}
        write_atomic(path, script(name, nets).encode())
        written.append(path)
    return written


def script(name: str, nets: dict[str, NetDenoiser]) -> str:
    """The file of one data set.

    Args:
        name: of the data set.
        nets: its trained model for each method; all of one shape.

    Raises:
        ValueError: a weight does not fit half precision, or the networks differ in shape.
    """
    law = toy(name)
    shapes = {method: _sizes(model.net) for method, model in nets.items()}
    if len(set(map(tuple, shapes.values()))) != 1:
        raise ValueError(f"nets must have the same layers; those of {name} have {shapes}")
    net = next(iter(nets.values())).net
    entry = {
        "sizes": _sizes(net),
        "point": net.point.frequencies.double().tolist(),
        "time": net.time.frequencies.double().tolist(),
        "methods": {
            method: {
                "path": _path(model.path),
                "row": model.param,
                "weights": _base64(_halves(f"{name}, {method}", model.net).numpy(), "<f2"),
            }
            for method, model in nets.items()
        },
        "mixture": law.mixture and _base64(_table(law.mixture).numpy(), "<f8"),
        "points": _base64(law.draw(POINTS, seeded(1)).numpy(), "<f2"),
    }
    text = json.dumps(entry, separators=(",", ":"))
    head = f"/* Networks for {name}, written by `python -m diffusionbook export explorer`. */"
    return f"{head}\nDiffusionExplorer.data.{name} = {text};\n"


def _linear(net: MLP) -> list[nn.Linear]:
    return [layer for layer in net.layers if isinstance(layer, nn.Linear)]


def _sizes(net: MLP) -> list[int]:
    layers = _linear(net)
    return [layers[0].in_features, *(layer.out_features for layer in layers)]


def _halves(what: str, net: MLP) -> Tensor:
    """All weights and biases, layer by layer, as half-precision numbers that lose nothing."""
    numbers = torch.cat([x.detach().flatten() for layer in _linear(net)
                         for x in (layer.weight, layer.bias)])  # fmt: skip
    halves = numbers.to(torch.float16)
    if not torch.equal(halves.float(), numbers):
        raise ValueError(
            f"weights must be half-precision numbers, as the recipe's precision float16 leaves "
            f"them; those of {what} are not"
        )
    return halves


def _table(mixture: GaussianMixture) -> Tensor:
    """(k, 6) float64: weight, mean x, y, and covariance xx, xy, yy of each component."""
    covs = mixture.covs.reshape(-1, 4)[:, [0, 1, 3]]
    return torch.cat([mixture.weights[:, None], mixture.means, covs], 1)


def _path(path: GaussianPath) -> list[str | float]:
    match path:
        case Linear():
            return ["linear"]
        case VP(beta_min=low, beta_max=high):
            return ["vp", low, high]
    raise ValueError(f"path must be Linear or VP, which the page's scripts know; it is {path}")


def _base64(numbers: np.ndarray, kind: str) -> str:
    return base64.b64encode(np.ascontiguousarray(numbers, dtype=kind).tobytes()).decode()
