"""What there is, by name, without PyTorch: recipes, experiments, samplers.

Names are those of the files that hold the things. What a recipe says about itself is read off its
source, never by running it, so a command can refuse what makes no sense before anything is
imported.
"""

import ast
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
NAME = PACKAGE.name
RECIPES = f"{NAME}.recipes"
SAMPLERS = ("ddpm", "ddim", "euler", "heun", "dpmpp2m")  # the keys of samplers.SAMPLERS


def names_in(room: str) -> list[str]:
    """The names of everything in ``recipes`` or ``experiments``, sorted."""
    found = (PACKAGE / room).glob("[a-z]*.py")
    return sorted(path.stem.replace("_", "-") for path in found)


def check_name(name: str, names: Collection[str], what: str) -> None:
    """Raise ValueError, with the nearest names, if ``name`` is none of ``names``."""
    if name not in names:
        raise ValueError(no_such(name, names, what))


def no_such(name: str, names: Collection[str], what: str) -> str:
    """That a name is none of these, and which ones are near."""
    near = [one for one in names if name and one.startswith(name)] or (
        get_close_matches(name, names, cutoff=0.5))
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(names)}"
    return f"name {name!r} is not {what}; {hint if names else 'there is none'}"


def outline(name: str) -> dict[str, object]:
    """The fields of a recipe that its source gives as plain values, its class's among them.

    A recipe with a ``sampler`` draws samples; one with a ``guidance``, samples with labels.
    """
    return _held(f"recipes.{name.replace('-', '_')}").get("RECIPE", {})


def _held(module: str) -> dict[str, dict[str, object]]:
    """The plain values of each class and each recipe that a module holds or imports."""
    held = {}
    path = PACKAGE.joinpath(*module.split(".")).with_suffix(".py")
    body = ast.parse(path.read_text("utf-8")).body
    bases_of_all = {ast.unparse(base) for node in body if isinstance(node, ast.ClassDef)
                    for base in node.bases}
    for node in body:
        match node:
            case ast.ImportFrom(module=str(other), names=imported) if other == RECIPES:
                for alias in imported:
                    inside = _held(f"recipes.{alias.name}")
                    held |= {f"{alias.asname or alias.name}.{k}": v for k, v in inside.items()}
            case ast.ImportFrom(module=str(other), names=imported) if other.startswith(
                f"{RECIPES}."
            ) or (other.startswith(f"{NAME}.") and bases_of_all & {a.name for a in imported}):
                inside = _held(other.removeprefix(f"{NAME}."))
                held |= {alias.asname or alias.name: inside.get(alias.name, {})
                         for alias in imported}  # fmt: skip
            case ast.ClassDef(name=name, bases=bases, body=body):
                held[name] = {}
                for base in bases:
                    held[name] |= held.get(ast.unparse(base), {})
                _read(held[name], ((line.target.id, line.value) for line in body
                                   if isinstance(line, ast.AnnAssign) and line.value))
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call):
                of = call.args[0] if ast.unparse(call.func) == "replace" else call.func
                held[name] = dict(held.get(ast.unparse(of), {}))
                _read(held[name], ((k.arg, k.value) for k in call.keywords))
    return held


def _read(values: dict[str, object], assigned) -> None:
    """Add what is written as a constant; what is computed is not known here."""
    for name, value in assigned:
        values.pop(name, None)
        try:
            values[name] = ast.literal_eval(value)
        except ValueError:
            continue
