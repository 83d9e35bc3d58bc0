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


def test_past_the_bound(monkeypatch, capsys, tmp_path: Path) -> None:
    plant(monkeypatch, 10.1)
    monkeypatch.setattr(bench, "REASONS", {"planted": "it was planted", "other": "it is not here"})
    assert bench.main(["--json", str(tmp_path / "rows.json")]) == 1
    held = json.loads((tmp_path / "rows.json").read_text("utf8"))
    assert held["why"] == {"planted": "it was planted"}
    assert "10.1 s      10 s  TOO MUCH" in capsys.readouterr().out


def test_shipped_weights_are_added_up(tmp_path: Path) -> None:
    weights = tmp_path / "code" / "diffusionbook" / "weights"
    weights.mkdir(parents=True)
    (weights / "a.safetensors").write_bytes(bytes(20_000_000))
    (weights / "b.safetensors").write_bytes(bytes(15_000_000))
    (row,) = bench.shipped(tmp_path)
    assert row.measured == 35 and not row.ok


def test_trainings_count_for_the_first_chapter_that_uses_them(tmp_path: Path) -> None:
    package, chapters = tmp_path / "code" / "diffusionbook", tmp_path / "book" / "chapters"
    for folder in (package / "weights", package / "results", chapters):
        folder.mkdir(parents=True)
    (package / "weights" / "big.json").write_text('{"seconds": 3000}', "utf8")
    (package / "weights" / "mnist-unet.json").write_text('{"seconds": 5000}', "utf8")
    (package / "results" / "long.json").write_text('{"facts": {"seconds": 3600}}', "utf8")
    (chapters / "01-one.md").write_text('load("big") result("long")', "utf8")
    (chapters / "02-two.md").write_text('load("big") load("mnist-unet")', "utf8")
    rows = {row.what: row for row in bench.training(tmp_path)}
    assert rows["big: trained"].measured == 50 and not rows["big: trained"].ok
    assert rows["mnist-unet: trained"].ok
    assert rows["01-one: trainings, experiments"].measured == 110
    assert rows["02-two: trainings, experiments"].measured == pytest.approx(5000 / 60)


@pytest.mark.parametrize(("picked", "lost"), [("float32", 0), ("bfloat16", 75)])
def test_what_a_wrong_choice_of_arithmetic_costs(picked, lost, monkeypatch) -> None:
    """Steps in bfloat16 take four times as long, and once, in between, no time at all."""
    from diffusionbook.machine import precision
    from diffusionbook.training import loop as train

    now = [0.0]

    def fit(model, data, loss, *, arithmetic, **options):
        for step in range(options["steps"]):
            now[0] += {"float32": 1.0, "bfloat16": 0.0 if step == 3 else 4.0}[arithmetic]
            yield step

    monkeypatch.setattr(train, "fit", fit)
    monkeypatch.setattr(precision, "fastest", lambda device: picked)
    monkeypatch.setattr(bench.time, "process_time", lambda: now[0])
    (row,) = bench.arithmetic(Path())
    assert row.measured == pytest.approx(lost) and row.ok == (picked == "float32")


def test_a_failing_command_stops_the_run(tmp_path: Path, capsys) -> None:
    with pytest.raises(SystemExit, match="false failed with status 1"):
        bench._run(["false"], tmp_path)
