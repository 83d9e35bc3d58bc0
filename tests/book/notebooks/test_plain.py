"""MyST becomes Markdown that Jupyter and Colab can show; nothing is lost in silence."""

import pytest

from bookext.notebooks.plain import Plain
from bookext.site.maths import expand

LOOK = {"macros": {"E": r"\mathbb{E}", "norm": r"\lVert #1 \rVert"},
        "coloured": {"xz": ["data", "x_0"], "net": ["learned", "#1"]},
        "colours": {"data": {"light": "#0072B2"}, "learned": {"light": "#107A5A"}}}


class FakePage:
    def link(self, role, target, title):
        return f"[{title or target}]({role})"

    def number(self, label):
        return "1.2"

    def macros(self, tex):
        return expand(LOOK, tex)

    def glued(self, name, form):
        return "| a |\n|:-|\n| 1 |" if form == "markdown" else "0.5"

    def picture(self, directive):
        return f"![{directive.options['alt']}](x)"

    def source(self, directive):
        return f"def {directive.options['pyobject']}(): ..."

    def elsewhere(self, directive):
        return "*elsewhere*"


def plain(text):
    return Plain(FakePage()).text(text)


@pytest.mark.parametrize(("myst", "expected"), [
    ("See {eq}`eq-a` and {ref}`that <label>`.", "See [eq-a](eq) and [that](ref)."),
    ("It is {glue:text}`err`.", "It is 0.5."),
    ("{ref}`a\nb <label>`", "[a b](ref)"),
    ("`{eq}`", "`{eq}`"),
    ("$\\E + \\norm{\\xz}$", "${\\mathbb{E}} + {\\lVert {\\color{#0072B2}{x_0}} \\rVert}$"),
    ("$\\net{\\xz}_t$", "${\\color{#107A5A}{{\\color{#0072B2}{x_0}}}}_t$"),
    ("{math}`\\E x`", "${\\mathbb{E}} x$"),
    ("costs \\$5 and \\$6", "costs \\$5 and \\$6"),
    ("[text](link){.cls}", "[text](link)"),
    ("% a comment\ntext", "text"),
    ("```python\n:::{note}\n```", "```python\n:::{note}\n```"),
    ("(label)=\n# Title", '<a id="label"></a>\n\n# Title'),
])
def test_small_things(myst, expected):
    assert plain(myst) == expected


def test_an_equation_keeps_its_number_and_its_lines():
    text = plain(":::{math}\n:label: eq-a\na &= b \\\\\n&= c\n:::")
    assert '<a id="equation-eq-a"></a>' in text
    assert "\\begin{aligned}\na &= b \\\\\n&= c\n\\end{aligned}\n\\tag{1.2}\n$$" in text


def test_an_equation_with_its_own_environment_is_not_wrapped_again():
    text = plain(":::{math}\n\\begin{aligned} a &= b \\end{aligned}\n:::")
    assert text.count(r"\begin{aligned}") == 1
    text = plain(":::{math}\nA = \\begin{pmatrix} 1 & 2 \\end{pmatrix}\n:::")
    assert r"\begin{aligned}" not in text


def test_a_dropdown_folds_and_what_is_inside_is_translated():
    text = plain("::::{admonition} Proof of {eq}`eq-a`\n:class: dropdown proof\n\n"
                 ":::{note}\nSee {eq}`eq-b`.\n:::\n::::")
    assert text.startswith('<details><summary>Proof of <a href="eq">eq-a</a></summary>\n\n')
    assert "> **Note**\n>\n> See [eq-b](eq)." in text
    assert text.endswith("</details>")


def test_exercises_figures_tables_and_code():
    text = plain(":::{exercise} Derive\n:label: ex-a\nDo it.\n\n```python\nx = 1\n```\n:::\n\n"
                 ":::{solution-start} ex-a\n:label: s\n:class: dropdown\n:::\n\n"
                 ":::{glue:figure} f\n:name: fig-f\n:alt: words\n\nSee it.\n:::\n\n"
                 ":::{glue:md} t\n:format: myst\n:::\n\n"
                 ":::{literalinclude} ../x.py\n:pyobject: f\n:::\n")
    for part in ("> **Exercise 1.2 (Derive)**", "> ```python\n> x = 1\n> ```",
                 "**Solution to [ex-a](ref)**", "![words](x)\n\n**Figure 1.2.** See it.",
                 "| a |\n|:-|\n| 1 |", "```python\ndef f(): ...\n```"):
        assert part in text


def test_an_unknown_directive_is_an_error():
    with pytest.raises(ValueError, match="marquee"):
        plain(":::{marquee}\nx\n:::")
