"""Receipts: what is recorded of each trained model, readable without PyTorch.

A model is two files. ``spiral-mlp.safetensors`` holds its weights; ``spiral-mlp.json`` is the
receipt: the recipe, the SHA-256 of weights and data, how long training took and where, its loss
curve, and measured quality.
"""

from difflib import get_close_matches
from pathlib import Path

from diffusionbook.catalogue import names_in
from diffusionbook.whole_files import DamagedFile, read_json

WEIGHTS = Path(__file__).parent / "weights"


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
        have = names(folder)
        near = " or ".join(get_close_matches(name, have, cutoff=0.3) or have)
        trained = f"python -m diffusionbook train {name}" if name in names_in("recipes") else ""
        hint = f"did you mean {near}?" if near else "it holds none"
        hint = f"it can be trained with: {trained}" if trained else hint
        raise ValueError(f"name {name!r} is not a model in {folder}; {hint}")
    path = folder / f"{name}.json"
    if not path.exists():
        raise DamagedFile(f"{name} has no receipt: {path} is missing; {cure(name, folder)}")
    found = read_json(path)
    if not isinstance(found.get("recipe"), dict) or not isinstance(found.get("sha256"), str):
        raise DamagedFile(f"{path} lacks recipe or sha256; {cure(name, folder)}")
    return found


def cure(name: str, folder: Path) -> str:
    """What to do about a model that cannot be used."""
    if folder == WEIGHTS:
        return "reinstall the package, or train the model anew: " \
               f"python -m diffusionbook train {name} --out {folder}"
    return f"train the model anew: python -m diffusionbook train {name} --out {folder}"
