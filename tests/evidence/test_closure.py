"""A result depends on the definitions that it reaches: none forgotten, and no others."""

import shutil

import pytest
from bare import printed_without_torch

from diffusionbook.evidence import record
from diffusionbook.evidence.closure import unreadable
from diffusionbook.evidence.sources import PACKAGE, Package


def names(closure):
    return {name for _, name in closure.own}


def test_the_closure_is_what_the_measurement_can_reach(miniature):
    assert names(miniature.closure()) == {
        "SEEDS", "RECIPES", "measure", "SAMPLES", "scaled", "FACTOR", "Base", "Base.step",
        "Base.helper", "Child", "Child.helper", "traced", "outer", "deep", "load", "RECIPE", "NAME",
        "weights/my-net.safetensors",
    }  # fmt: skip
    assert names(miniature.closure("other-test")) == {"SEEDS", "RECIPES", "measure", "alone"}


def move(miniature):
    text = (miniature.root / "tools.py").read_text("utf-8")
    miniature.write("moved.py", text)
    (miniature.root / "tools.py").unlink()
    miniature.edit("experiments/small_test.py", "import tools, zoo", "import moved as tools, zoo")


def split_behind_a_face(miniature):
    miniature.write("shelf/scaling.py", (miniature.root / "tools.py").read_text("utf-8"))
    (miniature.root / "tools.py").unlink()
    miniature.write("shelf/__init__.py", "from pkg.shelf.scaling import *\n")
    miniature.edit("experiments/small_test.py", "import tools, zoo", "import shelf as tools, zoo")


def move_a_room(miniature):
    shutil.move(miniature.root / "rooms", miniature.root / "halls")
    miniature.write("halls/__init__.py", "from .inside import outer\n")
    miniature.edit("experiments/small_test.py", "pkg.rooms", "pkg.halls")


def import_elsewhere(miniature):
    miniature.edit("experiments/small_test.py", "from pkg.models import Child\n", "")
    miniature.edit("experiments/small_test.py", '"""Doc."""', "from pkg.models import Child")


def other_line_endings(miniature):
    path = miniature.root / "tools.py"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


FRESH = {
    "a new function": ("tools.py", "UNUSED = 3", "UNUSED = 3\n\n\ndef new(x):\n    return x"),
    "a new constant": ("tools.py", "UNUSED = 3", "UNUSED = 3\nNEW = 4"),
    "a new class": ("tools.py", "UNUSED = 3", "class New:\n    scaled = 1"),
    "a new method that nothing names": (
        "models.py", "rate = 1\n", "rate = 1\n\n    def shown(self):\n        return 0\n"),
    "a method that nothing names": ("models.py", "x - 1", "x - 2"),
    "a comment": ("tools.py", "# a comment", "# another, longer one"),
    "a docstring": ("tools.py", '"""Doc."""', '"""Other\n\n    words."""'),
    "a blank line": ("tools.py", "    return inner", "\n    return inner"),
    "other annotations": ("tools.py", "x: float, by: float = 2.0) -> float",
                          "x: int, by: dict[str,\n           int] = 2.0) -> None"),
    "a function that only words an error": ("tools.py", "return x\n", "return 2 * x\n"),
    "an unused constant": ("constants.py", "'no'", "'yes'"),
    "metrics of the weights": ("weights/my-net.json", '"metrics": {}', '"metrics": {"a": 1}'),
}
MOVES = [move, split_behind_a_face, move_a_room, import_elsewhere, other_line_endings]
STALE = {
    "a line": ("tools.py", "return y * FACTOR", "return y + FACTOR", "scaled has changed"),
    "a default": ("tools.py", "by: float = 2.0", "by: float = 2.5", "scaled has changed"),
    "a constant": ("constants.py", "FACTOR = 3", "FACTOR = 4", "FACTOR has changed"),
    "a constant that changes twice": ("constants.py", "FACTOR = 3", "FACTOR = 3\nFACTOR += 1",
                                      "FACTOR has changed"),
    "a class attribute": ("models.py", "rate = 1", "rate = 2", "Base has changed"),
    "a field": ("models.py", "width: int = 4", "width: int = 5", "Child has changed"),
    "a field that is none any more": ("models.py", "width: int = 4", "width: object = 4",
                                      "Child has changed"),
    "a method": ("models.py", "x + self.width", "x - self.width", "Child.helper has changed"),
    "a method of the base": ("models.py", "self.helper(x) *", "self.helper(x) +",
                             "Base.step has changed"),
    "no decorator": ("models.py", "    @traced\n", "", "Child.helper has changed"),
    "another base": ("models.py", "class Child(Base)", "class Child(Base, dict)",
                     "Child has changed"),
    "an overriding method": ("models.py", "    width: int = 4\n",
                             "    width: int = 4\n\n    def step(self, x):\n        return x\n",
                             "Child.step is new"),
    "a method that Python calls": ("models.py", "    width: int = 4\n",
                                   "    width: int = 4\n\n    def __init__(self):\n        pass\n",
                                   "Child.__init__ is new"),
    "an import alias": ("tools.py", "import math as m", "import cmath as m", "scaled has changed"),
    "an import from elsewhere": ("tools.py", "import math as m", "from numpy import m",
                                 "scaled has changed"),
    "a name pointed elsewhere": ("tools.py", "from pkg.constants import FACTOR",
                                 "from pkg.constants import WORDS as FACTOR", "scaled has changed"),
    "a cycle": ("rooms/inside.py", "n - 1", "n - 2", "deep has changed"),
    "an effect at import": ("tools.py", "UNUSED = 3", "m.sqrt(1)", "module 0 is new"),
    "a recipe's value": ("recipes/my_net.py", "steps=4", "steps=5", "RECIPE has changed"),
    "weights": ("weights/my-net.safetensors", "weights", "other",
                "weights/my-net.safetensors has changed"),
    "the recipe of the weights": ("weights/my-net.json", '"steps": 4', '"steps": 5',
                                  "weights/my-net.safetensors has changed"),
    "a constant of the experiment": ("experiments/small_test.py", "SAMPLES = 10", "SAMPLES = 11",
                                     "SAMPLES has changed"),
    "other seeds": ("experiments/small_test.py", "(0, 1)", "(0, 2)", "SEEDS has changed"),
}



