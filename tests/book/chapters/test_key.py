"""Exactly the chapters that use something become stale when it changes."""

import pytest

from bookext.chapters import key

ONE, TWO = "book/chapters/one", "book/chapters/two"


def keys(book):
    return {name: key.execution_key(book, book.read(name)) for name in book.chapters()}


def stale(book, before):
    return {name for name, value in keys(book).items() if before[name] != value}


@pytest.mark.parametrize(("path", "old", "new", "expected"), [
    ("code/diffusionbook/high.py", "FACTOR *", "FACTOR +", {ONE}),
    ("code/diffusionbook/low.py", "2", "3", {ONE}),
    ("code/diffusionbook/other.py", '"word"', '"other"', {TWO}),
    ("code/diffusionbook/tiny.mplstyle", "1", "2", {TWO}),
    ("code/diffusionbook/weights/tiny-net.safetensors", "weights", "retrained", {ONE}),
    ("code/diffusionbook/results/tiny-result.json", "1.0", "2.0", {ONE}),
    ("code/diffusionbook/page/report.py", "PREFIX = ", "PREFIX = \"\" or ", {ONE, TWO}),
    ("code/diffusionbook/__init__.py", "", "X = 1\n", {ONE, TWO}),
    ("book/chapters/one.md", "double(21)", "double(20)", {ONE}),
    ("book/chapters/two.md", "```{code-cell} python",
     "```{code-cell} python\n:tags: [raises-exception]", {TWO}),
    # and what changes no output makes nothing stale
    ("book/chapters/one.md", "Some prose", "Other prose", set()),
    ("book/chapters/one.md", "```{code-cell} python",
     "```{code-cell} python\n:tags: [hide-input]", set()),
    ("code/diffusionbook/low.py", "Low.", "Low, said better.", set()),
    ("code/diffusionbook/low.py", "FACTOR = 2", "FACTOR = 2  # why", set()),
])
def test_exactly_the_chapters_that_use_it(miniature, path, old, new, expected):
    before = keys(miniature)
    miniature.edit(path, old, new)
    assert stale(miniature, before) == expected


@pytest.mark.parametrize("library", ["torch", "numpy"])
def test_versions_of_libraries_count(miniature, monkeypatch, library):
    before, version = keys(miniature), key.version
    monkeypatch.setattr(key, "version",
                        lambda book, name: "99" if name == library else version(book, name))
    assert stale(miniature, before) == {ONE, TWO}


def test_where_torch_was_built_for_does_not_count(miniature, monkeypatch):
    monkeypatch.setattr(key.metadata, "version", lambda name: "2.13.0+cpu")
    assert key.version(miniature, "torch") == "2.13.0"


def test_without_the_library_its_pin_counts(miniature, monkeypatch):
    def missing(name):
        raise key.metadata.PackageNotFoundError(name)
    monkeypatch.setattr(key.metadata, "version", missing)
    assert key.version(miniature, "torch") == "1.0"


def test_a_cell_that_is_no_python_depends_on_everything(miniature):
    miniature.edit("book/chapters/two.md", "from diffusionbook import other", "from from")
    before = keys(miniature)
    miniature.edit("code/diffusionbook/low.py", "2", "3")
    assert stale(miniature, before) == {ONE, TWO}


def test_what_an_earlier_build_worked_out_is_read_again_only_for_the_same_files(miniature):
    """Also where a build ended and another begins, which remembers nothing."""
    before = keys(miniature)
    key._package_digest.cache_clear()
    kept = list((miniature.root / "_build" / "keys").iterdir())
    assert len(kept) == 2 and keys(miniature) == before
    for path in kept:  # it is what the next build goes by
        text = path.read_text("utf-8")
        path.write_text(text[:64] + "0" * 64, "utf-8")
    key._package_digest.cache_clear()
    assert stale(miniature, before) == {ONE, TWO}
    miniature.edit("code/diffusionbook/low.py", "2", "3")
    assert stale(miniature, before) == {ONE}
    miniature.edit("code/diffusionbook/low.py", "3", "2")
    key._package_digest.cache_clear()
    assert stale(miniature, before) == set()
