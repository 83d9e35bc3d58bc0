"""Receipts: what is recorded of each trained model, readable without PyTorch.

A model is two files. ``spiral-mlp.safetensors`` holds its weights; ``spiral-mlp.json`` is the
receipt: the recipe, the SHA-256 of weights and data, how long training took and where, its loss
curve, and measured quality.
"""

from pathlib import Path

from diffusionbook.catalogue import check_name, names_in
from diffusionbook.whole_files import DamagedFile, read_json

WEIGHTS = Path(__file__).parent / "weights"
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
        if name in names_in("recipes"):
            raise ValueError(f"name {name!r} is not a model in {folder}; it can be trained with: "
                             f"python -m diffusionbook train {name}")
        check_name(name, names(folder), f"a model in {folder}")
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


def _measured(metrics: object) -> bool:
    return isinstance(metrics, dict) and all(
        isinstance(value, dict)
        and all(type(value.get(key)) in (int, float) for key in ("mean", "std", "seeds"))
        for value in metrics.values()
    )


def cure(name: str, folder: Path) -> str:
    """What to do about a model that cannot be used."""
    if folder == WEIGHTS:
        return "reinstall the package, or train the model anew: " \
               f"python -m diffusionbook train {name} --again --out {folder}"
    return f"train the model anew: python -m diffusionbook train {name} --again --out {folder}"
