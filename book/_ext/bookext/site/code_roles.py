"""Listings as a reader reads them: the roles of a docstring stand there as what they point to.

A docstring names an equation by its label and a function by its path, for the API's pages. Shown as
code nobody resolves them, and ``(:eq:`eq-repath`)`` says less to a reader than (4.21).
"""

import re

from docutils import nodes

from .numbers import number_of

EQUATION = re.compile(r"\(:eq:`([^`]+)`\)|:eq:`([^`]+)`")
NAME = re.compile(r":(?:py:)?(?:func|class|meth|mod|data|attr|exc|obj):`(?:~(?:\w+\.)*)?([^`<>]+)`")


def resolved(code: str, env) -> str:
    """The code with each equation's number, and each name without its path."""
    code = EQUATION.sub(lambda match: f"({number_of(env, match[1] or match[2])})", code)
    return NAME.sub(r"\1", code)


def show(app, doctree, docname: str) -> None:
    for block in doctree.findall(nodes.literal_block):
        code = block.astext()
        if (shown := resolved(code, app.env)) != code:
            block.rawsource = shown
            block.children = []
            block += nodes.Text(shown)


def setup(app):
    app.connect("doctree-resolved", show)
