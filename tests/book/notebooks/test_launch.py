"""The ways out of a page: what the buttons open, and that the page itself opens in JupyterLab."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from bookext.book import Book
from bookext.chapters.new import lay_out
from bookext.notebooks import launch

ROOT = Path(__file__).resolve().parents[3]
EXECUTED = Book(ROOT).chapters()


def front_matter(text: str) -> dict:
    return yaml.safe_load(text.split("---\n")[1])


@pytest.mark.parametrize("name", EXECUTED)
def test_jupytext_can_read_the_kernel_of_every_executed_page(name) -> None:
    """Without a name to show, nbformat calls the notebook invalid and JupyterLab opens nothing."""
    kernel = front_matter(Book(ROOT).source(name).read_text("utf-8"))["kernelspec"]
    assert kernel == {"name": "python3", "display_name": "Python 3"}


def test_and_that_of_a_new_chapter(miniature) -> None:
    (miniature.package / "checks").mkdir()
    (miniature.root / "book" / "definitions.toml").touch()
    page, _ = lay_out(miniature, "10-my-topic")
    new, old = (front_matter(p.read_text("utf-8")) for p in (page, Book(ROOT).source(EXECUTED[0])))
    assert new.pop("description") != old.pop("description")
    assert new == old


def buttons(branch: str = "main") -> dict:
    address = f"https://mybinder.org/v2/gh/example/mini/{branch}?urlpath=lab/tree/book/chapters/one"
    links = [{"text": "Binder", "url": f"{address}.md"}, {"text": "Colab", "url": "…/one.md"},
             {"text": "Thebe"}]
    return {"header_buttons": [{"type": "link", "text": "Binder", "url": "elsewhere"},
                               {"type": "group", "buttons": links}]}


def test_the_buttons_open_the_exported_notebooks() -> None:
    config = SimpleNamespace(bookext_site_branch="gh-pages", html_theme_options={
        "repository_url": "https://github.com/example/mini/"})
    context = buttons()
    launch.point_buttons(SimpleNamespace(config=config), "book/chapters/one", "", context, None)
    binder, colab, thebe = context["header_buttons"][1]["buttons"]
    assert binder["url"] == ("https://mybinder.org/v2/gh/example/mini/main"
                             "?urlpath=lab/tree/notebooks/one.ipynb")
    assert colab["url"] == ("https://colab.research.google.com/github/example/mini/blob/gh-pages/"
                            "_sources/book/chapters/one.ipynb")
    assert thebe == {"text": "Thebe"}
    assert context["header_buttons"][0]["url"] == "elsewhere"


def builder(book: Book, monkeypatch) -> launch.Notebooks:
    monkeypatch.setattr(launch, "write", lambda app, name, path: (
        path.parent.mkdir(exist_ok=True), path.write_text(name, "utf-8")))
    made = launch.Notebooks.__new__(launch.Notebooks)
    made.app = SimpleNamespace(srcdir=str(book.root))
    return made


def test_a_notebook_in_which_somebody_worked_stays(miniature, monkeypatch) -> None:
    work = miniature.root / "notebooks" / "one.ipynb"
    work.parent.mkdir()
    work.write_text("mine", "utf-8")
    builder(miniature, monkeypatch).finish()
    assert work.read_text("utf-8") == "mine"
    assert (work.parent / "two.ipynb").read_text("utf-8") == "book/chapters/two"


def test_two_pages_of_one_name_are_an_error(miniature, monkeypatch) -> None:
    other = miniature.root / "book" / "pages" / "one.md"
    other.parent.mkdir()
    other.write_bytes((miniature.root / "book/chapters/one.md").read_bytes())
    miniature.edit("_toc.yml", "chapters/two", "pages/one")
    with pytest.raises(ValueError, match=r"one\.ipynb"):
        builder(miniature, monkeypatch).finish()


@pytest.mark.slow
def test_the_builder_writes_what_the_site_offers(built) -> None:
    assert built.build().returncode == 0
    result = built.build(builder="notebooks")
    assert result.returncode == 0, result.stdout + result.stderr
    for name in ("one", "two"):
        site = built.root / "_build/html/_sources/book/chapters" / f"{name}.ipynb"
        assert (built.root / "notebooks" / f"{name}.ipynb").read_bytes() == site.read_bytes()
    assert not (built.root / "_build/notebooks/book").exists()
