"""The rooms of the package: imports run downhill, and each room shows at its door what it has.

Who may import from whom is one list, ``bookext.pages.rooms.ORDER``; the page for contributors shows
it as a picture. Imports inside functions count, and so do names in strings.
"""

import ast
import importlib
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import diffusionbook
from bookext.pages import rooms

PACKAGE = Path(diffusionbook.__file__).parent
TESTS = Path(__file__).parent
ROOMS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))
BY_NAME = {  # (module, room above it): why it knows that room by a name in a string
    ("zoo/recipe", "recipes"): "finds the recipe that a user names, and knows none by itself",
    ("evidence/closure", "recipes"): "reads the text of what a string names; imports nothing of it",
    ("evidence/record", "recipes"): "reads the text of an evaluation; imports nothing of it",
    ("evidence/record", "experiments"): "reads the text of a measurement; imports nothing of it",
    ("evidence/probe", "zoo"): "starts a process of its own, which runs what is measured",
}
FOUND_AT_RUN_TIME = {  # modules that import what is computed
    "zoo/recipe": "a recipe by its name, from the room above",
    "experiments/__init__": "an experiment by its name, from this room",
}
DOORS = {  # rooms whose public classes are not at the door
    "checks": "an exercise imports the checks of its chapter: one module, by name",
    "cli": "the door is the command line",
    "evidence": "its machinery is asked by modules; a page asks for results alone",
    "experiments": "each is found by its name",
    "recipes": "each is found by its name",
}
INSIDE = {  # public classes that stand in no face
    "data.Canvases": "at the door as canvases.Canvases",
    "data.Contents": "what a file of MNIST holds: a word of the reader of these files",
    "data.Digits": "at the door as mnist.Digits",
    "data.MissingMnist": "at the door as mnist.MissingMnist",
    "data.OnMnist": "half of a recipe; only recipes are made of it",
    "data.StandInWarning": "at the door as mnist.StandInWarning",
    "denoisers.Traced": "how a derivative is taken; who asks for one gets a tensor",
    "guidance.Guided": "how a gradient is added; who guides gets a denoiser",
    "guidance.Look": "of one step of guidance",
    "guidance.Observation": "of inverse problems, which take it apart into operator and tensor",
    "machine.RestartNeeded": "raised for a reader, caught by nobody",
    "nets.OneVariance": "the encoder inside linear_vae and mlp_vae",
    "page.Moment": "of one film in one page",
    "page.Plans": "of one part of one page",
    "page.Shape": "of one part of one page",
    "training.Shared": "of the loop",
    "training.Trainer": "of the loop",
    "transport.Bridge": "at the door of transport.optimal",
    "transport.Entropic": "at the door of transport.optimal",
    "transport.Transport": "at the door of transport.optimal",
    "zoo.CanvasRecipe": "what two recipes are made of",
    "zoo.Trained": "of the making of a receipt",
}
NO_ROOM = {  # folders of tests that mirror no room
    "attention": "where a patch looks, in the reader's page",
    "book": "the Sphinx extension, which has rooms of its own",
    "chapters": "what a chapter says and checks",
    "cover": "the first page's picture, where the reader pours noise",
    "digit": "the network in the reader's page",
    "explorer": "the explorer in the reader's page",
    "helpers": "what several tests use",
    "laboratory": "the laboratory in the reader's page",
    "oracles": "comparisons with other libraries, across rooms",
    "plans": "three plans between two Gaussians, in the reader's page",
    "preference": "the triangle of preferences in the reader's page",
    "search": "the search of the site, without the page that shows it",
    "site": "the built book in a browser",
    "steering": "the explorer of steering in the reader's page",
    "tools": "programs that measure, and mutants",
}


