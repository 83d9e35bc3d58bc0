"""Receipts: what is recorded of each trained model, readable without PyTorch.

A model is two files. ``spiral-mlp.safetensors`` holds its weights; ``spiral-mlp.json`` is the
receipt: the recipe, the SHA-256 of weights and data, how long training took and where, its loss
curve, and measured quality, with a record of the definitions that the quality depends on.
"""

import hashlib
import json
from pathlib import Path

from diffusionbook.evidence import record
from diffusionbook.evidence.catalogue import names_in, no_such
from diffusionbook.evidence.sources import Package
from diffusionbook.files.whole import DamagedFile, read_json

WEIGHTS = Path(__file__).parents[1] / "weights"
FIELDS = {"title": str, "sha256": str, "bytes": int, "parameters": int, "recipe": dict,
          "answer": list}  # fmt: skip
KINDS = {str: "text", int: "a whole number", dict: "an object", list: "a list"}


def names(folder: Path | str = WEIGHTS) -> list[str]:
    """The names of the models in a folder, sorted."""
    return sorted(path.stem for path in Path(folder).glob("*.safetensors"))


def receipt(name: str, folder: Path | str = WEIGHTS) -> dict:
    """How the model was made, as recorded when it was.

    Raises:
        ValueError: there is no such model; the message has the nearest names.
        DamagedFile: the receipt is missing or not readable.
    """
    folder = Path(folder)
    if name not in names(folder):
        raise ValueError(_unknown(name, folder))
    path = folder / f"{name}.json"
    if not path.exists():
        raise DamagedFile(f"{name} has no receipt: {path} is missing; {cure(name, folder)}")
    found = read_json(path)
    for key, kind in FIELDS.items():
        if type(found.get(key)) is not kind:
            raise DamagedFile(f"{path} is damaged: its {key} should be {KINDS[kind]}; "
                              f"{cure(name, folder)}")
    if not _measured(found.get("metrics", {})):
        raise DamagedFile(f"{path} is damaged: its metrics should be a mean, a std and a number of "
                          f"seeds each; {cure(name, folder)}")
    return found


def home(name: str, folder: Path | str) -> Path:
    """Where a model is that belongs to one in ``folder``: there, if one of its two files is, else
    among those shipped."""
    files = (Path(folder) / f"{name}.{kind}" for kind in ("safetensors", "json"))
    return Path(folder) if any(path.exists() for path in files) else WEIGHTS


def _unknown(name: str, folder: Path) -> str:
    if name in names_in("recipes"):
        return (f"name {name!r} is not a model in {folder}; it can be trained with: "
                f"python -m diffusionbook train {name} --out {folder}")
    return no_such(name, names(folder), f"a model in {folder}")


def _measured(metrics: object) -> bool:
    return isinstance(metrics, dict) and all(
        isinstance(value, dict)
        and all(type(value.get(key)) in (int, float) for key in ("mean", "std", "seeds"))
        for value in metrics.values()
    )


def floor_of(name: str, metrics: dict) -> float | None:
    """The predicted floor of a Fréchet distance, of samples or of real images, if it is known."""
    found = metrics.get(f"{name.removesuffix('_real')}_floor")
    return None if found is None else found["mean"]


def cure(name: str, folder: Path) -> str:
    """What to do about a model that cannot be used."""
    if folder == WEIGHTS:
        return "reinstall the package, or train the model anew: " \
               f"python -m diffusionbook train {name} --again --out {folder}"
    return f"train the model anew: python -m diffusionbook train {name} --again --out {folder}"


def seal(held: dict) -> str:
    """SHA-256 of everything in a receipt but its evidence."""
    rest = {key: value for key, value in held.items() if key != "evidence"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def sealed(held: dict) -> dict:
    """The receipt with its seal, which makes an edit by hand show."""
    return {**held, "evidence": {**held["evidence"], "seal": seal(held)}}


def stale(name: str, folder: Path | str = WEIGHTS, package: Package | None = None) -> str | None:
    """Why the metrics in a receipt cannot be believed, in one sentence; None if they can.

    Args:
        name: of the model.
        folder: where its receipt is.
        package: today's code; default: this package, read anew.
    """
    folder = Path(folder)
    cure = f"run: python -m diffusionbook evaluate {name} --record"
    cure += "" if folder == WEIGHTS else f" --weights {folder}"
    try:
        held = json.loads((folder / f"{name}.json").read_bytes())
        evidence = held["metrics"] and held.get("evidence")
        intact = not isinstance(evidence, dict) or evidence.get("seal") == seal(held)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return f"the receipt of {name!r} is missing or damaged; {cure}"
    if not intact:
        return f"the receipt of {name!r} was edited after its metrics were measured; {cure}"
    reason = record.doubt(evidence, lambda: record.evaluation(name, package or Package()))
    return f"the receipt of {name!r} is stale: {reason}; {cure}" if reason else None
