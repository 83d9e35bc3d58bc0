"""Equations, figures and exercises have one number, on the site, in print and in notebooks."""

import json
from types import SimpleNamespace

import pytest
from sphinx.errors import ExtensionError

from bookext.site import numbers

TOC = """\
format: jb-book
root: book/index
parts:
  - caption: The path
    numbered: true
    chapters:
      - file: book/chapters/one
  - caption: About
    chapters:
      - file: book/chapters/two
      - file: book/pages/extra
"""
EQUATION = "\n:::{math}\n:label: eq-%s\nx = 1\n:::\n\nSee {eq}`eq-here` and {eq}`eq-there-2`.\n"


def environment(**kinds):
    return SimpleNamespace(toc_fignumbers=kinds, toc_secnumbers={"one": {"": (3,), "#a": (3, 2)}})


def test_a_chapter_counts_under_its_number_and_a_page_under_its_letter() -> None:
    env = environment(
        one={"displaymath": {"a": (3, 1, 1), "b": (3, 2, 1)}, "exercise": {"c": (9,)}},
        samplers={"displaymath": {"d": (6,), "e": (7,)}, "figure": {"f": (4,)}})
    assert numbers.number_pages(None, env) == ["one", "one", "samplers", "samplers"]
    assert env.toc_fignumbers == {
        "one": {"displaymath": {"a": (3, 1), "b": (3, 2)}, "exercise": {"c": (3, 1)}},
        "samplers": {"displaymath": {"d": ("S", 1), "e": ("S", 2)}, "figure": {"f": ("S", 1)}}}
    assert numbers.number_pages(None, env) == []


def test_two_pages_that_number_something_may_not_share_a_letter() -> None:
    env = environment(**{"p/samplers": {"figure": {"a": (1,)}}, "sets": {"figure": {}}})
    numbers.number_pages(None, env)  # nothing on the second page has a number
    env.toc_fignumbers["sets"]["figure"]["b"] = (2,)
    with pytest.raises(ExtensionError, match="sets and p/samplers would both number .* S.1"):
        numbers.number_pages(None, env)


@pytest.fixture
def lettered(built):
    (built.root / "_toc.yml").write_text(TOC, "utf-8")
    pages = {"chapters/one": "here", "chapters/two": "there", "pages/extra": "extra"}
    for page, label in pages.items():
        path = built.root / "book" / f"{page}.md"
        path.parent.mkdir(exist_ok=True)
        old = path.read_text("utf-8") if path.exists() else "# Extra\n"
        path.write_text(old + EQUATION % label + EQUATION.replace("%s", f"{label}-2"), "utf-8")
    return built


@pytest.mark.slow
def test_site_and_notebooks(lettered) -> None:
    result = lettered.build()
    assert result.returncode == 0, result.stderr
    html = lettered.root / "_build" / "html" / "book"
    for page, first in (("chapters/one", "1"), ("chapters/two", "T"), ("pages/extra", "E")):
        text = (html / f"{page}.html").read_text("utf-8")
        for k in (1, 2):
            assert f'class="eqno">({first}.{k})' in text
        assert "(1.1)</a>" in text and "(T.2)</a>" in text
    notebook = json.loads((html.parent / "_sources/book/chapters/two.ipynb").read_text("utf-8"))
    text = "".join("".join(cell["source"]) for cell in notebook["cells"])
    assert r"\tag{T.1}" in text and "[(T.2)](#equation-eq-there-2)" in text and "[(1.1)](" in text


@pytest.mark.slow
def test_print(lettered) -> None:
    result = lettered.build(builder="latex")
    assert result.returncode == 0, result.stderr
    (tex,) = (lettered.root / "_build" / "latex").glob("*.tex")
    text = tex.read_text("utf-8")
    commands = [r"\booknumbered", r"\chapter{One}", r"\booklettered{T}", r"\chapter{Two}",
                r"\booklettered{E}", r"\chapter{Extra}"]
    places = [text.index(command, text.index(r"\begin{document}")) for command in commands]
    assert places == sorted(places)
    assert r"\def\theequation{\bookprefix.\arabic{equation}}" in text.replace("\n", "")