def public_classes(room: str) -> set[str]:
    return {node.name for path in (PACKAGE / room).rglob("*.py")
            for node in ast.parse(path.read_text("utf-8")).body
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_")}


def inner_imports(room: str) -> dict[str, set[str]]:
    """Modules of a room by dotted name, each with the modules of the room that it imports."""
    paths = {}
    for path in (PACKAGE / room).rglob("*.py"):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        paths[".".join(parts).removesuffix(".__init__")] = path
    found = {}
    for name, path in paths.items():
        asked = rooms.imported(ast.parse(path.read_text("utf-8")))
        found[name] = {there if there in paths else there.rpartition(".")[0] for there in asked}
        found[name] &= paths.keys()
    return found


def test_every_module_stands_in_a_room_and_every_room_in_the_order():
    assert set(rooms.entries(PACKAGE)) == {*rooms.ORDER, *rooms.LEAVES, "__init__"}


def test_no_arrow_runs_up():
    up = {(module, pair[1]) for pair, modules in rooms.arrows(PACKAGE).items()
          if rooms.upward(pair) for module in modules}
    assert up == BY_NAME.keys()


@pytest.mark.parametrize(("module", "room"), BY_NAME)
def test_a_room_above_is_named_in_a_string_and_not_imported(module, room):
    tree = ast.parse((PACKAGE / f"{module}.py").read_text("utf-8"))
    assert room not in {rooms.room(name) for name in rooms.imported(tree)}


def test_what_is_imported_by_a_computed_name_is_known():
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=func, args=[name, *_]) if not isinstance(name, ast.Constant):
                    if ast.unparse(func).endswith(("import_module", "__import__")):
                        found.add(path.relative_to(PACKAGE).with_suffix("").as_posix())
    assert found == FOUND_AT_RUN_TIME.keys()


@pytest.mark.parametrize("line", [
    "import diffusionbook.zoo.store", "from diffusionbook import zoo",
    "from diffusionbook.zoo import load", "def f():\n    from diffusionbook import zoo",
    "import_module('diffusionbook.zoo')", "script = 'import torch\\nfrom diffusionbook import zoo'",
    "import_module(f'{PACKAGE}.zoo.{name}')", "import_module(f'diffusionbook.zoo.{name}')",
])
def test_every_form_of_an_arrow_is_seen(line, tmp_path):
    (tmp_path / "paths").mkdir()
    prose = '"""See diffusionbook.cli.main."""'
    (tmp_path / "paths" / "one.py").write_text(f"{prose}\n{line}", "utf-8")
    assert rooms.arrows(tmp_path) == {("paths", "zoo"): {"paths/one"}}
    assert rooms.upward(("paths", "zoo")) and not rooms.upward(("zoo", "paths"))


@pytest.mark.parametrize("room", ROOMS)
def test_no_circle_in_a_room(room):
    """A face counts as a module, so nothing in a room imports from its own face."""
    list(TopologicalSorter(inner_imports(room)).static_order())  # raises CycleError


@pytest.mark.parametrize("room", ROOMS)
def test_a_face_names_what_the_room_has(room):
    face = importlib.import_module(f"diffusionbook.{room}")
    assert face.__doc__ and face.__all__ == sorted(set(face.__all__))
    for name in face.__all__:
        assert hasattr(face, name) or (PACKAGE / room / f"{name}.py").is_file(), name
    if room not in DOORS:
        hidden = {f"{room}.{name}" for name in public_classes(room) - set(face.__all__)}
        assert hidden == {name for name in INSIDE if name.partition(".")[0] == room}


@pytest.mark.parametrize("room", ["cli", "evidence", "files", "machine"])
def test_a_face_that_needs_no_torch(room):
    """The command line answers in a blink, and the build asks for evidence without a network."""
    script = f"import sys; sys.modules['torch'] = None; import diffusionbook.{room} as face; " \
             "[getattr(face, name) for name in face.__all__]"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_root_can_be_seen_at_a_glance():
    assert len(rooms.entries(PACKAGE)) <= 31


def test_tests_stand_where_the_room_does():
    folders = {path.name for path in TESTS.iterdir() if path.is_dir()} - {"__pycache__"}
    assert folders - set(ROOMS) == NO_ROOM.keys()
    single = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__", "__main__"}
    assert {f"test_{name}.py" for name in single} <= {path.name for path in TESTS.iterdir()}
