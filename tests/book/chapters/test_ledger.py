"""No equation without a function and a test; and the ledger sees every kind of gap."""

from pathlib import Path

import pytest

from bookext.book import Book
from bookext.chapters import ledger

ROOT = Path(__file__).resolve().parents[3]
PAGE = """
:::{math}
:label: eq-kept
a = b
:::

~~~{math}
:nowrap:
:label: eq-defined
c
~~~

$$ d $$ (eq-dollars)
"""
CODE = '''\
"""Module."""


def solve(x):
    """By :eq:`eq-kept` and :eq:`that one <eq-dollars>`."""
'''
TESTS = '''\
import pytest


@pytest.mark.equation("eq-kept")
@pytest.mark.equation("eq-dollars")
def test_kept():
    assert True
'''


@pytest.fixture
def book(miniature):
    chapter = miniature.source("book/chapters/one").read_text("utf-8")
    files = {"book/chapters/one.md": chapter + PAGE,
             "code/diffusionbook/solve.py": CODE, "tests/test_solve.py": TESTS,
             "book/definitions.toml": '[eq-defined]\nreason = "It names c."\n'}
    for name, text in files.items():
        path = miniature.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return miniature


def problems(book):
    return ledger.read(book).problems()


def test_the_real_book_has_no_gap():
    found = ledger.read(Book(ROOT))
    assert len(found.equations) > 20, "the book's equations were not found"
    assert not found.problems(), "\n".join(found.problems())


def test_a_whole_ledger(book):
    assert problems(book) == []
    found = ledger.read(book)
    assert set(found.equations) == {"eq-kept", "eq-defined", "eq-dollars"}
    assert found.functions["eq-kept"][0].name == "diffusionbook.solve.solve"
    assert found.tests["eq-kept"][0].line == 6


@pytest.mark.parametrize(("path", "old", "new", "word"), [
    ("code/diffusionbook/solve.py", ":eq:`eq-kept` and ", "", "no docstring"),
    ("tests/test_solve.py", '@pytest.mark.equation("eq-kept")\n', "", "no test"),
    ("tests/test_solve.py", "def test_kept", "@pytest.mark.skip\ndef test_kept", "skipped"),
    ("tests/test_solve.py", "def test_kept",
     '@pytest.mark.skipif(True, reason="no")\ndef test_kept', "skipped"),
    ("tests/test_solve.py", "    assert True", '    pytest.skip("later")', "skipped"),
    ("tests/test_solve.py", "import pytest\n",
     "import pytest\n\npytestmark = [pytest.mark.skip]\n", "skipped"),
    ("tests/test_solve.py", "import pytest\n",
     "import pytest\n\npytest.skip('no', allow_module_level=True)\n", "skipped"),
    ("tests/test_solve.py", '"eq-kept"', '"eq-kept", "eq-gone"', "labels no equation"),
    ("code/diffusionbook/solve.py", "`eq-kept`", "`eq-kept`, :eq:`eq-gone`", "labels no equation"),
    ("book/definitions.toml", "eq-defined", "eq-gone", "labels no equation"),
    ("book/definitions.toml", "It names c.", " ", "no reason"),
    ("book/definitions.toml", "[eq-defined]\nreason", "# ", "no docstring"),
    ("book/chapters/one.md", "(eq-dollars)", "(eq-kept)", "labelled again"),
    ("book/chapters/one.md", "(eq-dollars)", "(dollars)", "start with eq-"),
])
def test_each_gap_is_seen(book, path, old, new, word):
    book.edit(path, old, new)
    assert any(word in problem for problem in problems(book)), problems(book)


def test_a_test_that_is_skipped_somewhere_counts(book):
    book.edit("tests/test_solve.py", "def test_kept",
              '@pytest.mark.skipif(not UNIX, reason="no")\ndef test_kept')
    assert problems(book) == []


def test_marks_of_a_module_and_of_a_class_count(book):
    text = TESTS.replace('@pytest.mark.equation("eq-kept")\n', "").replace(
        "def test_kept", "def test_other")
    text += '\n\n@pytest.mark.equation("eq-kept")\nclass TestIt:\n'
    text += "    def test_it(self):\n        pass\n"
    (book.root / "tests/test_solve.py").write_text(text, "utf-8")
    assert problems(book) == []
    assert ledger.read(book).tests["eq-kept"][0].name == "TestIt::test_it"
