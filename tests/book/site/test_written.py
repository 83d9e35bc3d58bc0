"""What is made of a page is made again when the page is written, and all when the code changes."""

from types import SimpleNamespace

import pytest

from bookext.site import written


@pytest.fixture
def app():
    """A build that begins."""
    app = SimpleNamespace()
    written.begin(app)
    return app


def test_it_stands_until_its_page_is_written(app, tmp_path):
    path = tmp_path / "slides.html"
    assert not written.stands(app, "one", path)
    path.write_text("x", "utf-8")
    assert written.stands(app, "one", path)
    written.note(app, "two", "page.html", {}, None)
    assert written.stands(app, "one", path) and not written.stands(app, "two", path)
    written.begin(app)
    assert written.stands(app, "two", path)


@pytest.mark.parametrize("change", [
    lambda code: (code / "room" / "page.py").write_text("other", "utf-8"),
    lambda code: (code / "room" / "page.py").rename(code / "page.py"),
    lambda code: (code / "room" / "new.html").write_text("x", "utf-8"),
])
def test_code_that_changes_writes_every_page(change, tmp_path):
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "page.py").write_text("x", "utf-8")
    (tmp_path / "room" / "page.pyc").write_text("x", "utf-8")
    before = written.digest(tmp_path)
    (tmp_path / "room" / "page.pyc").write_text("y", "utf-8")
    assert written.digest(tmp_path) == before
    change(tmp_path)
    assert written.digest(tmp_path) != before


def test_the_digest_is_a_setting_of_the_pages():
    """Sphinx writes all pages when such a setting is another."""
    settings = {}

    def add(name, value, rebuild, kind) -> None:
        settings[name] = value, rebuild

    written.setup(SimpleNamespace(connect=lambda *_: None, add_config_value=add))
    assert settings == {"bookext_code": (written.digest(written.CODE), "html")}