@pytest.mark.parametrize("edit", FRESH.values(), ids=FRESH)
def test_an_edit_elsewhere_leaves_a_result_fresh(edit, miniature):
    miniature.edit(*edit)
    assert miniature.difference() is None


@pytest.mark.parametrize("change", MOVES, ids=lambda change: change.__name__)
def test_a_move_leaves_a_result_fresh(change, miniature):
    change(miniature)
    assert miniature.difference() is None


@pytest.mark.parametrize("edit", STALE.values(), ids=STALE)
def test_an_edit_of_what_is_reached_makes_it_stale_and_is_named(edit, miniature):
    *change, message = edit
    miniature.edit(*change)
    assert miniature.difference().startswith(message)
    assert miniature.difference("other-test") is None


def test_the_message_says_by_which_way_a_definition_is_reached(miniature):
    miniature.edit("constants.py", "FACTOR = 3", "FACTOR = 4")
    assert miniature.difference() == "FACTOR has changed (measure → scaled → FACTOR)"
    miniature.edit("constants.py", "FACTOR = 4", "FACTOR = 3")
    miniature.edit("rooms/inside.py", "n and outer(n - 1)", "n")
    assert miniature.difference() == "deep has changed (measure → outer → deep)"


def test_a_name_that_stands_for_a_namesake_is_another(miniature):
    """Two definitions that look alike and differ in what they name."""
    for name, value in (("left", 1), ("right", 2)):
        miniature.write(f"{name}.py", f"VALUE = {value}\n\n\ndef get():\n    return VALUE\n")
    miniature.write("apart.py", "from pkg import left, right\n\n\n"
                    "def alone(x):\n    return left.get() - right.get()\n")
    before = record.bind(miniature.closure("other-test"))
    miniature.edit("apart.py", "import left, right", "import right as left, left as right")
    assert record.difference(before, miniature.closure("other-test")) == (
        "a name stands for another definition of the same name")


def test_a_missing_name_is_an_error(miniature):
    miniature.edit("experiments/small_test.py", "tools.scaled", "tools.skaled")
    with pytest.raises(ValueError, match="there is no 'skaled' in pkg.tools"):
        miniature.closure()
    with pytest.raises(ValueError, match="there is no experiment 'no-such'"):
        record.experiment("no-such", Package(miniature.root))


@pytest.mark.parametrize("line", [
    "import importlib\n    return importlib.import_module(x)", "return globals()[x]",
    "return eval(x)", "return __import__(x)", "setattr(x, 'a', 1)",
    "import sys\n    return sys.modules[x]",
    "from pkg import constants\n    constants.FACTOR = x",
])
def test_access_that_cannot_be_read_is_told(line, miniature):
    miniature.edit("apart.py", "return x", line)
    (found,) = unreadable(Package(miniature.root), miniature.closure("other-test"))
    assert found.startswith("pkg.apart:alone uses ")


@pytest.mark.slow
def test_in_this_package_one_function_finds_a_module_by_a_computed_name():
    """It finds recipes, whose names are mentions of them. (Canvases may have to be downloaded, by
    torchvision, which asks what is imported.)"""
    package, found = Package(), set()
    for name in sorted(path.stem for path in (PACKAGE / "results").glob("*.json")):
        found.update(unreadable(package, record.experiment(name, package)))
    for name in sorted(path.stem for path in (PACKAGE / "weights").glob("*.json")):
        found.update(unreadable(package, record.evaluation(name, package)))
    assert found == {"diffusionbook.zoo.recipe:find uses importlib.import_module",
                     "diffusionbook.data.vision:_declare_operators uses sys.modules"}


def test_a_module_that_is_handed_on_is_reached_whole(miniature):
    miniature.edit("apart.py", "return x", "from pkg import tools\n    return vars(tools)[x]")
    assert {"scaled", "unused", "UNUSED"} <= names(miniature.closure("other-test"))


def test_bases_from_elsewhere_may_call_any_method(miniature):
    miniature.write("apart.py", """from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return x


def alone(x):
    return Net()(x)
""")
    assert "Net.forward" in names(miniature.closure("other-test"))


def test_no_measurement_reads_the_metrics_of_a_receipt():
    """They are left out of what weights are, so that measuring them anew makes no result stale;
    the check that a receipt is whole looks at their form alone."""
    package = Package()
    for path in (PACKAGE / "results").glob("*.json"):
        closure = record.experiment(path.stem, package)
        assert {name for module, name in closure.own
                if module and "metrics" in package.unit((module, name)).strings} <= {"receipt"}


def test_it_needs_the_standard_library_alone():
    out = printed_without_torch(
        "from diffusionbook.evidence import record\n"
        "from diffusionbook.evidence.sources import Package\n"
        "print(record.experiment('spiral-chain', Package()).digest)"
    )
    assert out.strip() == record.experiment("spiral-chain", Package()).digest
