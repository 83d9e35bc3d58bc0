"""What a page shows of a file starts and ends outside of strings, on every page."""

from pathlib import Path

import pytest

from bookext.book import Book
from bookext.chapters import listings

ROOT = Path(__file__).parents[3]
FILE = '''\
"""Of the module."""


class Net:
    def forward(self, x):
        """One line.

        Two more.
        """
        y = f"""{x}
        end"""
        return y

    def short(self):
        """One line."""
        return 1
'''


@pytest.fixture
def page(tmp_path: Path):
    (tmp_path / "net.py").write_text(FILE, "utf-8")

    def write(options: str, fence: str = ":::") -> Path:
        text = f"# T\n\n{fence}{{literalinclude}} net.py\n{options}{fence}\n\nMore.\n"
        (tmp_path / "page.md").write_text(text, "utf-8")
        return tmp_path / "page.md"

    return write


@pytest.mark.parametrize("options", [
    "", ":pyobject: Net.forward\n", ":pyobject: Net\n", ":pyobject: Net.forward\n:lines: 1-1\n",
    ":pyobject: Net.forward\n:lines: 6-\n:dedent: 8\n", ":lines: 12-\n",
    ":pyobject: Net.forward\n:start-at: y = f\n:dedent: 8\n", ":pyobject: Net.short\n:lines: 2-\n",
    ":pyobject: Net.forward\n:end-before: y = f\n", ":pyobject: Net.short\n:end-at: One line\n",
])
def test_whole_strings_are_no_fault(page, options: str) -> None:
    assert list(listings.faults(page(options))) == []


@pytest.mark.parametrize(("options", "what"), [
    (":pyobject: Net.forward\n:lines: 3-\n", "starts"),
    (":pyobject: Net.forward\n:lines: 5-\n", "starts"),  # the closing quotes alone
    (":pyobject: Net.forward\n:start-after: One line\n", "starts"),
    (":pyobject: Net.forward\n:start-at: Two more\n", "starts"),
    (":lines: 8-\n", "starts"),
    (":pyobject: Net.forward\n:lines: 7-\n", "starts"),  # in a string that is no docstring
    (":pyobject: Net.forward\n:lines: 1-2\n", "ends"),
    (":pyobject: Net.forward\n:end-before: Two more\n", "ends"),
    (":lines: 1-8\n", "ends"),
    (":pyobject: Net.nothing\n", "cannot be read"), (":lines: 1,3\n", "cannot be read"),
])
@pytest.mark.parametrize("fence", [":::", "::::", "```"])
def test_a_cut_string_is_one(page, options: str, what: str, fence: str) -> None:
    ((line, said),) = listings.faults(page(options, fence))
    assert line == 3 and what in said


def test_a_file_that_is_no_python_has_no_docstrings(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text('a {\n  content: """;\n}\n', "utf-8")
    (tmp_path / "p.md").write_text(":::{literalinclude} a.css\n:lines: 2-\n:::\n", "utf-8")
    assert list(listings.faults(tmp_path / "p.md")) == []


def test_a_listing_is_what_sphinx_shows(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(FILE, "utf-8")
    shown = listings.read(tmp_path / "net.py", {"pyobject": "Net.forward", "start-at": "return",
                                                "dedent": "8"})
    assert shown == listings.Listing("return y", 12, 12)
    shown = listings.read(tmp_path / "net.py", {"pyobject": "Net.short", "lines": "2-"})
    assert shown.text == '        """One line."""\n        return 1' and shown.first == 15


def test_no_page_of_this_book_cuts_a_string() -> None:
    book = Book(ROOT)
    seen = [name for name in book.pages()
            if listings.LISTING.search(book.source(name).read_text("utf-8"))]
    assert set(seen) >= {f"book/chapters/{name}" for name in (
        "01-diffusion-basics", "02-generating-images", "04-flow-matching")} | {
        "book/pages/samplers"}
    assert [fault for name in seen for fault in listings.faults(book.source(name))] == []
