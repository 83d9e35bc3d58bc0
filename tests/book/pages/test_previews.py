"""Every labelled equation can be seen from wherever its number is named."""

import json
from types import SimpleNamespace

from bookext.pages import previews


def test_the_file_holds_each_equation_as_its_page_shows_it() -> None:
    text = previews.script({"eq-a": r"a &= b \\ c &= d", "eq-é": "x < y"})
    held = json.loads(text.removeprefix("window.bookEquations = ").removesuffix(";\n"))
    assert held == {"eq-a": r"\[\begin{split}a &= b \\ c &= d\end{split}\]",
                    "eq-é": r"\[x < y\]"}


def test_it_is_written_where_a_page_looks_for_it(tmp_path) -> None:
    app = SimpleNamespace(builder=SimpleNamespace(format="html"), outdir=tmp_path,
                          bookext_tex={"eq-a": "a = b"})
    previews.write(app, None)
    assert "a = b" in (tmp_path / "_static" / previews.DATA).read_text("utf-8")


def test_a_page_that_names_no_equation_loads_nothing() -> None:
    loaded = []
    app = SimpleNamespace(add_js_file=lambda name, **how: loaded.append(name))
    for body, wanted in (("<p>none</p>", []), ('<a href="x.html#equation-eq-a">(1)</a>',
                                               [previews.SCRIPT])):
        loaded.clear()
        previews.add_script(app, "page", "page.html", {"body": body}, None)
        assert loaded == wanted
