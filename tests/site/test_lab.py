"""A reader who comes by Binder, or opens a chapter's text: a real JupyterLab, a real kernel."""

import html
import re
from pathlib import Path
from urllib.parse import urlsplit

import jupytext
import lab
import links
import pytest
import serve

from bookext.book import Book, read_source
from bookext.chapters.key import execution_key
from bookext.site.maths import expand, look

pytestmark = [pytest.mark.browser, pytest.mark.jupyter]
BOOK = Book(Path(__file__).resolve().parents[2])
EXECUTED = BOOK.chapters()
MYST = re.compile(r":::|\{(?:ref|eq|numref|doc|glue|cite|cost|math|py)\b[^}]*\}|^\([\w-]+\)=", re.M)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with lab.start(BOOK.root, tmp_path_factory.mktemp("lab")) as started:
        yield started


@pytest.fixture(scope="module")
def context(browser):
    """One for all pages, so that JupyterLab's own scripts are loaded once."""
    made = browser.new_context(viewport={"width": 1300, "height": 900})
    yield made
    made.close()


def named_by_the_button(docname: str) -> str:
    """The path inside the project that the page's button asks JupyterLab for."""
    page = (serve.BUILT / f"{docname}.html").read_text("utf8")
    address = html.unescape(re.search(r'href="(https://mybinder\.org/[^"]+)"', page)[1])
    return re.search(r"\?urlpath=lab/tree/(.+)$", address)[1]


@pytest.mark.parametrize("docname", EXECUTED)
def test_what_the_button_opens_reads_and_runs(running, context, docname: str) -> None:
    with lab.open_notebook(running, context, named_by_the_button(docname)) as notebook:
        notebook.drawn()
        assert notebook.seen("dialogs") == []
        assert [m[0] for text in notebook.seen("prose") for m in MYST.finditer(text)] == []
        assert notebook.seen("formulas") == []
        source = "".join(notebook.texts())
        assert bool(notebook.seen("colours")) == (r"\color{" in source)
        assert notebook.page.locator("mjx-container").count() >= source.count("$$") / 2
        assert notebook.seen("pictures") == [] and notebook.seen("anchors") == []
        for number in (0, 1):  # the book's own first cell, and the chapter's
            notebook.run(number)
        assert notebook.seen("dialogs") == [] and notebook.seen("complaints") == []


@pytest.mark.parametrize("docname", EXECUTED)
def test_the_text_of_a_chapter_loads_and_runs(running, context, docname: str) -> None:
    with lab.open_notebook(running, context, f"{docname}.md") as notebook:
        assert notebook.seen("dialogs") == []
        notebook.run(0)
        assert notebook.seen("dialogs") == [] and notebook.seen("complaints") == []
        # not how to read it, as the page on running says: here the test above would fail twice
        assert any(map(MYST.search, notebook.seen("prose")))
        text = "".join(notebook.texts())
        if expand(look(BOOK.root), text) != text:
            notebook.wait("formulas().length > 0")


@pytest.mark.parametrize("docname", EXECUTED)
def test_saving_a_chapter_in_jupyterlab_makes_nothing_stale(docname: str) -> None:
    """jupytext writes another front matter; the cells, and so the outputs, stay."""
    text = BOOK.source(docname).read_text("utf8")
    saved = jupytext.writes(jupytext.reads(text, "md"), "md:myst")
    assert saved != text
    keys = {execution_key(BOOK, read_source(source)) for source in (text, saved)}
    assert len(keys) == 1


@pytest.mark.parametrize("docname", EXECUTED)
def test_links_of_a_notebook_lead_to_pages_of_the_site(docname: str) -> None:
    first = (serve.BUILT / "index.html").read_text("utf8")
    home = re.search(r'rel="canonical" href="([^"]+)"', first)[1]
    notebook = (serve.BUILT / "_sources" / f"{docname}.ipynb").read_text("utf8")
    found = set(re.findall(re.escape(home) + r"([^)\s\"\\]*)", notebook))
    assert f"{docname}.html" in found
    for address in found:
        parts = urlsplit(address or "index.html")
        file = serve.BUILT / parts.path
        assert file.is_file(), address
        if parts.fragment:
            assert parts.fragment in links.anchors(file), address
