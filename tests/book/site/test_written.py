"""What is made of a page is made again when the page is written, and when the code changes."""

import os
from types import SimpleNamespace

import pytest

from bookext.site import written


@pytest.fixture
def made(tmp_path, monkeypatch):
    """(app, path of what was made, the code that made it, which is older)."""
    code, path = tmp_path / "code", tmp_path / "slides.html"
    (code / "room").mkdir(parents=True)
    monkeypatch.setattr(written, "CODE", code)
    for file, when in ((code / "room" / "page.py", 100), (path, 200)):
        file.write_text("x", "utf-8")
        os.utime(file, (when, when))
    app = SimpleNamespace()
    written.begin(app)
    return app, path, code / "room" / "page.py"


def test_it_stands_while_neither_page_nor_code_is_newer(made):
    app, path, code = made
    assert written.stands(app, "one", path)
    written.note(app, "two", "page.html", {}, None)
    assert written.stands(app, "one", path) and not written.stands(app, "two", path)
    os.utime(code, (300, 300))
    assert not written.stands(app, "one", path)


def test_what_is_not_there_is_made(made):
    app, path, _ = made
    path.unlink()
    assert not written.stands(app, "one", path)


def test_each_build_begins_anew(made):
    app, path, _ = made
    written.note(app, "one", "page.html", {}, None)
    written.begin(app)
    assert written.stands(app, "one", path)
