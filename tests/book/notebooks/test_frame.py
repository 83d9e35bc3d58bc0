"""What stands around a chapter in its notebook."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from docutils import nodes

from bookext.book import Book
from bookext.chapters import outputs
from bookext.notebooks import frame

ROOT = Path(__file__).resolve().parents[3]
BOOK = Book(ROOT)
HOME = "https://a.github.io/b/"


@pytest.fixture(scope="module")
def app():
    titles = {name: nodes.title("", Path(name).name) for name in BOOK.pages()}
    config = SimpleNamespace(html_title="Book", html_baseurl=HOME, root_doc="index",
                             bookext_site_branch="gh-pages",
                             html_theme_options={"repository_url": "https://github.com/a/b"})
    return SimpleNamespace(srcdir=ROOT, config=config, env=SimpleNamespace(titles=titles))


@pytest.mark.parametrize("name", BOOK.chapters())
def test_it_says_what_it_takes_and_where_to_go(app, name) -> None:
    source = BOOK.read(name)
    text = frame.opening(app, name, source, outputs.find(BOOK, name, source))
    assert re.search(r"took \d+ (seconds|minutes) and \d\.\d GB of memory \(.+, 1 thread\)", text)
    assert "no GPU" in text and f"({HOME}{name}.html)" in text
    text = frame.closing(app, name, source)
    assert f"issues/new?template=erratum.yml&page={Path(name).name}%20%28https" in text
    assert ("solution" in text) == ("{solution-start}" in BOOK.source(name).read_text("utf-8"))


@pytest.mark.parametrize("name", BOOK.numbered())
def test_it_downloads_what_the_page_says(name) -> None:
    page = BOOK.source(name).read_text("utf-8")
    says = re.search(r"a download of\s12 MB, once", page) is not None
    assert says != (re.search(r"no\sdownloads", page) is not None)
    assert (frame.downloads(BOOK.read(name)) == frame.DOWNLOAD) == says


def test_the_next_page_is_that_of_the_next_chapter(app) -> None:
    first, second, *_, last = BOOK.numbered()
    text = frame.closing(app, first, BOOK.read(first))
    assert f"({HOME}{second}.html)" in text
    assert f"colab.research.google.com/github/a/b/blob/gh-pages/_sources/{second}.ipynb)" in text
    for name in (last, "book/pages/samplers"):
        text = frame.closing(app, name, BOOK.read(name))
        assert f"({HOME})" in text and "Next" not in text


def test_a_page_that_was_not_run_says_so(app, miniature) -> None:
    here = SimpleNamespace(**{**vars(app), "srcdir": miniature.root})
    source = miniature.read("book/chapters/one")
    kept = outputs.find(miniature, "book/chapters/one", source)
    assert "not been run yet" in frame.opening(here, "book/chapters/one", source, kept)
