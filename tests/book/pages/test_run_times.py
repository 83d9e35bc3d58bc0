"""The page of run times shows what was recorded, and says what missed its bound."""

import json
from pathlib import Path

import pytest

from bookext.book import Book
from bookext.chapters import outputs
from bookext.pages import run_times

CHAPTER = "---\njupytext:\n  text_representation:\n    format_name: myst\n" \
          "kernelspec:\n  name: python3\n---\n# One\n\n```{code-cell} python\n1\n```\n"


@pytest.fixture
def book(tmp_path: Path) -> Book:
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: one\n", "utf-8")
    (tmp_path / "one.md").write_text(CHAPTER, "utf-8")
    return Book(tmp_path)


def write(path: Path, held: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(held), "utf-8")


def test_a_page_that_ran_and_one_that_did_not(book: Book) -> None:
    assert "| {doc}`/one` | not run yet |  |" in run_times.page(book)
    cost = {"seconds": 150.0, "peak_mb": 1234, "device": "a CPU, 1 thread"}
    outputs.save(book.committed / "one.ipynb", book.read("one"), "key", cost)
    page = run_times.page(book)
    assert "were\nmade on a CPU, 1 thread. Building" in page
    assert "| {doc}`/one` | 2 minutes | 1.2 GB |" in page
    assert "| all pages | 2 minutes | |" in page
    assert "##" not in page  # no experiments, no measurements


def test_an_experiment(book: Book) -> None:
    write(book.package / "results" / "long.json", {"facts": {"seconds": 600, "device": "a CPU"}})
    write(book.package / "results" / "short.json", {"facts": {"seconds": 60, "device": "a GPU"}})
    page = run_times.page(book)
    assert "measured on a CPU or on a GPU." in page
    assert "| `long` | 10 minutes |\n| `short` | 60 seconds |" in page
