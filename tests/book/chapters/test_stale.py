"""A stale chapter's line names what changed."""

import json

import pytest

from bookext.chapters import key, outputs
from bookext.chapters.stale import reason, stale_message

ONE, TWO = "book/chapters/one", "book/chapters/two"


@pytest.fixture
def kept(miniature):
    """A book whose outputs were recorded, though nothing was run."""
    for name in (ONE, TWO):
        notebook = miniature.read(name)
        outputs.save(miniature.committed / f"{name}.ipynb", notebook,
                     key.execution_key(miniature, notebook),
                     {"made_from": key.made_from(miniature, notebook)})
    return miniature


@pytest.mark.parametrize(("name", "path", "old", "new", "why"), [
    (ONE, "code/diffusionbook/low.py", "2", "3", "code/diffusionbook/low.py changed"),
    (TWO, "code/diffusionbook/tiny.mplstyle", "1", "2",
     "code/diffusionbook/tiny.mplstyle changed"),
    (ONE, "code/diffusionbook/weights/tiny-net.safetensors", "weights", "retrained",
     "code/diffusionbook/weights/tiny-net.safetensors changed"),
    (ONE, "book/chapters/one.md", "double(21)", "double(20)",
     "cell 1 (from diffusionbook import high, zoo) changed"),
    (TWO, "code/diffusionbook/other.py", '"""Other."""', "from . import low",
     "code/diffusionbook/low.py is new, code/diffusionbook/other.py changed"),
    (TWO, "code/diffusionbook/other.py", "tiny.mplstyle", "none",
     "code/diffusionbook/other.py changed, code/diffusionbook/tiny.mplstyle is gone"),
    (TWO, "book/chapters/two.md", "```{code-cell} python",
     "```{code-cell} python\nx = 1\n```\n\n```{code-cell} python",
     "it has 2 code cells and had 1"),
    (TWO, "book/chapters/two.md", "```{code-cell} python",
     "```{code-cell} python\n:tags: [raises-exception]", "a cell, a tag, a file of the package"),
])
def test_what_changed_is_named(kept, name, path, old, new, why):
    kept.edit(path, old, new)
    assert reason(kept, name).startswith(why)
    assert f"  {name}: {why}" in stale_message(kept, [name])


def test_a_library_is_named_with_both_versions(kept, monkeypatch):
    version = key.version(kept, "torch")
    monkeypatch.setattr(key, "version", lambda book, name: "99" if name == "torch" else "2.4.6")
    assert reason(kept, ONE).startswith(f"torch is 99 and was {version}")


def test_many_changes_are_counted(kept):
    for module in ("low", "high", "zoo", "page/report"):
        path = kept.package / f"{module}.py"
        path.write_text(path.read_text("utf-8") + "\nMORE = 1\n", "utf-8")
    assert reason(kept, ONE).endswith(" and 1 more")


def test_outputs_that_do_not_tell_are_stale_all_the_same(kept):
    """Outputs without a record of what they were made from, missing ones and forged ones."""
    path = kept.committed / f"{ONE}.ipynb"
    held = json.loads(path.read_text("utf-8"))
    del held["metadata"][outputs.RECORD]["made_from"]
    path.write_text(json.dumps(held), "utf-8")
    kept.edit("code/diffusionbook/low.py", "2", "3")
    assert reason(kept, ONE).startswith("a cell, a tag, a file")
    held["metadata"][outputs.RECORD]["digest"] = "0"
    path.write_text(json.dumps(held), "utf-8")
    assert "edited by hand" in reason(kept, ONE)
    path.unlink()
    assert reason(kept, ONE) == "has no committed outputs"


@pytest.mark.parametrize("suffix", [".md", ".py", ".json", ".mplstyle"])
def test_line_endings_are_no_change(kept, suffix):
    """A checkout on Windows may give every text file other line endings."""
    for path in [p for p in kept.root.rglob(f"*{suffix}") if p.is_file()]:
        path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    for name in (ONE, TWO):
        assert outputs.find(kept, name, kept.read(name)), reason(kept, name)
