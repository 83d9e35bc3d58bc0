"""Files: whole or absent, and never trusted unread."""

import errno
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from diffusionbook.files import tensors as on_disk
from diffusionbook.files import whole
from diffusionbook.files.whole import DamagedFile

TENSORS = {"a": torch.arange(6.0).reshape(2, 3), "b": torch.tensor(3, dtype=torch.int64)}


def test_tensors_and_header_come_back_exactly(tmp_path):
    path, header = tmp_path / "x", {"step": 3, "loss": 0.1 + 0.2, "names": ["ä", None]}
    extra = {"half": torch.randn(3).half(), "brain": torch.randn(3).bfloat16(),
             "turned": torch.randn(2, 3).T}
    on_disk.write_tensors(path, TENSORS | extra, header)
    tensors, read = on_disk.read_tensors(path)
    assert read == header
    for name, x in (TENSORS | extra).items():
        assert tensors[name].dtype == x.dtype and torch.equal(tensors[name], x)


@pytest.mark.parametrize("fault", ["fsync", "replace"])
def test_a_write_that_fails_leaves_the_old_file_and_no_litter(fault, tmp_path, monkeypatch):
    path = tmp_path / "x"
    whole.write_atomic(path, b"old")

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, fault, fail)
    with pytest.raises(OSError, match="disk full"):
        whole.write_atomic(path, b"new")
    assert path.read_bytes() == b"old" and [p.name for p in tmp_path.iterdir()] == ["x"]


def test_the_file_is_synced_before_it_gets_its_name(tmp_path, monkeypatch):
    calls, path = [], tmp_path / "x"
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (calls.append("fsync"), fsync(fd)))
    monkeypatch.setattr(os, "replace", lambda a, b: (calls.append("replace"), replace(a, b)))
    whole.write_atomic(path, b"new")
    assert calls == ["fsync", "replace"] and path.read_bytes() == b"new"


def test_a_missing_folder_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="none/x cannot be written: No such file"):
        whole.write_atomic(tmp_path / "none" / "x", b"")


@pytest.mark.parametrize("fault", ["fsync", "replace"])
def test_a_failure_names_the_file_and_no_temporary_name(fault, tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / ".x.abc.part"))

    monkeypatch.setattr(os, fault, fail)
    with pytest.raises(OSError, match="/x cannot be written: No space left") as caught:
        whole.write_atomic(tmp_path / "x", b"new")
    assert caught.value.errno == errno.ENOSPC and ".part" not in str(caught.value)


