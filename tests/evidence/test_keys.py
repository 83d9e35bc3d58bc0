"""The files a piece of code depends on: none forgotten, none too many, one digest everywhere."""

import ast
from pathlib import Path

import pytest
from bare import printed_without_torch
from hypothesis import given
from hypothesis import strategies as st

from diffusionbook.evidence import keys
from diffusionbook.evidence.keys import code_only, digest, files, mentions

PACKAGE = keys.PACKAGE


@pytest.fixture
def package(tmp_path):
    """A package ``pkg`` with every kind of import."""
    root = tmp_path / "pkg"
    for name, text in {
        "__init__.py": "",
        "a.py": "import os\nfrom pkg.b import thing\n",
        "b.py": "def thing():\n    import pkg.sub.c as c\n    return c\n",
        "sub/__init__.py": "",
        "sub/c.py": "from . import d\nfrom ..e import *\n",
        "sub/d.py": "from .c import x\n",  # a cycle
        "e.py": "",
        "lonely.py": "",
        "zoo.py": "",
        "recipes/__init__.py": "",
        "recipes/my_net.py": "from pkg import lonely\n",
        "weights/my-net.json": "{}",
        "weights/my-net.safetensors": "x",
        "results/my-result.json": "{}",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


def module_files(names, root=PACKAGE):
    return [path for path in files(names, root) if path.suffix == ".py"]


def names(paths, root):
    return [p.relative_to(root).as_posix() for p in paths]


def test_the_closure_follows_every_kind_of_import(package):
    assert names(module_files(["pkg.a"], package), package) == [
        "__init__.py", "a.py", "b.py", "e.py", "sub/__init__.py", "sub/c.py", "sub/d.py",
    ]  # fmt: skip
    assert names(module_files(["pkg.e"], package), package) == ["__init__.py", "e.py"]
    assert names(module_files(["pkg"], package), package) == ["__init__.py"]
    assert module_files(["torch.nn", "os", "pkgother.a"], package) == []


def test_a_cell_depends_on_what_it_imports_and_what_it_names(package):
    cell = '%matplotlib inline\nfrom pkg import zoo\nmodel = zoo.load("my-net")\n'
    assert names(files(mentions(cell), package), package) == [
        "__init__.py", "lonely.py", "recipes/__init__.py", "recipes/my_net.py",
        "weights/my-net.json", "weights/my-net.safetensors", "zoo.py",
    ]  # fmt: skip
    cell = 'from pkg import zoo\nresults = "my-result"\n'
    assert "results/my-result.json" in names(files(mentions(cell), package), package)


def test_an_attribute_is_not_a_module_and_a_missing_module_is_an_error(package):
    assert module_files(["pkg.e.Thing"], package) == module_files(["pkg.e"], package)
    for wrong in ("pkg.nosuch", "pkg.sub.nosuch"):
        with pytest.raises(ValueError, match=f"there is no module '{wrong}'"):
            module_files([wrong], package)
    (package / "sub" / "__init__.py").write_text("x = 1", "utf-8")
    found = module_files(["pkg.sub.x"], package)
    assert names(found, package) == ["__init__.py", "sub/__init__.py"]


def test_the_digest_changes_with_code_and_data_only(package):
    def now(code):
        return digest(files(mentions(code), package), package)

    cell = 'import pkg.a\nname = "my-net"\n'
    first = now(cell)
    for name, text, same in [
        ("lonely.py", "# a comment\n\n", True),
        ("lonely.py", '"""A docstring\nof two lines."""  # and a comment\n', True),
        ("lonely.py", "x = 1\n", False),
        ("sub/d.py", "from .c import y\n", False),
        ("weights/my-net.json", "{ }", False),
    ]:
        old = (package / name).read_text("utf-8")
        (package / name).write_text(text, "utf-8")
        assert (now(cell) == first) is same, (name, text)
        (package / name).write_text(old, "utf-8")
    assert now(cell) == first
    (package / "a.py").write_bytes((package / "a.py").read_bytes().replace(b"\n", b"\r\n"))
    assert now(cell) == first
    (package / "e.py").rename(package / "f.py")
    (package / "sub" / "c.py").write_text("from . import d\nfrom ..f import *\n", "utf-8")
    assert now(cell) != first


def test_a_cell_that_is_not_python_is_an_error():
    with pytest.raises(ValueError, match="source: line 2 is not Python"):
        mentions("x = 1\ny = = 2\n")


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.stem)
def test_of_this_package_nothing_but_docstrings_and_comments_is_cut(path):
    """What is left is the same program: its tree is the original's without docstrings."""
    source = path.read_text("utf-8")
    tree, placeholder, opened = ast.parse(source), ast.parse("pass").body[0], -1
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            if ast.get_docstring(node) is not None:
                del node.body[0]
            if not node.body and not isinstance(node, ast.Module):
                node.body = [placeholder]  # its docstring was all it had
    lines = [*code_only(source).split("\n"), ""]
    for i, (line, after) in enumerate(zip(lines[:-1], lines[1:], strict=True)):
        indent, following = (len(x) - len(x.lstrip()) for x in (line, after))
        if line.lstrip().startswith(("def ", "class ")):
            opened = indent
        if line.endswith(":") and following <= opened:
            lines[i] += " pass"
    assert ast.dump(ast.parse("\n".join(lines))) == ast.dump(tree)


@given(st.sampled_from(["é", "x", "…", '"', "#"]), st.booleans())
def test_text_next_to_a_docstring_stays(letter, comment):
    quoted = "'''" + letter + "'''"
    source = f"def f(): {quoted}; y = {letter!r}" + ("  # note" if comment else "")
    assert code_only(source) == f"def f(): ; y = {letter!r}"
    assert code_only(f"s = {quoted!r}  # {letter}") == f"s = {quoted!r}"


def test_it_needs_neither_torch_nor_numpy():
    out = printed_without_torch(
        "from diffusionbook.evidence import keys as p\n"
        "paths = [x for x in p.files(['diffusionbook.training.loop']) if x.suffix == '.py']\n"
        "print(*[x.name for x in paths], p.digest(paths))"
    )
    found = out.split()
    assert {"loop.py", "step.py", "ema.py", "tensors.py"} <= set(found)
    assert found[-1] == digest(module_files(["diffusionbook.training.loop"]))
    assert "reflow.py" not in found and Path(PACKAGE / "transport" / "reflow.py").exists()
