"""``{formula} LABEL``: an equation of the book once more, with its number and a few words.

Its TeX is taken from the page where it stands, so that a sheet of formulas says what the book says.
"""

from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective


def markdown(label: str, tex: str, words: str) -> str:
    """The words, the number, which links to where the equation stands, and the equation."""
    return f"{words} {{eq}}`{label}`\n\n```{{math}}\n{tex}\n```\n"


class Formula(SphinxDirective):
    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        app, label = self.env.app, self.arguments[0]
        if label not in app.bookext_tex:
            raise self.error(f"formula: no page labels an equation {label}")
        tex, place = app.bookext_tex[label], app.bookext_ledger.equations[label][0]
        self.env.note_dependency(str(Path(self.env.srcdir, place.file)))
        lines = markdown(label, tex, " ".join(self.content)).splitlines()
        node = nodes.container(classes=["formula"])
        self.state.nested_parse(StringList(lines, self.get_source_info()[0]),
                                self.content_offset, node)
        return [node]


def setup(app):
    app.add_directive("formula", Formula)
