"""``make offline`` packs all that the pages need, and the same pages into the same file."""

import zipfile
from pathlib import Path

import pytest

import offline


@pytest.fixture
def site(tmp_path: Path) -> Path:
    files = {"index.html": "the door", "book/chapters/one.html": "one", "_static/a.css": "b",
             ".doctrees/one.doctree": "x", ".buildinfo": "y", f"{offline.NAME}.zip": "older"}
    for name, text in files.items():
        path = tmp_path / "html" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path / "html"


def test_pages_lie_in_one_folder_and_the_build_stays_behind(site: Path) -> None:
    assert offline.main(site) == 0
    with zipfile.ZipFile(site.parent / f"{offline.NAME}.zip") as packed:
        assert packed.namelist() == [f"{offline.NAME}/{name}" for name in (
            "_static/a.css", "book/chapters/one.html", "index.html")]
        assert packed.read(f"{offline.NAME}/index.html") == b"the door"


def test_the_same_pages_give_the_same_file(site: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "1.zip", tmp_path / "2.zip"
    offline.write(site, first)
    (site / "index.html").touch()
    offline.write(site, second)
    assert first.read_bytes() == second.read_bytes()


def test_without_a_built_book_it_says_what_to_do(tmp_path: Path, capsys) -> None:
    assert offline.main(tmp_path) == 1
    assert "make book" in capsys.readouterr().err
