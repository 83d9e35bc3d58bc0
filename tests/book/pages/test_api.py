"""The index of the API: rooms in their order, and imports that work."""

import re
from pathlib import Path

import pytest

from bookext.book import Book
from bookext.pages import api, rooms

BOOK = Book(Path(__file__).parents[3])


def test_each_module_stands_below_its_room_and_the_rooms_in_their_order():
    text = api.index(api.modules(BOOK))
    names = re.findall(r"<api/([\w.]+)>", text)
    assert sorted(f"diffusionbook.{name}" for name in names) == sorted(api.modules(BOOK))
    assert [name for name in names if "." not in name] == [
        name for name in rooms.ORDER if name != rooms.DOOR]
    heads = re.findall(r"^## .*<api/(.*)>", text, re.MULTILINE)
    below = [name if "." not in name else name.partition(".")[0] for name in names]
    assert heads == list(dict.fromkeys(below))


@pytest.mark.parametrize("line", re.findall(r"`(from [^`]+ import [^`]+)`", api.INTRODUCTION))
def test_its_imports_work(line):
    exec(line, {})


@pytest.mark.parametrize(("line", "escaped"), [
    ("         y.", r"         \y."), ("T.", r"\T."), ("yes.", "yes."), ("y. Or", "y. Or"),
    (":param x: of shape (b, *d).", r":param x: of shape (b, \*d)."),
    (":param x: ``(b, *d)`` here.", ":param x: ``(b, *d)`` here."),
])
def test_marks_that_are_none_are_escaped(line, escaped):
    lines = [line]
    api.escape_marks(None, "function", "f", None, None, lines)
    assert lines == [escaped]
