"""Sphinx's LaTeX builder with the contents of a book: chapters, reference, solutions, bibliography.

``print_reference`` in the configuration names the pages that follow the chapters, in their order.
The other pages without a number are left to the site, and so is the text of the landing page.
"""

from docutils import nodes
from sphinx import addnodes
from sphinx.builders.latex import LaTeXBuilder
from sphinx.util.console import darkgreen
from sphinx.util.nodes import inline_all_toctrees
from sphinxcontrib.bibtex.nodes import bibliography

from . import index, solutions, tidy

CAPTION = "For reference"


class PrintedBook(LaTeXBuilder):
    def get_target_uri(self, docname, typ=None):
        """A page that is not printed is reached on the site."""
        if docname in self.docnames or not self.config.html_baseurl:
            return super().get_target_uri(docname, typ)
        return f"{self.config.html_baseurl}{docname}.html"

    def assemble_doctree(self, indexfile, toctree_only, appendices):
        self.docnames = {indexfile}
        tree = self.env.get_doctree(indexfile)
        choose(tree, self.config.print_reference)
        book = inline_all_toctrees(self, self.docnames, indexfile, tree, darkgreen, [indexfile])
        book["docname"] = indexfile
        entries = index.mark(book, self.env)
        listed = [page["docname"] for page in pages(book) if any(page.findall(bibliography))]
        self.env.resolve_references(book, indexfile, self)
        drop_landing_text(book, indexfile)
        solutions.move_to_back(book, pages(book), self.env)
        for page in pages(book):
            if page["docname"] in listed:  # its list is a chapter of its own by now
                page.parent.remove(page)
        tidy.tidy(book)
        if entries:
            book += nodes.raw("", index.PRINT, format="latex")
        return book


def choose(tree, reference: list[str]) -> None:
    """Let the pages without a number be those that are wanted in print."""
    unnumbered = [toc for toc in tree.findall(addnodes.toctree) if not toc.get("numbered")]
    if not reference or not unnumbered:
        return
    first, *others = unnumbered
    for node in (first, first.parent):
        node["caption"] = CAPTION
    first["includefiles"] = list(reference)
    first["entries"] = [(None, docname) for docname in reference]
    for toc in others:
        toc["includefiles"] = toc["entries"] = []


def pages(book) -> list:
    """The printed pages in their order, without the parts of the book, which hold them."""
    return [page for page in book.findall(addnodes.start_of_file)
            if not any(page.findall(addnodes.start_of_file, include_self=False))]


def drop_landing_text(book, indexfile: str) -> None:
    """The landing page says what the title page says, and has buttons."""
    for section in book.findall(nodes.section):
        if section.get("docname") == indexfile:
            section.children = [child for child in section if isinstance(child, nodes.title)]
            return


def setup(app):
    app.add_config_value("print_reference", [], "env")
    app.add_builder(PrintedBook, override=True)
