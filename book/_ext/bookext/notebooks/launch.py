"""The ways out of a page into a running notebook: the buttons for Colab and Binder, and the folder
``notebooks/`` that a JupyterLab opens.

Neither Colab nor JupyterLab can show a chapter's own text, which is MyST: all of them get the
exported notebook. Colab takes it from the branch of the published site. Binder writes it itself:
``.binder/postBuild`` calls the builder below, so that notebook and package are of one commit, the
branch of the site needs no environment of its own, and a clone can be tried before it is published.
"""

from pathlib import Path

from sphinx.builders import Builder
from sphinx.util import logging

from ..book import Book
from ..site import addresses
from .export import write

FOLDER = "notebooks"
log = logging.getLogger(__name__)


def file_name(docname: str) -> str:
    return f"{docname.rpartition('/')[2]}.ipynb"


class Notebooks(Builder):
    """``--builder custom --custom-builder notebooks`` reads the book, writes its notebooks into
    ``notebooks/`` and draws no page. A notebook that is there stays: its reader may have worked
    in it."""

    name = format = FOLDER

    def get_outdated_docs(self):
        return "the notebooks that are missing"

    def write(self, *documents, **options):
        """No page is drawn."""

    def finish(self):
        chapters = Book(Path(self.app.srcdir)).chapters()
        names = [file_name(docname) for docname in chapters]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"two pages would be the notebook {', '.join(sorted(twice))}")
        for docname, name in zip(chapters, names, strict=True):
            path = Path(self.app.srcdir, FOLDER, name)
            if path.exists():
                log.info("%s/%s is there and stays as it is; delete it to get it anew",
                         FOLDER, name)
            else:
                write(self.app, docname, path)


def point_buttons(app, pagename, templatename, context, doctree):
    """Each button opens the exported notebook where its service finds it."""
    for group in context.get("header_buttons", []):
        for button in group.get("buttons", []) if group.get("type") == "group" else []:
            if button.get("text") == "Colab":
                button["url"] = addresses.colab(app, pagename)
            elif button.get("text") == "Binder":
                environment = button["url"].partition("?")[0]
                button["url"] = f"{environment}?urlpath=lab/tree/{FOLDER}/{file_name(pagename)}"


def setup(app):
    app.add_builder(Notebooks)
    app.add_config_value("bookext_site_branch", "gh-pages", "html")
    app.connect("html-page-context", point_buttons, priority=900)
