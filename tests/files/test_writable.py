"""A place is tried before the work, and nothing is left there."""

import os
from pathlib import Path

import pytest

from diffusionbook.files import writable

KINDS = (".png",)


def test_a_good_place_is_left_as_it_was(tmp_path):
    writable.check_file("--out", tmp_path / "x.png", KINDS)
    writable.check_folder("--out", tmp_path, ["x.png"])
    writable.check_folder("--out", tmp_path / "made" / "later", ["x.png"])
    assert not list(tmp_path.iterdir())


def test_an_older_file_is_left_as_it_was(tmp_path):
    (tmp_path / "x.png").write_bytes(b"old")
    writable.check_file("--out", tmp_path / "x.png", KINDS)
    writable.check_folder("--out", tmp_path, ["x.png"])
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [b"old"]


@pytest.mark.parametrize(("name", "said"), [
    ("x.txt", "must end in .png; it is"), ("x", "must end in"), ("none/x.png", "no folder"),
    ("file/x.png", "file is a file; it should be a folder"),
    ("folder.png", "folder.png is a folder; it should be a file"),
    ("a" * 252 + ".png", "name too long"),
])
def test_a_bad_place_for_a_file_is_named(name, said, tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "folder.png").mkdir()
    with pytest.raises((ValueError, OSError)) as caught:
        writable.check_file("--out", tmp_path / name, KINDS)
    assert said.lower() in str(caught.value).lower()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder.png"]


@pytest.mark.parametrize(("name", "said"), [
    ("file", "file is a file"), ("file/sub/sub", "file is a file"),
    ("folder", "x.png is a folder; it should be a file"),
])
def test_a_bad_place_for_a_folder_is_named(name, said, tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "folder" / "x.png").mkdir(parents=True)
    with pytest.raises(ValueError, match=said):
        writable.check_folder("--out", tmp_path / name, ["x.png"])
    with pytest.raises(ValueError, match="no folder"):
        writable.check_folder("--out", tmp_path / "none", [], made=False)


@pytest.mark.parametrize("fault", ["No space left on device", "Permission denied"])
def test_a_place_that_takes_no_bytes_is_named_and_no_temporary_name(fault, tmp_path, monkeypatch):
    def fail(_):
        raise OSError(28, fault)

    monkeypatch.setattr(os, "fsync", fail)
    for check in (lambda: writable.check_file("--out", tmp_path / "x.png", KINDS),
                  lambda: writable.check_folder("--out", tmp_path / "new", [])):
        with pytest.raises(ValueError, match=f"(x.png|new) cannot be written: {fault}$"):
            check()
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no such file system here")
def test_a_file_system_that_holds_no_files_is_refused():
    with pytest.raises(ValueError, match="/proc/x.png cannot be written"):
        writable.check_file("--out", Path("/proc/x.png"), KINDS)
    with pytest.raises(ValueError, match="/dev/null is a device"):
        writable.check_file("--out", Path("/dev/null"), ("",))