KILLED = """
import os, signal, sys
from pathlib import Path
from diffusionbook.files import whole
os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
whole.write_atomic(Path(sys.argv[1]), b"half")
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows kills in another way")
@pytest.mark.parametrize("name", ["x[1].json", "ä" * 120])
def test_what_a_killed_write_left_is_removed_by_the_next(name, tmp_path):
    path, other = tmp_path / name, tmp_path / ".y.abcdefgh.part"
    other.write_bytes(b"of another file")
    done = subprocess.run([sys.executable, "-c", KILLED, path], check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 2 and not path.exists()
    whole.write_atomic(path, b"whole")
    assert sorted(tmp_path.iterdir()) == sorted([path, other]) and path.read_bytes() == b"whole"


def test_a_part_that_is_being_written_is_left_alone(tmp_path, monkeypatch):
    path, fsync = tmp_path / "x", os.fsync

    def meanwhile(handle):
        monkeypatch.setattr(os, "fsync", fsync)
        whole.write_atomic(path, b"second")  # while the first has its bytes and not its name
        fsync(handle)

    monkeypatch.setattr(os, "fsync", meanwhile)
    whole.write_atomic(path, b"first")
    assert path.read_bytes() == b"first" and [p.name for p in tmp_path.iterdir()] == ["x"]


def test_an_empty_part_is_removed_when_it_has_settled(tmp_path):
    part = tmp_path / ".x.abcdefgh.part"
    part.touch()  # as one looks that was made a moment ago
    whole.write_atomic(tmp_path / "x", b"")
    assert part.exists()
    os.utime(part, (1, 1))
    whole.write_atomic(tmp_path / "x", b"")
    assert not part.exists()


def test_many_writers_of_one_file_do_not_disturb_each_other(tmp_path):
    path = tmp_path / "x"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda k: whole.write_atomic(path, bytes([k]) * 1000), range(200)))
    assert len(set(path.read_bytes())) == 1 and [p.name for p in tmp_path.iterdir()] == ["x"]


def test_every_single_flipped_byte_is_noticed(tmp_path):
    path = tmp_path / "x"
    on_disk.write_tensors(path, TENSORS, {"step": 3})
    raw = path.read_bytes()
    good = on_disk.read_tensors(path)
    missed = []
    for i in range(len(raw)):
        path.write_bytes(raw[:i] + bytes([raw[i] ^ 16]) + raw[i + 1 :])
        try:
            tensors, header = on_disk.read_tensors(path)
        except DamagedFile:
            continue
        same = header == good[1] and all(torch.equal(tensors[k], x) for k, x in TENSORS.items())
        missed += [] if same else [i]
    assert missed == []


def test_equal_tensors_and_headers_make_equal_bytes(tmp_path):
    path, written = tmp_path / "x", set()
    turned = dict(reversed(TENSORS.items()))
    for tensors in [TENSORS, turned] * 20:  # two notes in random order would agree with 2^-39
        for header in ({"a": 1, "b": {"c": 2, "d": 3}}, {"b": {"d": 3, "c": 2}, "a": 1}):
            on_disk.write_tensors(path, tensors, header)
            written.add(path.read_bytes())
    assert len(written) == 1


def test_files_with_the_older_notes_are_still_read(tmp_path):
    path, text = tmp_path / "x", '{"step": 3}'
    notes = {"header": text, "sha256": on_disk._seal(TENSORS, text)}
    path.write_bytes(on_disk.tensors_to_bytes(TENSORS, notes))
    tensors, header = on_disk.read_tensors(path)
    assert header == {"step": 3} and torch.equal(tensors["a"], TENSORS["a"])
    path.write_bytes(on_disk.tensors_to_bytes(TENSORS, notes | {"header": '{"step": 4}'}))
    with pytest.raises(DamagedFile, match="SHA-256"):
        on_disk.read_tensors(path)


@pytest.mark.parametrize("notes", [
    {}, {"notes": ""}, {"notes": "[]"}, {"notes": "[" * 100_000}, {"notes": "{}"},
    {"notes": '{"header": 3, "sha256": 4}'}, {"header": "[" * 100_000, "sha256": "x"}, None,
])
def test_notes_of_other_kinds_are_damage(notes, tmp_path):
    path = tmp_path / "x"
    path.write_bytes(on_disk.tensors_to_bytes(TENSORS, notes))
    with pytest.raises(DamagedFile):
        on_disk.read_tensors(path)


def test_every_truncation_is_noticed(tmp_path):
    path = tmp_path / "x"
    on_disk.write_tensors(path, TENSORS, {})
    raw = path.read_bytes()
    for length in range(len(raw)):
        path.write_bytes(raw[:length])
        with pytest.raises(DamagedFile):
            on_disk.read_tensors(path)


def test_the_digest_sees_names_types_shapes_and_signs():
    x = torch.tensor([0.0, 1.0])
    others = [{"b": x}, {"a": x.double()}, {"a": x[None]}, {"a": torch.tensor([-0.0, 1.0])}]
    digests = {on_disk.tensor_digest(t) for t in [{"a": x}, *others]}
    assert len(digests) == 5
    assert on_disk.tensor_digest({"a": x, "b": x}) == on_disk.tensor_digest({"b": x, "a": x})


def test_what_is_no_json_leaves_the_record_as_it_was(tmp_path):
    whole.write_json(tmp_path / "a.json", {"x": 1})
    with pytest.raises(TypeError):
        whole.write_json(tmp_path / "a.json", {"x": object()})
    assert whole.read_json(tmp_path / "a.json") == {"x": 1}


def test_json_is_readable_and_checked(tmp_path):
    path = tmp_path / "x.json"
    whole.write_json(path, {"a": [1, 2.5], "β": None})
    assert whole.read_json(path) == {"a": [1, 2.5], "β": None} and "β" in path.read_text("utf-8")
    with pytest.raises(ValueError, match="not JSON compliant"):
        whole.write_json(path, {"a": float("nan")})
    for text in ("{", "\xff", "[1]", "[" * 100_000):
        path.write_bytes(text.encode("latin-1"))
        with pytest.raises(DamagedFile, match=r"x\.json"):
            whole.read_json(path)
