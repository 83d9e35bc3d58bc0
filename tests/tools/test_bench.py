"""The budget table says what passes its bound, and a passed bound fails the run."""

import json
from datetime import date
from pathlib import Path

import bench
import pytest


def plant(monkeypatch: pytest.MonkeyPatch, measured: float) -> None:
    row = bench.Row("planted", measured, 10, "s")
    monkeypatch.setattr(bench, "MEASUREMENTS", {"planted": lambda root: [row]})


def test_within_the_bound(monkeypatch, capsys, tmp_path: Path) -> None:
    plant(monkeypatch, 10)
    assert bench.main(["--json", str(tmp_path / "rows.json")]) == 0
    assert "10.0 s      10 s  ok" in capsys.readouterr().out
    held = json.loads((tmp_path / "rows.json").read_text("utf8"))
    assert held["rows"] == [{"what": "planted", "measured": 10, "bound": 10, "unit": "s",
                             "digits": 1, "ok": True}]
    assert "thread" in held["device"] and date.fromisoformat(held["day"])


def test_past_the_bound(monkeypatch, capsys) -> None:
    plant(monkeypatch, 10.1)
    assert bench.main([]) == 1
    assert "10.1 s      10 s  TOO MUCH" in capsys.readouterr().out


def test_shipped_weights_are_added_up(tmp_path: Path) -> None:
    weights = tmp_path / "code" / "diffusionbook" / "weights"
    weights.mkdir(parents=True)
    (weights / "a.safetensors").write_bytes(bytes(20_000_000))
    (weights / "b.safetensors").write_bytes(bytes(15_000_000))
    (row,) = bench.shipped(tmp_path)
    assert row.measured == 35 and not row.ok


def test_a_failing_command_stops_the_run(tmp_path: Path, capsys) -> None:
    with pytest.raises(SystemExit, match="false failed with status 1"):
        bench._run(["false"], tmp_path)
