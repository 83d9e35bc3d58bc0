"""Can a command be done as it is asked for? Answered before the work, and without PyTorch.

One function for each command. What it cannot know (whether a device is there, whether weights fit
their network) the command finds out itself, also before its work.
"""

import importlib.util
import os
from argparse import Namespace
from pathlib import Path

from diffusionbook.cli.kinds import kind_of
from diffusionbook.evidence.catalogue import PACKAGE, SAMPLERS, check_name, names_in, outline
from diffusionbook.evidence.receipts import WEIGHTS, home, names, receipt
from diffusionbook.files.whole import sha256
from diffusionbook.files.writable import check_file, check_folder
from diffusionbook.machine.devices import check_device

EXPORTED = {"digit": ["mnist-unet-quick"], "explorer": ["explorer", "explorer-reflow"]}


def train(options: Namespace) -> None:
    """A known recipe, a place for its files, and nothing finished there that would be lost."""
    name, folder = options.name, options.out
    check_name(name, names_in("recipes"), "a recipe")
    files = [f"{name}.{kind}" for kind in ("safetensors", "json", "checkpoint")]
    check_folder("--out", folder, files)
    _check_device(options.device)
    _check_data_root(options.data_root)
    if "autoencoder" in (says := outline(name)):  # it is trained on latents of a shipped one
        receipt(says["autoencoder"])
    done = None if options.again or (folder / files[-1]).exists() else finished(name, folder)
    if done:
        raise ValueError(f"{folder / files[0]} is there: {done}; --again trains it once more and "
                         "replaces it, and --out names another folder")


def finished(name: str, folder: Path) -> str | None:
    """What a folder holds of a recipe, in words, if that is a whole trained model."""
    try:
        facts = receipt(name, folder)
        if sha256(folder / f"{name}.safetensors") != facts["sha256"]:
            return None
    except (ValueError, OSError):
        return None
    recipe = facts["recipe"]
    return f"trained for {facts.get('steps', '?')} steps with seed {recipe.get('seed', '?')}"


def sample(options: Namespace) -> None:
    """A model that draws samples, of a kind to which what is asked for applies."""
    _check_model(options)
    says = outline(options.name) if options.name in names_in("recipes") else {}
    if says and "sampler" not in says:
        able = [name for name in names(options.weights or WEIGHTS)
                if name in names_in("recipes") and "sampler" in outline(name)]
        raise ValueError(f"name {options.name!r} draws no samples: it is {says.get('title')}"
                         + (f"; {', '.join(able)} do" if able else ""))
    for option in ("label", "guidance", "interval"):
        if getattr(options, option) is not None and says and "guidance" not in says:
            raise ValueError(f"--{option} is given, but {options.name} was trained without labels")
    kind = kind_of(says)
    if kind.labels and options.label is not None and options.label >= kind.labels:
        raise ValueError(f"--label must be 0 … {kind.labels - 1}, or -1 for none, since "
                         f"{options.name} draws {kind.name}; it is {options.label}")
    if options.sampler not in (None, *SAMPLERS):
        raise ValueError(f"--sampler must be {', '.join(SAMPLERS)}; it is {options.sampler!r}")
    if options.interval:
        low, high = options.interval
        if not 0 <= low < high <= 1:
            raise ValueError("--interval must be two times, 0 <= LOW < HIGH <= 1; it is "
                             f"{low:g} {high:g}")
    if options.out.suffix == ".png" and 0 < kind.sheet < (options.n or 0):
        raise ValueError(f"--n: a picture holds at most {kind.sheet:,} {kind.name}; write more to "
                         "a .npy")
    check_file("--out", options.out, (".npy", ".png"))
    _check_device(options.device)


def evaluate(options: Namespace) -> None:
    """A model, and a place for the numbers."""
    _check_model(options)
    if options.out is not None:
        check_file("--out", options.out, (".json",))
    if options.record or options.reseal:
        check_folder("--weights", options.weights or WEIGHTS, [f"{options.name}.json"])
    _check_device(options.device)
    _check_data_root(options.data_root)


def experiment(options: Namespace) -> None:
    """A known experiment, and a place for its result."""
    check_name(options.name, names_in("experiments"), "an experiment")
    check_folder("--out", options.out or PACKAGE / "results", [f"{options.name}.json"])
    _check_device(options.device)
    _check_data_root(options.data_root)


def export(options: Namespace) -> None:
    """The models that are written, and a folder for them."""
    if options.out is None and not Path("book/static", options.name).is_dir():
        raise ValueError(f"there is no folder book/static/{options.name} here: run it in the "
                         "book's repository, or name a folder with --out")
    folder = options.out or Path("book/static", options.name)
    check_folder("--out", folder, [], made=False)
    for name in EXPORTED[options.name]:
        _check_model(Namespace(name=name, weights=options.weights))
    if options.name == "digit" and importlib.util.find_spec("onnx") is None:
        raise ValueError("onnx is missing: pip install 'diffusionbook[onnx]'")


def info(options: Namespace) -> None:
    """A folder of models."""
    _check_weights(options.weights)


def _check_weights(folder: Path | None) -> None:
    if folder is not None and not folder.is_dir():
        raise ValueError(f"--weights: {folder} is a file; it should be a folder"
                         if folder.exists() else f"--weights: there is no folder {folder}")


def _check_model(options: Namespace) -> None:
    """The model has a receipt; and so has the autoencoder that makes images of its samples."""
    _check_weights(options.weights)
    folder = options.weights or WEIGHTS
    autoencoder = receipt(options.name, folder)["recipe"].get("autoencoder")
    if isinstance(autoencoder, str):
        receipt(autoencoder, home(autoencoder, folder))


def _check_device(name: str | None) -> None:
    if name is not None:
        check_device(name, "--device")


def _check_data_root(folder: Path | None) -> None:
    if folder is not None and not (folder.is_dir() and os.access(folder, os.R_OK)):
        check_folder("--data-root", folder, [])
