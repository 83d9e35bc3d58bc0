"""Training in the page beside TensorFlow.js: what is compared, and what spoils a comparison."""

import io
import json
import subprocess
import tarfile
from pathlib import Path

import engines
import pytest


def test_the_fastest_backend_counts(monkeypatch) -> None:
    found = {"ours": [60.0, 90.0, 80.0], "cpu": [2.0, 2.0, 2.0], "wasm": [10.0, 9.0, 10.0]}
    monkeypatch.setattr(engines, "measured", lambda root: found)
    (row,) = engines.rows(Path())
    assert row.what.endswith("(wasm)") and row.measured == 8 and row.ok
    assert "6.0 to 10.0 in 3 turns" in row.beside and "cpu 2; wasm 10" in row.beside
    found["wasm"] = [20.0, 20.0, 20.0]
    (row,) = engines.rows(Path())
    assert row.measured == 4 and not row.ok


def test_two_networks_that_are_not_the_same_are_no_comparison() -> None:
    engines.check([[1.0, 1.0005], [0.5, 0.5]])
    with pytest.raises(ValueError, match="losses must be the same in both; at step 1"):
        engines.check([[1.0, 1.0], [0.5, 0.51]])
    with pytest.raises(ValueError, match="at step 0 they are nan"):
        engines.check([[float("nan"), 1.0]])


def packed(monkeypatch, folder: Path, integrity: str) -> None:
    """npm answers with one small package."""
    name, _, version = next(iter(engines.PACKED)).rpartition("@")

    def run(command, **options):
        with tarfile.open(folder / "a.tgz", "w:gz") as file:
            for path in ("package/dist/tf.min.js", "package/dist/other.js", "package/tf.min.js"):
                member = tarfile.TarInfo(path)
                member.size = len(path)
                file.addfile(member, io.BytesIO(path.encode()))
        about = [{"name": name, "version": version, "integrity": integrity, "filename": "a.tgz"}]
        return subprocess.CompletedProcess(command, 0, json.dumps(about))

    monkeypatch.setattr(engines.shutil, "which", lambda name: "npm")
    monkeypatch.setattr(engines.subprocess, "run", run)


def test_only_what_the_page_loads_is_kept(monkeypatch, tmp_path: Path) -> None:
    packed(monkeypatch, tmp_path, next(iter(engines.PACKED.values())))
    engines.fetch(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["tf.min.js"]
    assert (tmp_path / "tf.min.js").read_text("utf8") == "package/dist/tf.min.js"


def test_another_package_is_refused(monkeypatch, tmp_path: Path) -> None:
    packed(monkeypatch, tmp_path, "sha512-other")
    with pytest.raises(ValueError, match="must have the checksum sha512-0TrI.*it has sha512-other"):
        engines.fetch(tmp_path)


def test_without_npm_it_says_so(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(engines.shutil, "which", lambda name: None)
    with pytest.raises(FileNotFoundError, match="npm is missing"):
        engines.fetch(tmp_path)
