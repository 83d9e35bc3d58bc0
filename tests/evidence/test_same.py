"""What reading may say of a unit that a tiny run did not pass through."""

import pytest
from small_package import Miniature

from diffusionbook.evidence import record
from diffusionbook.evidence.same import never_made, refuses_only, same, words_of
from diffusionbook.evidence.sources import Package

UNITS = """
from pkg.arguments import positive
from pkg.shapes import double, small


def far(n):
    if n < 0:
        return 0
    return n


class Stranger:
    def size(self):
        return 1
"""
SHAPES = """
def small(name, value):
    held = abs(value)
    if held > 9:
        raise ValueError(name)


def double(value):
    return 2 * value
"""
CHECKS = """
def positive(name, value):
    if not value > 0:
        raise ValueError(name)
"""


@pytest.fixture
def packages(tmp_path):
    """Edits → the miniature as it was, and with them."""

    def make(*edits, of=UNITS):
        found = []
        for name, changes in (("then", ()), ("now", edits)):
            (tmp_path / name).mkdir()
            miniature = Miniature(tmp_path / name)
            (miniature.root / "units.py").write_text(of, "utf-8")
            (miniature.root / "arguments.py").write_text(CHECKS, "utf-8")
            (miniature.root / "shapes.py").write_text(SHAPES, "utf-8")
            for old, new in changes:
                miniature.edit("units.py", old, new)
            found.append(Package(miniature.root))
        return found

    return make


def is_same(then, now, old, new):
    words = tuple(words_of(package, ["pkg.units"]) for package in (then, now))
    return same(then, ("pkg.units", old), now, ("pkg.units", new), words)


@pytest.mark.parametrize("edit", [
    ("    return n", "    if n != n:\n        raise ValueError('n')\n    return n"),
    ("    return n", "    for k in (n, n):\n        if not k:\n            raise ValueError\n"
                     "    return n"),
    ("    return n", "    positive('n', n)\n    return n"),
    ("    return n", "    small('n', n)\n    return n"),
    ("    return n", "    for _ in ():\n        raise ValueError\n    return n"),
    ("    return n", "    if n != n:\n        said = 'n'\n        raise ValueError(said)\n"
                     "    return n"),
    ("def far(n):", 'def far(n: int) -> int:\n    """Far."""  # and why'),
])
def test_refusals_and_comments_make_no_other_unit(edit, packages):
    then, now = packages(edit)
    assert is_same(then, now, "far", "far")


@pytest.mark.parametrize(("old", "new"), [
    ("    return n", "    return n + 1"),
    ("    return n", "    return min(n, 9)"),
    ("    return n", "    n = n + 0\n    return n"),
    ("    return n", "    print(n)\n    return n"),
    ("    return n", "    double(n)\n    return n"),
    ("        return 0", "        return 1"),
    ("        return 0", "        raise ValueError('n')"),
    ("    if n < 0:", "    if n <= 0:"),
])
def test_another_text_makes_another_unit(old, new, packages):
    then, now = packages((old, new))
    assert not is_same(then, now, "far", "far")


def test_a_module_before_a_name_makes_no_other_unit(packages):
    then, now = packages(("from pkg.shapes import double, small", "from pkg import shapes"),
                         ("double(n)", "shapes.double(n)"),
                         of=UNITS.replace("    return n", "    return double(n)"))
    assert is_same(then, now, "far", "far")


def test_only_words_can_be_names(packages):
    then, now = packages(("{'near': n}['near']", "{'9near': n}['9near']"),
                         of=UNITS.replace("    return n", "    return {'near': n}['near']"))
    assert not is_same(then, now, "far", "far")


def test_a_new_name_is_one_that_no_module_had_and_the_older_is_gone(packages):
    then, now = packages(("def far(n)", "def distant(n)"))
    assert is_same(then, now, "far", "distant")


@pytest.mark.parametrize("edits", [
    [("def far(n)", "def size(n)")],  # the name of something else
    [("def far(n)", "def distant(n)"), ("return 1", "return far")],  # the older one stays in use
])
def test_a_name_that_stands_for_something_else_makes_another_unit(edits, packages):
    then, now = packages(*edits)
    assert not is_same(then, now, "far", edits[0][1].removeprefix("def ").removesuffix("(n)"))


@pytest.mark.parametrize(("body", "refuses"), [
    ("        if self.n < 0:\n            raise ValueError(self.n)", True),
    ("        held = self.n\n        if held < 0:\n            raise ValueError(held)", True),
    ("        positive('n', self.n)", True),
    ("        self.n = 1", False), ("        return 1", False),
    ("        if self.n < 0:\n            self.n = 0", False),
])
def test_what_only_refuses_moves_no_number(body, refuses, packages):
    _, now = packages(("        return 1", body))
    assert refuses_only(now, ("pkg.units", "Stranger.size")) is refuses
    assert refuses_only(now, ("pkg.arguments", "positive"))


@pytest.mark.parametrize(("use", "never"), [
    ("1 if isinstance(n, Stranger) else n", True), ("n if n < 9 else Stranger()", False),
    ("n if n < 9 else Stranger.of(n)", False), ("isinstance(Stranger(), int)", False),
])
def test_a_class_that_is_only_asked_about_has_no_objects(use, never, tmp_path):
    miniature = Miniature(tmp_path)
    miniature.edit("models.py", "class Child", "class Stranger:\n    def __len__(self):\n"
                   "        return 1\n\n\nclass Child")
    miniature.edit("rooms/inside.py", "def outer(n):\n", "from pkg.models import Stranger\n\n\n"
                   f"def outer(n):\n    n = {use}\n")
    package = Package(miniature.root)
    closure = record.experiment("small-test", package)
    node = ("pkg.models", "Stranger.__len__")
    assert node in closure.own
    assert never_made(package, node, closure.own, closure.edges) is never


def test_a_unit_is_found_by_its_name_wherever_it_stands(packages):
    then, _ = packages()
    assert then.all_named("Stranger.size") == [("pkg.units", "Stranger.size")]
    assert then.all_named("far") == [("pkg.units", "far")] and then.all_named("near") == []
