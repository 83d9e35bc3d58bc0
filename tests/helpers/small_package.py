"""A package in miniature, with everything that can stand between an experiment and its numbers."""

import json
from pathlib import Path

from diffusionbook.evidence import record
from diffusionbook.evidence.closure import Closure
from diffusionbook.evidence.sources import Package

SOURCES = {
    "__init__.py": "",
    "experiments/__init__.py": "",
    "experiments/small_test.py": '''"""Measured."""
from pkg import tools, zoo
from pkg.models import Child
from pkg.rooms import outer

SEEDS = (0, 1)
RECIPES = ()
SAMPLES = 10


def measure(seed, device):
    """Doc."""
    net = zoo.load("my-net")
    return {"a": tools.scaled(Child().step(seed)) + outer(SAMPLES) + net}
''',
    "experiments/other_test.py": '''"""Measured apart."""
from .. import apart

SEEDS = (0,)
RECIPES = ()


def measure(seed, device):
    return {"a": apart.alone(seed)}
''',
    "tools.py": '''"""Tools."""
import math as m

from pkg.constants import FACTOR

UNUSED = 3


def scaled(x: float, by: float = 2.0) -> float:
    """Doc."""
    # a comment
    def inner(y):
        return y * FACTOR

    return inner(x) * by * m.sqrt(2)


def unused(x):
    return x
''',
    "constants.py": "FACTOR = 3\nWORDS = 'no'\n",
    "models.py": '''"""Models."""


def traced(function):
    return function


class Base:
    rate = 1

    def step(self, x):
        return self.helper(x) * self.rate

    def helper(self, x):
        return x

    def never(self, x):
        return x - 1


class Child(Base):
    width: int = 4

    @traced
    def helper(self, x):
        return x + self.width
''',
    "rooms/__init__.py": "from pkg.rooms.inside import outer\n",
    "rooms/inside.py": (
        "def outer(n):\n    return deep(n)\n\n\ndef deep(n):\n    return n and outer(n - 1)\n"),
    "zoo.py": '''"""Models by name."""
import importlib

from pkg.tools import unused as refusal


def load(name):
    if not name:
        raise ValueError(refusal("no such"))
    return importlib.import_module(f"pkg.recipes.{name}").RECIPE
''',
    "recipes/__init__.py": "",
    "recipes/my_net.py": 'NAME = "my-net"\nRECIPE = dict(steps=4, name=NAME)\n',
    "weights/my-net.safetensors": "weights",
    "weights/my-net.json": json.dumps({"recipe": {"steps": 4}, "answer": [1.0], "metrics": {}}),
    "apart.py": "def alone(x):\n    return x\n",
}


class Miniature:
    """The package in a scratch folder, with what a test does to it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "pkg"
        for name, text in SOURCES.items():
            self.write(name, text)
        self.before = {name: record.bind(self.closure(name))
                       for name in ("small-test", "other-test")}

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.root / name).read_text("utf-8")
        assert old in text, f"{name} has no {old!r}"
        self.write(name, text.replace(old, new))

    def closure(self, name: str = "small-test") -> Closure:
        return record.experiment(name, Package(self.root))

    def difference(self, name: str = "small-test") -> str | None:
        """What has become stale in a result that was measured with the sources as they were."""
        return record.difference(self.before[name], self.closure(name))


