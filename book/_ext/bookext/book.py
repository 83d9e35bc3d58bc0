"""Where things are in a book: the one place that knows the layout of the repository."""

import tomllib
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import nbformat
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig
from sphinx_external_toc.parsing import parse_toc_yaml

PACKAGE = "diffusionbook"
SYNTAX = MdParserConfig(enable_extensions={"amsmath", "colon_fence", "deflist", "dollarmath"})
LANGUAGE = {"name": "python", "pygments_lexer": "ipython3"}


@dataclass(frozen=True)
class Book:
    """A repository with a table of contents, a package under ``code/`` and committed outputs."""

    root: Path

    @property
    def code(self) -> Path:
        return self.root / "code"

    @property
    def package(self) -> Path:
        return self.code / PACKAGE

    @property
    def committed(self) -> Path:
        """Executed outputs that git keeps."""
        return self.root / "book" / "_outputs"

    @property
    def local(self) -> Path:
        """Executed outputs of this checkout alone, for an author's previews."""
        return self.root / "_build" / "outputs"

    @property
    def phone(self) -> Path:
        """Second layouts of figures, until the site takes them."""
        return self.root / "_build" / "phone"

    @property
    def version(self) -> str:
        """Of the package and the pages; empty in a book without a package."""
        path = self.root / "pyproject.toml"
        told = tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
        return told.get("project", {}).get("version", "")

    def source(self, docname: str) -> Path:
        return self.root / f"{docname}.md"

    def pages(self) -> list[str]:
        """Names of the pages in the table of contents whose sources are there."""
        site = parse_toc_yaml(self.root / "_toc.yml")
        return [name for name in sorted(site) if self.source(name).is_file()]

    def chapters(self) -> list[str]:
        """Names of the pages in the table of contents that hold code cells."""
        return [name for name in self.pages() if self.is_chapter(name)]

    def numbered(self) -> list[str]:
        """Names of the numbered chapters, in reading order."""
        site = parse_toc_yaml(self.root / "_toc.yml")
        return [str(page) for part in site.root.subtrees if part.numbered for page in part.items]

    def is_chapter(self, docname: str) -> bool:
        path = self.source(docname)
        return path.is_file() and is_myst_markdown_notebook(path.read_text("utf-8"))

    def read(self, docname: str) -> nbformat.NotebookNode:
        """The chapter as a notebook without outputs."""
        return read_source(self.source(docname).read_text("utf-8"))


def read_source(text: str) -> nbformat.NotebookNode:
    """A MyST text as a notebook without outputs, which the caller may change."""
    return deepcopy(_parsed(text))


@lru_cache(maxsize=64)  # a build asks for a chapter many times
def _parsed(text: str) -> nbformat.NotebookNode:
    notebook = read_myst_markdown_notebook(text, config=SYNTAX, add_source_map=True)
    notebook.metadata["language_info"] = nbformat.from_dict(LANGUAGE)
    return notebook


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


GENERATED: set[Path] = set()  # pages that this build wrote, which no repository holds


def write_if_changed(path: Path, text: str) -> None:
    """Write a generated page; leave it alone if it is the same, so that it is not read again."""
    GENERATED.add(path)
    if not path.is_file() or path.read_text("utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def generate(app, docname: str, page: Callable[[Book], str]) -> None:
    """Have a page written, from the book alone, before the table of contents looks for its file."""
    def write(app, config) -> None:
        book = Book(Path(app.srcdir))
        write_if_changed(book.source(docname), page(book))

    app.connect("config-inited", write, priority=100)
