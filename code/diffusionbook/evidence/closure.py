"""What a measurement can reach: the closure of definitions by name, across modules.

From its roots (for an experiment ``SEEDS``, ``RECIPES`` and ``measure``) names and attributes are
followed through imports and faces. A class that is reached brings those of its methods whose names
are mentioned anywhere in what is reached, since no other can be called; those that Python calls by
itself, ``__call__`` and the like; and all of them if a base is not of the package, since who knows
what calls a ``forward``. A string that names a recipe, weights or a result is a mention of
it, so ``zoo.load("mnist-unet")`` reaches that recipe and those weights. (A result is reached only
where something loads results; models and results may be namesakes.)

Two closures are equal if their units are, and every name in them stands for the same unit; where
the units lie does not matter. A moved module, an added function or a comment change nothing.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from diffusionbook.evidence.leaves import hashed, leaf
from diffusionbook.evidence.sources import EXTERNAL, Node, Package
from diffusionbook.evidence.units import EFFECTS, Unit

SHIPPED = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")  # names of recipes, models and results
BESIDE = re.compile(r"[\w-]+\.[\w.]+")  # a file beside a module, such as a style sheet
INERT = {"abc:ABC", "typing:Protocol", "typing:Generic"}  # bases that call no method by its name
BY_STRING = {"getattr", "hasattr", "attrgetter", "methodcaller"}  # ask for what a string names
UNREADABLE = {("globals",), ("eval",), ("exec",), ("__import__",), ("setattr",),
              ("importlib", "import_module"), ("sys", "modules")}


@dataclass(frozen=True)
class Closure:
    """Everything that some roots reach.

    Attributes:
        own: for each unit or leaf, the hash of what it is itself.
        edges: for each, what its names stand for.
        came: for each but the roots, through which other one it was found first.
        roots: where it starts.
    """

    own: dict[Node, str]
    edges: dict[Node, dict[str, Node]]
    came: dict[Node, Node]
    roots: tuple[Node, ...]

    @cached_property
    def reaches(self) -> dict[str, str]:
        """Qualified name, without the module, to hash; of namesakes all hashes."""
        found: dict[str, list[str]] = {}
        for (_, name), value in self.own.items():
            found.setdefault(name, []).append(value)
        return {name: " ".join(sorted(values)) for name, values in sorted(found.items())}

    @cached_property
    def digest(self) -> str:
        """One hash of all units and of what their names stand for.

        Each unit's hash takes in those of the units it names, again and again until that tells no
        more units apart: then two closures with equal sets of hashes are the same graph.
        """
        colours, rounds = self.own, 0
        while True:
            finer = {node: hashed(colours[node], *(f"{k} {colours[v]}"
                                                  for k, v in sorted(self.edges[node].items())))
                     for node in colours}
            rounds += 1
            if len(set(finer.values())) == len(set(colours.values())):
                roots = sorted(finer[root] for root in self.roots)
                return hashed(str(rounds), *roots, *sorted(set(finer.values())), size=64)
            colours = finer

    def way_to(self, name: str) -> list[str]:
        """Names from a root to the first unit that is called ``name``."""
        node = next((n for n in self.own if n[1] == name), None)
        way = []
        while node is not None:
            way.append(node[1])
            node = self.came.get(node)
        return way[::-1]


def reach(package: Package, *roots: Node, of: str = "") -> Closure:
    """What some units reach, themselves included.

    Args:
        package: where they are.
        roots: (dotted module, name) each.
        of: the result whose closure this is; its own name is no mention of it.

    Raises:
        ValueError: a name of the package that stands for nothing.
    """
    begun = tuple(node for module, name in roots for node in package.named(module, (name,)))
    own, edges, came = {}, {}, {}
    todo, imported, members = list(begun), set(), _Members()
    while todo:
        node = todo.pop()
        if node in own:
            continue
        own[node], edges[node] = _look(package, node, of)
        found = [(node, after) for after in edges[node].values()]
        for module in package.imports(node[0], imported):
            effects = package.module(module).effects
            found += [(node, (module, f"{EFFECTS} {k}")) for k in range(len(effects))]
        if node[0]:
            unit = package.unit(node)
            for owner, name in members.reached(node, unit, _calls_back(package, node[0], unit)):
                after = (owner[0], f"{owner[1]}.{name}")
                edges[owner][f".{name}"] = after
                found.append((owner, after))
        for before, after in found:
            if after not in own and after not in begun:
                came.setdefault(after, before)
            todo.append(after)
    if not any(module.endswith(".results") for module, _ in own):
        unread = {node for node in own if node[1].startswith("results/")}
        own = {node: value for node, value in own.items() if node not in unread}
        edges = {node: {k: to for k, to in edges[node].items() if to in own} for node in own}
    return Closure(own, edges, came, begun)


def unreadable(package: Package, closure: Closure) -> list[str]:
    """Access that reading cannot follow, as ``module:unit uses this``: a module by a computed
    name, or an attribute of a module that is set from outside."""
    found = set()
    for module, name in closure.own:
        if not module:
            continue
        unit = package.unit((module, name))
        known = {**package.module(module).imports, **unit.imports}
        found |= {(module, name, chain) for chain in unit.uses & UNREADABLE}
        found |= {(module, name, chain) for chain in unit.writes
                  if _is_ours(package, known.get(chain[0], ""))}
    return sorted(f"{module}:{name} uses {'.'.join(chain)}" for module, name, chain in found)


def size(package: Package, closure: Closure) -> int:
    """How many lines of text can move the numbers."""
    return sum(package.unit(node).text.count("\n") + 1 for node in closure.own if node[0])


def _look(package: Package, node: Node, of: str) -> tuple[str, dict[str, Node]]:
    if not node[0]:
        return leaf(package.root / node[1]), {}
    unit, edges, outside = package.unit(node), {}, set()
    for chain in sorted(unit.uses):
        for number, (module, name) in enumerate(package.named(node[0], chain, unit)):
            if module == EXTERNAL:
                outside.add(f"{chain[0]} = {name}")
            elif (module, name) != node:
                edges[f"{'.'.join(chain)} {number}"] = (module, name)
    for text in sorted(unit.strings):
        for number, held in enumerate(_mentioned(package, text, node[0], of)):
            edges[f"{text!r} {number}"] = held
    stands = [f"{chain} {name}" for chain, (module, name) in sorted(edges.items()) if module]
    return hashed(node[1], unit.text, *sorted(outside), *stands), edges


def _mentioned(package: Package, text: str, module: str, of: str) -> list[Node]:
    """What a string names: a recipe, weights, a result, or a file beside the module."""
    if BESIDE.fullmatch(text) and not text.endswith(".py"):
        beside = (package.path(module).parent / text).relative_to(package.root).as_posix()
        return [("", beside)] if beside in package.files else []
    if not SHIPPED.fullmatch(text):
        return []
    recipe, found = f"{package.name}.recipes.{text.replace('-', '_')}", []
    if recipe == module:
        return []  # a recipe that says its own name
    if package.path(recipe) is not None:
        found += package.named(recipe, ("RECIPE",))
    leaves = [f"weights/{text}.safetensors"]
    leaves += [f"results/{text}.json"] if text != of else []
    return found + [("", held) for held in leaves if held in package.files]


def _calls_back(package: Package, module: str, unit: Unit) -> bool:
    """Whether a base from elsewhere may call a class's methods, such as ``nn.Module``."""
    for chain in unit.bases:
        found = package.named(module, chain, unit)
        if any(name not in INERT if place == EXTERNAL else
               _calls_back(package, place, package.unit((place, name))) for place, name in found):
            return True
        if not found:  # Python's own, such as an exception
            return True
    return False


def _is_ours(package: Package, target: str) -> bool:
    """Whether an imported name is a module of the package."""
    dotted = target.replace(":", ".")
    return dotted.split(".")[0] == package.name and package.is_module(dotted)


class _Members:
    """Methods of the classes that are reached, which wait until something mentions their names."""

    def __init__(self) -> None:
        self._mentioned: set[str] = set()
        self._waiting: dict[str, list[Node]] = {}

    def reached(self, node: Node, unit: Unit, called_back: bool) -> list[tuple[Node, str]]:
        """The (class, method) that can be called now that this unit is reached, too."""
        found = []
        by_string = any(chain[-1] in BY_STRING for chain in unit.uses)
        names = unit.attributes | (unit.strings if by_string else set())
        for name in sorted(names - self._mentioned):
            self._mentioned.add(name)
            found += [(owner, name) for owner in self._waiting.pop(name, ())]
        for name in unit.members:
            if called_back or name.startswith("__") or name in self._mentioned:
                found.append((node, name))
            else:
                self._waiting.setdefault(name, []).append(node)
        return found
