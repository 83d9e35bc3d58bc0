"""What no line may part: a formula and the sign behind it, a number and its deviation.

A browser may break a line on both sides of a formula, whatever stands there: a full stop then
begins a line, and a bracket ends one. Around ± and × a space that does not break stands on the site
and in print, so that a cell of a table does not read “0.91 / ± / 0.03”.
"""

import re

from docutils import nodes

BEHIND = re.compile(r"[.,;:!?)\]”’%]+")
SPACED = re.compile(r" ([±×]) ")
VERBATIM = (nodes.literal, nodes.literal_block, nodes.math, nodes.math_block, nodes.raw)


def keep(app, doctree, docname: str) -> None:
    keep_numbers(doctree)
    if app.builder.format == "html":
        keep_signs(doctree)


def keep_numbers(doctree) -> None:
    for text in list(doctree.findall(nodes.Text)):
        if SPACED.search(text) and not isinstance(text.parent, VERBATIM):
            text.parent.replace(text, nodes.Text(SPACED.sub("\u00a0\\1\u00a0", text)))


def keep_signs(doctree) -> None:
    """Put each formula into one box with the bracket before it and the signs behind it."""
    for formula in list(doctree.findall(nodes.math)):
        parent, place = formula.parent, formula.parent.index(formula)
        before, behind = (parent[i] if 0 <= i < len(parent) and isinstance(parent[i], nodes.Text)
                          else nodes.Text("") for i in (place - 1, place + 1))
        opening = "(" if before.endswith("(") else ""
        signs = found[0] if (found := BEHIND.match(behind)) else ""
        if not opening and not signs:
            continue
        if opening:
            parent[place - 1] = nodes.Text(before[:-1])
        if signs:
            parent[place + 1] = nodes.Text(behind[len(signs):])
        parent[place] = nodes.inline("", "", nodes.Text(opening), formula, nodes.Text(signs),
                                     classes=["formula-and-sign"])


def setup(app):
    app.connect("doctree-resolved", keep)
