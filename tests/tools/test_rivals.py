"""The comparison with public implementations: what is kept, judged, called reached and printed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import rivals


class Steady:
    """Sees 64 images in each step, and ends after some steps of its own accord."""

    def __init__(self, steps: int) -> None:
        self.steps, self.made = steps, 0

    def train(self) -> Iterator[int]:
        for k in range(self.steps):
            self.made = k + 1
            yield self.made * 64

    def network(self) -> int:
        return self.made


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A processor that spends 10 s between any two looks at its clock."""
    ticks = iter(range(0, 10_000, 10))
    monkeypatch.setattr(rivals.time, "process_time", lambda: float(next(ticks)))


def kept_at(distances: list[float]) -> list[rivals.Kept]:
    return [rivals.Kept(100.0 * (k + 1), k, d) for k, d in enumerate(distances)]


def score(one: rivals.Kept) -> dict[str, float]:
    return {"frechet": one.network}


def test_models_are_kept_at_the_shares_of_the_budget(clock) -> None:
    kept = rivals.train(Steady(1_000), 160.0)
    assert [one.cpu_seconds for one in kept] == [20, 40, 80, 160]
    assert [one.images for one in kept] == [128, 256, 512, 1024]
    assert [one.network for one in kept] == [2, 4, 8, 16]


def test_a_step_longer_than_a_share_is_kept_once(clock) -> None:
    assert [one.cpu_seconds for one in rivals.train(Steady(1_000), 20.0)] == [10, 20]


def test_the_last_model_is_kept_if_training_ends_early(clock) -> None:
    assert [one.cpu_seconds for one in rivals.train(Steady(5), 160.0)] == [20, 40, 50]


@pytest.mark.parametrize(
    "distances, judged, first",
    [
        ([90.0, 25.0, 20.0], [20, 25, 90], 200),
        ([90.0, 80.0, 31.0], [31], None),
        ([30.0, 20.0, 10.0], [10, 20, 30], 100),
    ],
)
def test_judged_backwards_until_one_misses(distances, judged, first) -> None:
    curve = list(rivals.judged(kept_at(distances), score, level=30))
    assert [point["frechet"] for point in curve] == judged
    assert rivals.reached(curve, 30) == first


def planted(path: Path) -> Path:
    def point(cpu: float, frechet: float, **more: float) -> dict[str, float]:
        return {"cpu_seconds": cpu, "images": 100 * cpu, "evaluations": 33.0,
                "sample_cpu_seconds": 0.25, "frechet": frechet, **more}

    setting = {"cpu_seconds": 1180.0, "samples": 2000, "level": 30.0, "judge": "mnist-judge",
               "device": "a processor, 1 thread", "versions": {"one": "1.0"}}
    contestants = {
        "ours": {"note": "by its recipe", "parameters": 1000, "batch": 64, "whole": None,
                 "curve": [point(1180, 16.5, accuracy=0.995), point(590, 22), point(295, 41)]},
        "theirs": {"note": "by its example", "parameters": 2000, "batch": 128, "whole": 472_000,
                   "curve": [point(1180, 312)]},
    }
    held = {"setting": setting, "real": 5.6, "contestants": contestants}
    path.write_text(json.dumps(held), "utf-8")
    return path


def test_the_table(tmp_path: Path, capsys) -> None:
    assert rivals.main(["--json", str(planted(tmp_path / "rivals.json"))]) == 0
    lines = capsys.readouterr().out.splitlines()
    (ours,) = (line.split() for line in lines if line.startswith("ours "))
    assert ours == ["ours", "100.0", "33.0", "0.250", "16.5", "99.5%", "590"]
    (theirs,) = (line for line in lines if line.startswith("theirs "))
    assert theirs.endswith("312.0       –  not reached (best 312.0)")
    assert ("theirs: 2,000 weights; 921 steps of 128 images, 25.0% of its own training; "
            "by its example") in lines
    assert any("1,843 steps of 64 images, all of its own training" in line for line in lines)
    assert lines[-1] == "one 1.0"


def test_nothing_is_measured_yet(tmp_path: Path, capsys) -> None:
    assert rivals.main(["--json", str(tmp_path / "none.json")]) == 0
    assert "make rivals" in capsys.readouterr().out


def test_what_is_installed_is_not_installed_again(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "pins.txt").write_text("\n".join(rivals.PINS), "utf-8")
    monkeypatch.setattr(rivals.subprocess, "run", lambda *a, **k: pytest.fail("pip was called"))
    rivals.install(tmp_path)
