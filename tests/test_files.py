"""Files: whole or absent, and never trusted unread."""

import os

import pytest
import torch

from diffusionbook import files
from diffusionbook.files import DamagedFile

TENSORS = {"a": torch.arange(6.0).reshape(2, 3), "b": torch.tensor(3, dtype=torch.int64)}


def test_tensors_and_header_come_back_exactly(tmp_path):
    path, header = tmp_path / "x", {"step": 3, "loss": 0.1 + 0.2, "names": ["ä", None]}
    extra = {"half": torch.randn(3).half(), "brain": torch.randn(3).bfloat16(),
             "turned": torch.randn(2, 3).T}
    files.write_tensors(path, TENSORS | extra, header)
    tensors, read = files.read_tensors(path)
    assert read == header
    for name, x in (TENSORS | extra).items():
        assert tensors[name].dtype == x.dtype and torch.equal(tensors[name], x)


@pytest.mark.parametrize("fault", ["fsync", "replace"])
def test_a_write_that_fails_leaves_the_old_file_and_no_litter(fault, tmp_path, monkeypatch):
    path = tmp_path / "x"
    files.write_atomic(path, b"old")

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, fault, fail)
    with pytest.raises(OSError, match="disk full"):
        files.write_atomic(path, b"new")
    assert path.read_bytes() == b"old" and [p.name for p in tmp_path.iterdir()] == ["x"]


def test_the_file_is_synced_before_it_gets_its_name(tmp_path, monkeypatch):
    calls, path = [], tmp_path / "x"
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (calls.append("fsync"), fsync(fd)))
    monkeypatch.setattr(os, "replace", lambda a, b: (calls.append("replace"), replace(a, b)))
    files.write_atomic(path, b"new")
    assert calls == ["fsync", "replace"] and path.read_bytes() == b"new"


def test_a_missing_folder_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        files.write_atomic(tmp_path / "none" / "x", b"")


def test_every_single_flipped_byte_is_noticed(tmp_path):
    path = tmp_path / "x"
    files.write_tensors(path, TENSORS, {"step": 3})
    raw = path.read_bytes()
    good = files.read_tensors(path)
    missed = []
    for i in range(len(raw)):
        path.write_bytes(raw[:i] + bytes([raw[i] ^ 16]) + raw[i + 1 :])
        try:
            tensors, header = files.read_tensors(path)
        except DamagedFile:
            continue
        same = header == good[1] and all(torch.equal(tensors[k], x) for k, x in TENSORS.items())
        missed += [] if same else [i]
    assert missed == []


def test_every_truncation_is_noticed(tmp_path):
    path = tmp_path / "x"
    files.write_tensors(path, TENSORS, {})
    raw = path.read_bytes()
    for length in range(len(raw)):
        path.write_bytes(raw[:length])
        with pytest.raises(DamagedFile):
            files.read_tensors(path)


def test_the_digest_sees_names_types_shapes_and_signs():
    x = torch.tensor([0.0, 1.0])
    others = [{"b": x}, {"a": x.double()}, {"a": x[None]}, {"a": torch.tensor([-0.0, 1.0])}]
    digests = {files.tensor_digest(t) for t in [{"a": x}, *others]}
    assert len(digests) == 5
    assert files.tensor_digest({"a": x, "b": x}) == files.tensor_digest({"b": x, "a": x})


def test_json_is_readable_and_checked(tmp_path):
    path = tmp_path / "x.json"
    files.write_json(path, {"a": [1, 2.5], "β": None})
    assert files.read_json(path) == {"a": [1, 2.5], "β": None} and "β" in path.read_text("utf-8")
    with pytest.raises(ValueError, match="not JSON compliant"):
        files.write_json(path, {"a": float("nan")})
    for text in ("{", "\xff", "[1]"):
        path.write_bytes(text.encode("latin-1"))
        with pytest.raises(DamagedFile, match=r"x\.json"):
            files.read_json(path)
