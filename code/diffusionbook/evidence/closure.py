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

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from diffusionbook.evidence.units import EFFECTS, Chain, Module, Unit, read

PACKAGE = Path(__file__).resolve().parent.parent
SHIPPED = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")  # names of recipes, models and results
BESIDE = re.compile(r"[\w-]+\.[\w.]+")  # a file beside a module, such as a style sheet
INERT = {"abc:ABC", "typing:Protocol", "typing:Generic"}  # bases that call no method by its name
BUILT_IN = {"__file__", "__name__", "__doc__", "__package__", "__path__", "__spec__"}
UNREADABLE = {("globals",), ("eval",), ("exec",), ("__import__",), ("setattr",),
              ("importlib", "import_module"), ("sys", "modules")}

Node = tuple[str, str]  # (dotted module, unit), or ("", leaf)


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
            finer = {node: _hash(colours[node], *(f"{k} {colours[v]}"
                                                  for k, v in sorted(self.edges[node].items())))
                     for node in colours}
            rounds += 1
            if len(set(finer.values())) == len(set(colours.values())):
                roots = sorted(finer[root] for root in self.roots)
                return _hash(str(rounds), *roots, *sorted(set(finer.values())), size=64)
            colours = finer

    def way_to(self, name: str) -> list[str]:
        """Names from a root to the first unit that is called ``name``."""
        node = next((n for n in self.own if n[1] == name), None)
        way = []
        while node is not None:
            way.append(node[1])
            node = self.came.get(node)
        return way[::-1]


