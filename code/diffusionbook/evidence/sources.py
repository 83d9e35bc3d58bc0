"""A package as its sources have it: modules, units, and what a name stands for in each of them."""

from collections.abc import Iterable
from pathlib import Path, PurePath

from diffusionbook.evidence.units import EFFECTS, Chain, Module, Unit, read

PACKAGE = Path(__file__).resolve().parent.parent
BUILT_IN = {"__file__", "__name__", "__doc__", "__package__", "__path__", "__spec__"}
EXTERNAL = "external"  # the module of a name that is not the package's

Node = tuple[str, str]  # (dotted module, unit), or ("", a file)


class Package:
    """The sources of a package, read when they are asked for.

    Args:
        root: its folder; the folder's name is the package's.

    Attributes:
        files: the paths of all its files below ``root``.
    """

    def __init__(self, root: Path = PACKAGE) -> None:
        self.root, self.name = Path(root).resolve(), Path(root).resolve().name
        self._modules: dict[str, Module | None] = {}
        self.files = {path.relative_to(self.root).as_posix() for path in self.root.rglob("*.*")
                       if path.suffix != ".pyc"}
        self._folders = {folder.as_posix() for path in self.files
                         for folder in PurePath(path).parents}
        self._paths: dict[str, Path | None] = {}
        self._imports: dict[str, list[str]] = {}

    def path(self, dotted: str) -> Path | None:
        """The file of a module of the package, None if there is no such module."""
        if dotted not in self._paths:
            base = "/".join(dotted.split(".")[1:])
            found = f"{base}/__init__.py".lstrip("/"), f"{base}.py"
            self._paths[dotted] = next((self.root / path for path in found if path in self.files),
                                       None)
        return self._paths[dotted]

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

    def unit(self, node: Node) -> Unit:
        """The unit at a node of a closure."""
        module, name = self.module(node[0]), node[1]
        kind, _, number = name.partition(" ")
        if kind == EFFECTS and number:
            return module.effects[int(number)]
        owner, _, member = name.partition(".")
        return module.units[owner].members[member] if member else module.units[owner]

    def all_named(self, name: str) -> list[Node]:
        """Every unit of this name, such as ``"Class.method"``, in whatever module."""
        owner, _, member = name.partition(".")
        modules = (".".join((self.name, *Path(path).with_suffix("").parts)) for path in self.files
                   if path.endswith(".py"))
        found = ((m, self.module(m.removesuffix(".__init__"))) for m in sorted(modules))
        return [(m.removesuffix(".__init__"), name) for m, held in found
                if held and owner in held.units
                and (not member or member in held.units[owner].members)]

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
                 for path in self.files if path.endswith(".py"))
        return sorted(".".join([self.name, *filter(None, part)]) for part in parts)

    def named(self, module: str, chain: Chain, unit: Unit | None = None) -> list[Node]:
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
                    return self.named(star, chain)
        if not found and unit is None and first not in BUILT_IN:
            raise ValueError(f"there is no {first!r} in {module}")
        return found

    def _target(self, target: str, rest: list[str]) -> list[Node]:
        """What an imported name and its attributes stand for."""
        module, _, name = target.partition(":")
        if module.split(".")[0] != self.name:
            return [(EXTERNAL, target)]
        if name:
            # A face may hand on a module of its own room, under that module's name.
            own = self.module(module) and self.module(module).imports.get(name) == target
            if not own and self._holds(module, name):
                return self.named(module, (name, *rest))
            module = f"{module}.{name}"
        while rest and not self._holds(module, rest[0]) and self.is_module(f"{module}.{rest[0]}"):
            module, rest = f"{module}.{rest[0]}", rest[1:]
        if not self.is_module(module):
            raise ValueError(f"there is no {module}")
        if rest and rest[0] not in BUILT_IN:
            return self.named(module, tuple(rest))
        held = self.module(module)  # the module itself is handed on: anything of it may be used
        return [(module, unit) for unit in held.units] if held else []

    def _holds(self, module: str, name: str) -> bool:
        held = self.module(module)
        return held is not None and (name in held.units or name in held.imports
                                     or any(self._holds(star, name) for star in held.stars))

    def is_module(self, dotted: str) -> bool:
        return self.path(dotted) is not None or "/".join(dotted.split(".")[1:]) in self._folders

    def imports(self, module: str, seen: set[str]) -> list[str]:
        """The module and all that it imports, which run when it is imported; each only once."""
        todo, found = [module] if module and module not in seen else [], []
        while todo:
            module = todo.pop()
            if module in seen or module.split(".")[0] != self.name or not self.is_module(module):
                continue
            seen.add(module)
            held, above = self.module(module), module.rpartition(".")[0]
            todo += [above] if above else []
            if held is not None:
                found.append(module)
                todo += self._imported_by(module, held)
        return found

    def _imported_by(self, dotted: str, held: Module) -> list[str]:
        """The modules that a module names when it is imported."""
        if dotted not in self._imports:
            found = self._imports[dotted] = []
            for target in (*held.imports.values(), *held.stars):
                base, _, name = target.partition(":")
                found += [base, f"{base}.{name}"] if name else [base]
        return self._imports[dotted]

    def imported(self, modules: Iterable[str]) -> set[str]:
        """These modules and all that they import, directly or not, inside functions too."""
        seen: set[str] = set()
        todo = list(modules)
        while todo:
            module = todo.pop()
            found = self.imports(module, seen)
            for one in found:
                for unit in self.module(one).units.values():
                    for target in unit.imports.values():
                        base, _, name = target.partition(":")
                        todo += [base, f"{base}.{name}"]
        return {module for module in seen if self.module(module) is not None}
