"""The BibTeX entry of the book, from CITATION.cff, where a page says ``{bibtex}``."""

from pathlib import Path

import yaml
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from . import repository

SOURCE = "CITATION.cff"


def bibtex(told: dict) -> str:
    """An entry from what a citation file tells."""
    year = str(told["date-released"])[:4]
    authors = " and ".join(f"{{{author['name']}}}" for author in told["authors"])
    fields = {"title": f"{{{told['title']}}}", "author": authors, "year": year,
              "version": told["version"], "url": told["url"]}
    rows = ",\n".join(f"  {name:<7} = {{{value}}}" for name, value in fields.items())
    return f"@book{{{''.join(told['title'].lower().split())}{year},\n{rows}\n}}"


class Bibtex(SphinxDirective):
    def run(self):
        path = Path(self.env.srcdir, SOURCE)
        self.env.note_dependency(str(path))
        told = repository.moved(self.config, path.read_text("utf-8"))
        entry = bibtex(yaml.safe_load(told))
        return [nodes.literal_block(entry, entry, language="bibtex")]


def setup(app):
    app.add_directive("bibtex", Bibtex)