class Package:
    """The sources of a package, read when they are asked for.

    Args:
        root: its folder; the folder's name is the package's.
    """

    def __init__(self, root: Path = PACKAGE) -> None:
        self.root, self.name = Path(root).resolve(), Path(root).resolve().name
        self._modules: dict[str, Module | None] = {}
        self._files = {path.relative_to(self.root).as_posix() for path in self.root.rglob("*.*")
                       if path.suffix != ".pyc"}

    def path(self, dotted: str) -> Path | None:
        """The file of a module of the package, None if there is no such module."""
        base = "/".join(dotted.split(".")[1:])
        found = f"{base}/__init__.py".lstrip("/"), f"{base}.py"
        return next((self.root / path for path in found if path in self._files), None)

    def module(self, dotted: str) -> Module | None:
        """A module's units; of a folder without ``__init__.py``, none."""
        if dotted not in self._modules:
            path = self.path(dotted)
            text = None if path is None else path.read_text("utf-8")
            inside = dotted if path and path.name == "__init__.py" else dotted.rpartition(".")[0]
            try:
                self._modules[dotted] = None if text is None else read(text, inside, self.name)
            except ValueError as error:
                raise ValueError(f"{path.name}, {error}") from None
        return self._modules[dotted]

    def closure(self, *roots: Node, of: str = "") -> Closure:
        """What these units reach, themselves included.

        Args:
            roots: (dotted module, name) each.
            of: the result whose closure this is; its own name is no mention of it.

        Raises:
            ValueError: a name of the package that stands for nothing.
        """
        begun = tuple(node for module, name in roots for node in self._named(module, (name,)))
        own, edges, came = {}, {}, {}
        todo, imported, members = list(begun), set(), _Members()
        while todo:
            node = todo.pop()
            if node in own:
                continue
            own[node], edges[node] = self._look(node, of)
            found = [(node, after) for after in edges[node].values()]
            for module in self._imports(node[0], imported):
                effects = self.module(module).effects
                found += [(node, (module, f"{EFFECTS} {k}")) for k in range(len(effects))]
            if node[0]:
                unit = self.unit(node)
                for owner, name in members.reached(node, unit, self._calls_back(node[0], unit)):
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

    def unit(self, node: Node) -> Unit:
        """The unit at a node of a closure."""
        module, name = self.module(node[0]), node[1]
        kind, _, number = name.partition(" ")
        if kind == EFFECTS and number:
            return module.effects[int(number)]
        owner, _, member = name.partition(".")
        return module.units[owner].members[member] if member else module.units[owner]

    def _calls_back(self, module: str, unit: Unit) -> bool:
        """Whether a base from elsewhere may call a class's methods, such as ``nn.Module``."""
        for chain in unit.bases:
            found = self._named(module, chain, unit)
            if any(name not in INERT if place == "external" else
                   self._calls_back(place, self.unit((place, name))) for place, name in found):
                return True
            if not found:  # Python's own, such as an exception
                return True
        return False

    def _look(self, node: Node, of: str) -> tuple[str, dict[str, Node]]:
        if not node[0]:
            return self._leaf(node[1]), {}
        unit, edges, outside = self.unit(node), {}, set()
        for chain in sorted(unit.uses):
            for number, (module, name) in enumerate(self._named(node[0], chain, unit)):
                if module == "external":
                    outside.add(f"{chain[0]} = {name}")
                elif (module, name) != node:
                    edges[f"{'.'.join(chain)} {number}"] = (module, name)
        for text in sorted(unit.strings):
            for number, leaf in enumerate(self._mentioned(text, node[0], of)):
                edges[f"{text!r} {number}"] = leaf
        stands = [f"{chain} {name}" for chain, (module, name) in sorted(edges.items()) if module]
        return _hash(node[1], unit.text, *sorted(outside), *stands), edges

    def _named(self, module: str, chain: Chain, unit: Unit | None = None) -> list[Node]:
        """What a chain of names stands for in a module; nothing for a name of Python's own."""
        held, (first, *rest) = self.module(module), chain
        if unit is not None and first in unit.imports:
            return self._target(unit.imports[first], rest)
        found = [(module, first)] if first in held.units else []
        if first in held.imports:
            found += self._target(held.imports[first], rest)
        if not found:
            for star in held.stars:
                if self._holds(star, first):
                    return self._named(star, chain)
        if not found and unit is None and first not in BUILT_IN:
            raise ValueError(f"there is no {first!r} in {module}")
        return found

    def _target(self, target: str, rest: list[str]) -> list[Node]:
        """What an imported name and its attributes stand for."""
        module, _, name = target.partition(":")
        if module.split(".")[0] != self.name:
            return [("external", target)]
        if name:
            if self._holds(module, name):
                return self._named(module, (name, *rest))
            module = f"{module}.{name}"
        while rest and not self._holds(module, rest[0]) and self._is_module(f"{module}.{rest[0]}"):
            module, rest = f"{module}.{rest[0]}", rest[1:]
        if not self._is_module(module):
            raise ValueError(f"there is no {module}")
        if rest and rest[0] not in BUILT_IN:
            return self._named(module, tuple(rest))
        held = self.module(module)  # the module itself is handed on: anything of it may be used
        return [(module, unit) for unit in held.units] if held else []

    def _holds(self, module: str, name: str) -> bool:
        held = self.module(module)
        return held is not None and (name in held.units or name in held.imports
                                     or any(self._holds(star, name) for star in held.stars))

    def _is_module(self, dotted: str) -> bool:
        return self.path(dotted) is not None or self.root.joinpath(*dotted.split(".")[1:]).is_dir()

    def _imports(self, module: str, seen: set[str]) -> list[str]:
        """The module and all that it imports, which run when it is imported; each only once."""
        todo, found = [module] if module and module not in seen else [], []
        while todo:
            module = todo.pop()
            if module in seen or module.split(".")[0] != self.name or not self._is_module(module):
                continue
            seen.add(module)
            held, above = self.module(module), module.rpartition(".")[0]
            todo += [above] if above else []
            if held is not None:
                found.append(module)
                for target in (*held.imports.values(), *held.stars):
                    base, _, name = target.partition(":")
                    todo += [base, f"{base}.{name}"] if name else [base]
        return found

    def _mentioned(self, text: str, module: str, of: str) -> list[Node]:
        """What a string names: a recipe, weights, a result, or a file beside the module."""
        if BESIDE.fullmatch(text) and not text.endswith(".py"):
            beside = (self.path(module).parent / text).relative_to(self.root).as_posix()
            return [("", beside)] if beside in self._files else []
        if not SHIPPED.fullmatch(text):
            return []
        recipe, found = f"{self.name}.recipes.{text.replace('-', '_')}", []
        if recipe == module:
            return []  # a recipe that says its own name
        if self.path(recipe) is not None:
            found += self._named(recipe, ("RECIPE",))
        leaves = [f"weights/{text}.safetensors"]
        leaves += [f"results/{text}.json"] if text != of else []
        return found + [("", leaf) for leaf in leaves if leaf in self._files]

    def _leaf(self, name: str) -> str:
        path = self.root / name
        if path.suffix == ".safetensors":
            receipt = path.with_suffix(".json")
            trained = _part(receipt, ("recipe", "answer")) if receipt.is_file() else ""
            return _hash(trained, _file(path))
        if path.parent.name == "results":
            return _hash(_part(path, ("seeds", "numbers")))
        return _hash(_file(path))

    def at(self, module: str, line: int) -> list[Node]:
        """The units whose text has this line: methods rather than their classes."""
        found = []
        for name, unit in self.module(module).units.items():
            if unit.lines[0] <= line <= unit.lines[1]:
                inner = [k for k, member in unit.members.items()
                         if member.lines[0] <= line <= member.lines[1]]
                found += [(module, f"{name}.{k}") for k in inner] or [(module, name)]
        return found

    def definitions(self) -> list[Node]:
        """All functions, classes and methods."""
        found = []
        for module in self.modules():
            for name, unit in self.module(module).units.items():
                if unit.runs or unit.is_class:
                    found += [(module, name), *((module, f"{name}.{k}") for k in unit.members)]
        return found

    def modules(self) -> list[str]:
        """The dotted names of all modules, sorted."""
        parts = (path.removesuffix(".py").removesuffix("__init__").strip("/").split("/")
                 for path in self._files if path.endswith(".py"))
        return sorted(".".join([self.name, *filter(None, part)]) for part in parts)

    def imported(self, modules: Iterable[str]) -> set[str]:
        """These modules and all that they import, directly or not, inside functions too."""
        seen: set[str] = set()
        todo = list(modules)
        while todo:
            module = todo.pop()
            found = self._imports(module, seen)
            for one in found:
                for unit in self.module(one).units.values():
                    for target in unit.imports.values():
                        base, _, name = target.partition(":")
                        todo += [base, f"{base}.{name}"]
        return {module for module in seen if self.module(module) is not None}

    def lines(self, closure: Closure) -> int:
        """How many lines of text can move the numbers."""
        return sum(self.unit(node).text.count("\n") + 1 for node in closure.own if node[0])

    def unreadable(self, closure: Closure) -> list[str]:
        """Access that reading cannot follow, as ``module:unit uses this``: a module by a computed
        name, or an attribute of a module that is set from outside."""
        found = set()
        for module, name in closure.own:
            if not module:
                continue
            unit = self.unit((module, name))
            known = {**self.module(module).imports, **unit.imports}
            found |= {(module, name, chain) for chain in unit.uses & UNREADABLE}
            found |= {(module, name, chain) for chain in unit.writes
                      if self._is_ours(known.get(chain[0], ""))}
        return sorted(f"{module}:{name} uses {'.'.join(chain)}" for module, name, chain in found)

    def _is_ours(self, target: str) -> bool:
        """Whether an imported name is a module of the package."""
        dotted = target.replace(":", ".")
        return dotted.split(".")[0] == self.name and self._is_module(dotted)


class _Members:
    """Methods of the classes that are reached, which wait until something mentions their names."""

    def __init__(self) -> None:
        self._mentioned: set[str] = set()
        self._waiting: dict[str, list[Node]] = {}

    def reached(self, node: Node, unit: Unit, called_back: bool) -> list[tuple[Node, str]]:
        """The (class, method) that can be called now that this unit is reached, too."""
        found = []
        for name in sorted((unit.attributes | unit.strings) - self._mentioned):
            self._mentioned.add(name)
            found += [(owner, name) for owner in self._waiting.pop(name, ())]
        for name in unit.members:
            if called_back or name.startswith("__") or name in self._mentioned:
                found.append((node, name))
            else:
                self._waiting.setdefault(name, []).append(node)
        return found


@lru_cache(maxsize=256)
def _digest(path: Path, stamp: tuple[int, int]) -> str:
    raw = path.read_bytes()
    return hashlib.sha256(raw if b"\0" in raw else raw.replace(b"\r\n", b"\n")).hexdigest()


def _file(path: Path) -> str:
    """SHA-256 of a file; of a text, whatever its line endings are."""
    stat = path.stat()
    return _digest(path, (stat.st_mtime_ns, stat.st_size))


def _part(path: Path, keys: tuple[str, ...]) -> str:
    """These fields of a JSON file, as one text; of a damaged file, all of it."""
    try:
        held = json.loads(path.read_bytes())
        return json.dumps([held.get(key) for key in keys], sort_keys=True)
    except (ValueError, AttributeError, RecursionError):
        return _file(path)


def _hash(*parts: str, size: int = 16) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:size]
